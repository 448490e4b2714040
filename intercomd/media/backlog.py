"""Whether what arrives was kept back before it was sent, as before a call was up or a
key was pressed. Pure.
"""

from __future__ import annotations

_TIMES_REAL = 2.0
"""What was kept back comes at more than twice the speed of talk."""

_SPAN_S = 0.02


class Backlog:
    """The beginning of a spurt of talk, as packets of it come.

    A sender may let go of what it kept in small groups. So it is not the gap between
    two packets that tells, but how much sound came in the last 20 to 40 ms.

    is_draining  whether the newest packet was kept back, as far as is known
    """

    def __init__(self) -> None:
        self.is_draining = False
        self._since: list[tuple[float, float]] = []

    def begin(self, place_s: float, now: float) -> None:
        """A spurt begins with the packet of this place on the line of time."""
        self.is_draining = True
        self._since = [(place_s, now)]

    def go_on(self, place_s: float, now: float) -> None:
        """The next packet of the spurt came."""
        if not self.is_draining:
            return
        begins_s, began_at = self._since[0]
        self.is_draining = place_s - begins_s > _TIMES_REAL * (now - began_at)
        self._since.append((place_s, now))
        while now - self._since[1][1] >= _SPAN_S:
            del self._since[0]
