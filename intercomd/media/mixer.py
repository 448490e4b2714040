"""Adds frames into one that never clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from intercomd.domain.audio import SILENCE, Frame
from intercomd.media.limiter import Limiter


class Mixer:
    """One loudspeaker's mixture, frame after frame."""

    def __init__(self) -> None:
        self._limiter = Limiter()

    def mix(self, frames: Sequence[Frame]) -> Frame:
        """The sum of `frames`, held below full scale by a limiter without delay.

        One frame comes back bit for bit, but for up to half a second after a louder
        sum: then its level comes back smoothly. Hot path.
        """
        if self._limiter.is_idle and len(frames) < 2:
            return frames[0] if frames else SILENCE
        total = np.zeros(len(SILENCE) // 2, np.int32)
        for frame in frames:
            total += np.frombuffer(frame, np.int16)
        return self._limiter.limited(total)
