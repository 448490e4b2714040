"""Adds frames into one. Stateless: the limiter is a curve, not an envelope."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from intercomd.domain.audio import SILENCE, Frame

_FULL_SCALE = 32767.0
_KNEE = 0.7 * _FULL_SCALE
_HEADROOM = _FULL_SCALE - _KNEE


def mix(frames: Sequence[Frame]) -> Frame:
    """The sum of `frames`, softly limited; one frame comes back bit for bit.

    Below 70 % of full scale the sum is exact; above, tanh bends it so that it never
    clips (and at the knee neither value nor slope jumps).
    """
    match len(frames):
        case 0:
            return SILENCE
        case 1:
            return frames[0]
        case _:
            total = np.frombuffer(frames[0], np.int16).astype(np.int32)
            for frame in frames[1:]:
                total += np.frombuffer(frame, np.int16)
            return _limited(total).tobytes()


def _limited(
    total: np.ndarray[tuple[int], np.dtype[np.int32]],
) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    size = np.abs(total)
    if int(size.max()) <= _KNEE:
        return total.astype(np.int16)
    bent = _KNEE + _HEADROOM * np.tanh((size - _KNEE) / _HEADROOM)
    return np.where(size <= _KNEE, total, np.sign(total) * bent).astype(np.int16)
