"""What the loudspeaker plays: the room at the station's volume, and its own tones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from intercomd.domain.audio import Frame, Pull
from intercomd.media.gain import amplified
from intercomd.media.mixer import Mixer
from intercomd.station.tones import Tone, frames_of

VOLUME_MAX = 200
_TONE_FRAMES_MAX = 300


class Loudspeaker:
    """Stands between the engine and the card; any thread may call anything.

    volume  0 to 200, 100 is as it is; tones have a volume of their own
    """

    def __init__(self, pull: Pull, tone_volume: Callable[[], int]) -> None:
        """`tone_volume` is asked at each tone: 0 to 100."""
        self.volume = 100
        self._pull = pull
        self._tone_volume = tone_volume
        self._mixer = Mixer()
        self._tones: deque[Frame] = deque(maxlen=_TONE_FRAMES_MAX)

    def play(self, tone: Tone) -> None:
        """Let a tone be heard, after those that sound now."""
        self._tones.extend(frames_of(tone, self._tone_volume()))

    def render(self, plays_at: float) -> Frame:
        """The card's `Pull`. Hot path: nothing is added while no tone sounds."""
        frame = amplified(self._pull(plays_at), self.volume / 100)
        if not self._tones:
            return self._mixer.mix((frame,))
        return self._mixer.mix((frame, self._tones.popleft()))
