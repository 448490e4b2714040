"""One's own voice in one's own headphones: the reference's headphone monitor."""

from __future__ import annotations

from collections import deque

from intercomd.domain.audio import Frame
from intercomd.media.gain import amplified
from intercomd.media.mixer import Mixer

VOLUME = 60
"""The reference's default, of 0 to 200."""

_FRAMES_MAX = 2
"""Of the two cards' phases; more would be an echo to oneself."""


class Sidetone:
    """From the microphone's thread to the loudspeaker's; never more than 20 ms late."""

    def __init__(self) -> None:
        self.is_on = False
        self.gain = VOLUME / 100
        self._mixer = Mixer()
        self._frames: deque[Frame] = deque(maxlen=_FRAMES_MAX)

    def hear(self, frame: Frame) -> None:
        """Take the microphone's frame. Hot path: nothing happens while it is off."""
        if self.is_on:
            self._frames.append(frame)

    def over(self, frame: Frame) -> Frame:
        """The loudspeaker's frame with the oldest frame heard. Hot path likewise."""
        if not self._frames:
            return self._mixer.mix((frame,))
        own = amplified(self._frames.popleft(), self.gain)
        return self._mixer.mix((frame, own))
