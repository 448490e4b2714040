"""What is played where there is nothing to play: guesses that fade into noise.

It does not know why sound is missing nor for how long.
"""

from __future__ import annotations

from intercomd.domain.audio import FRAME_SAMPLES, Frame
from intercomd.media.comfort_noise import ComfortNoise
from intercomd.media.fade import blended
from intercomd.media.opus import Decoder

GUESSES_MAX = 6
"""Frames: after 60 ms without sound a guess at it is worse than noise."""

_FULL_GUESSES = 2
_RESUME_SAMPLES = 240


class Concealment:
    """Goes on with a stream's sound, and back to it without a click."""

    def __init__(self, decoder: Decoder) -> None:
        self.guesses = 0
        self._decoder = decoder
        self._noise = ComfortNoise()
        self._gain = 0.0

    @property
    def background_dbov(self) -> float | None:
        """How loud the stream's background is, as far as it was heard."""
        return self._noise.level_dbov

    @property
    def is_spent(self) -> bool:
        """Whether another guess would be worse than noise."""
        return self.guesses >= GUESSES_MAX

    def begin(self) -> None:
        """Sound is to come up from silence or noise."""
        self.guesses = 0
        self._gain = 0.0

    def forget(self) -> None:
        """Another stream comes."""
        self.begin()
        self._noise.forget()

    def forget_background(self) -> None:
        """The stream ended: no noise any more."""
        self._noise.forget()

    def guess(self) -> bytes:
        """10 ms that continue the sound: two at full strength, then fading."""
        self.guesses += 1
        pcm = self._decoder.conceal(FRAME_SAMPLES)
        if self.guesses <= _FULL_GUESSES and self._gain == 1.0:
            return pcm
        fading = GUESSES_MAX - _FULL_GUESSES
        gain = max(0.0, min(self._gain, (GUESSES_MAX - self.guesses) / fading))
        before, self._gain = self._gain, gain
        return blended(pcm, self._noise.frame(), before, gain, FRAME_SAMPLES)

    def noise(self) -> Frame | None:
        """10 ms of background, or None if the stream is over or was silent."""
        return self._noise.frame()

    def resumed(self, pcm: bytes) -> bytes:
        """Real sound: up from where the guesses had faded to, within 5 ms."""
        self.guesses = 0
        if self._gain < 1.0:
            under = self._noise.frame() if self._noise.is_running else None
            pcm = blended(pcm, under, self._gain, 1.0, _RESUME_SAMPLES)
            self._gain = 1.0
        return pcm

    def learn(self, frame: Frame, level: int | None) -> None:
        """Note real sound that was played: its background is what noise is like."""
        self._noise.learn(frame, level)
