"""How a sender's talk begins: after a silence of which little is sent, and with what
was kept back, as before a call was up or a key was pressed. Pure.
"""

from __future__ import annotations

from intercomd.domain.audio import FRAME_S
from intercomd.media.level import SILENT_DBOV

THIN_PACKETS_MAX = 4
"""Where most of a silence is not sent, no more of it than these follow one another."""

_TIMES_REAL = 2.0
"""What was kept back comes at more than twice the speed of talk."""

_SPAN_S = 0.02


class Spurt:
    """The newest spurt of talk, as packets of it come.

    A sender may let go of what it kept in small groups. So it is not the gap between
    two packets that tells, but how much sound came in the last 20 to 40 ms.

    is_after_silence  the next packet of sound begins another
    is_draining       whether the newest packet was kept back, as far as is known
    """

    def __init__(self) -> None:
        self.is_after_silence = False
        self.is_draining = False
        self._since: list[tuple[float, float]] = []
        self._silent_packets = 0
        self._silent_until_s = 0.0

    def begin(self, place_s: float, now: float) -> None:
        """It begins with the packet of this place on the line of time."""
        self.is_after_silence = False
        self.is_draining = True
        self._since = [(place_s, now)]

    def go_on(self, place_s: float, now: float) -> None:
        """The next packet of it came."""
        if not self.is_draining:
            return
        begins_s, began_at = self._since[0]
        self.is_draining = place_s - begins_s > _TIMES_REAL * (now - began_at)
        self._since.append((place_s, now))
        while now - self._since[1][1] >= _SPAN_S:
            del self._since[0]

    def hears_thin_silence(
        self, level: int | None, place_s: float, lasts_s: float
    ) -> bool:
        """Whether a packet of this level (RTP's, in -dBov) stands for a silence of
        which most is not sent. How late it is says little: it is as late as what the
        sender keeps back for the moment of a key's press."""
        if level != SILENT_DBOV:
            self._silent_packets = 0
            return False
        is_next = place_s - self._silent_until_s < FRAME_S
        self._silent_packets = self._silent_packets + 1 if is_next else 1
        self._silent_until_s = place_s + lasts_s
        is_thin = self._silent_packets <= THIN_PACKETS_MAX
        self.is_after_silence = self.is_after_silence or is_thin
        return is_thin
