"""Half duplex for a speakerphone: who is heard first has the word.

A pure machine; its time is counted in frames.
"""

from __future__ import annotations

import numpy as np

from intercomd.audio.samples import Floats, Samples
from intercomd.domain.audio import FRAME_MS, FRAME_SAMPLES

ATTENUATION_DB = 30.0
HANG_OVER_MS = 300

_LEAST = np.float32(10 ** (-ATTENUATION_DB / 20))
_TALKS_ABOVE = np.float32(32768 * 10 ** (-45 / 20))
_HANG_OVER_FRAMES = HANG_OVER_MS // FRAME_MS
_RISES = np.float32(10 ** (ATTENUATION_DB / 20 / 10))  # back in ten frames


class Ducking:
    """Turns the microphone down while the loudspeaker talks, and HANG_OVER_MS longer:
    a sound that went round once comes back too faint to howl."""

    def __init__(self) -> None:
        self._gain = np.float32(1.0)
        self._hang_over = 0

    def process(self, near: Samples, far: Floats) -> Samples:
        """Return the frame as loud as it may be while `far` is heard. Hot path."""
        if float(far @ far) > _TALKS_ABOVE * _TALKS_ABOVE * FRAME_SAMPLES:
            self._hang_over = _HANG_OVER_FRAMES
        elif self._hang_over:
            self._hang_over -= 1
        elif self._gain == 1.0:
            return near
        before = self._gain
        wanted = _LEAST if self._hang_over else np.float32(1.0)
        self._gain = min(wanted, before * _RISES)
        gains = np.linspace(before, self._gain, FRAME_SAMPLES, dtype=np.float32)
        ducked: Samples = np.rint(near * gains).astype(np.int16)
        return ducked
