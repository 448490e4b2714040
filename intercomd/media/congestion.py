"""Whether a path is too narrow for what is sent over it. Pure.

A queue shows in a round trip that has grown, and stays so. Loss alone does not show
one: Wi-Fi loses with room to spare.
"""

from __future__ import annotations

from math import inf

QUEUE_S = 0.1
"""A round trip this much longer than the shortest one waits in a queue. Jitter, with a
standard deviation of 20 ms, stays below."""

EARLY_S = 0.06
"""So much longer it may be one: reason enough to ask for no more at present."""

SUSTAINED_S = 0.2
"""A stall of Wi-Fi is over by then."""

_FORGET_S_PER_S = 0.002
"""So fast a longer way becomes the usual one."""


class Congestion:
    """Judges from bounds of the round trip whether it `is_queueing`, or maybe begins
    to: `is_late`."""

    def __init__(self) -> None:
        self.is_queueing = False
        self.is_late = False
        self._shortest_s = inf
        self._noted_at = 0.0
        self._since: float | None = None

    def note(self, least_s: float, most_s: float, now: float) -> None:
        """At `now` a round trip took something between these two."""
        forgotten_s = _FORGET_S_PER_S * (now - self._noted_at)
        self._noted_at = now
        self._shortest_s = min(self._shortest_s + forgotten_s, most_s)
        if least_s > self._shortest_s + EARLY_S:
            self.is_late = True
        elif most_s <= self._shortest_s + EARLY_S:
            self.is_late = False
        if least_s > self._shortest_s + QUEUE_S:
            if self._since is None:
                self._since = now
            self.is_queueing = now - self._since >= SUSTAINED_S
        elif most_s <= self._shortest_s + QUEUE_S:
            self._since = None
            self.is_queueing = False
