"""How loud a frame is, as RTP says it: in -dBov. A meter without memory."""

from __future__ import annotations

import math

import numpy as np

from intercomd.domain.audio import Frame

SILENT_DBOV = 127.0
"""The quietest level that the RTP extension can say (RFC 6464)."""

_FULL_SCALE = 32767.0


def rms_dbov(frame: Frame) -> float:
    """How far the frame's RMS is below a full-scale square wave, in dB.

    0.0 is loudest, 127.0 silence.
    """
    samples = np.frombuffer(frame, np.int16).astype(np.float32)
    power = float(samples @ samples)
    if power == 0.0:
        return SILENT_DBOV
    below_db = -10.0 * math.log10(power / (samples.size * _FULL_SCALE * _FULL_SCALE))
    return min(max(0.0, below_db), SILENT_DBOV)
