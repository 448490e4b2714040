"""Frames made louder or quieter. A factor, and a hard edge at full scale."""

from __future__ import annotations

import numpy as np

from intercomd.domain.audio import SILENCE, Frame


def amplified(frame: Frame, gain: float) -> Frame:
    """The frame times `gain` (1.0 as it is, 0.0 silence), held to full scale.

    Hot path: a handful of small arrays; see `tests/media/test_gain.py`.
    """
    if gain == 1.0:
        return frame
    if gain == 0.0:
        return SILENCE
    sound = np.frombuffer(frame, np.int16) * np.float32(gain)
    if gain > 1.0:
        np.minimum(sound, 32767.0, out=sound)
        np.maximum(sound, -32768.0, out=sound)
    return sound.astype(np.int16).tobytes()
