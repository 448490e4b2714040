"""Keeps a sum of voices below full scale: by a gain, and no sample later.

Pure: one frame after another. A frame is known as a whole before it is played, which
is all the look-ahead that is needed.
"""

from __future__ import annotations

import numpy as np

from intercomd.domain.audio import FRAME_MS, FRAME_SAMPLES, Frame

_FULL_SCALE = 32767.0
CEILING = 0.89 * _FULL_SCALE
_HEADROOM = _FULL_SCALE - CEILING
_ATTACK_SAMPLES_MIN = 48
_RISE = FRAME_MS / 1000

Sum = np.ndarray[tuple[int], np.dtype[np.int32]]
_Sound = np.ndarray[tuple[int], np.dtype[np.float32]]


class Limiter:
    """A gain that falls before a peak, in 1 ms at the least, and rises by 1 a second.

    What the shortest of ramps is too late for, tanh bends; nothing ever clips.
    """

    def __init__(self) -> None:
        self._gain = 1.0

    @property
    def is_idle(self) -> bool:
        """Whether a frame below full scale would pass as it is."""
        return self._gain == 1.0

    def limited(self, total: Sum) -> Frame:
        """The next frame of the sum. Below 89 % of full scale it is exact, unless
        something louder was there just before.

        Hot path: two small arrays while all is quiet.
        """
        peak = float(np.abs(total).max())
        if peak <= CEILING and self._gain == 1.0:
            return total.astype(np.int16).tobytes()
        sound = total.astype(np.float32)
        sound *= self._shares(total, min(1.0, CEILING / max(peak, 1.0)))
        return _bent(sound).astype(np.int16).tobytes()

    def _shares(self, total: Sum, needed: float) -> _Sound:
        """The gain of each sample, so that at the peak it is what is needed."""
        before = self._gain
        if needed >= before:
            self._gain = min(needed, before + _RISE)
            return np.linspace(before, self._gain, FRAME_SAMPLES, dtype=np.float32)
        self._gain = needed
        first_over = int(np.argmax(np.abs(total) * before > CEILING))
        ramp = max(first_over, _ATTACK_SAMPLES_MIN)
        shares = np.full(FRAME_SAMPLES, needed, np.float32)
        shares[:ramp] = np.linspace(before, needed, ramp, dtype=np.float32)
        return shares


def _bent(sound: _Sound) -> _Sound:
    size = np.abs(sound)
    if float(size.max()) <= CEILING:
        return sound
    over = np.maximum(size - np.float32(CEILING), 0) / np.float32(_HEADROOM)
    bent = np.float32(CEILING) + np.float32(_HEADROOM) * np.tanh(over)
    held: _Sound = np.copysign(np.minimum(size, bent), sound)
    return held
