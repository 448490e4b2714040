"""When to leave out or put in 10 ms so that a stream's delay stays near its target.

It measures slack: by how much a packet was early for its turn. The least slack is
what protects against jitter; anything above is delay for nothing. Pure.
"""

from __future__ import annotations

from enum import Enum

from intercomd.domain.audio import FRAME_S

TIGHT_S = 0.004
"""Below this slack the next jitter, or the drift of the clocks, makes a gap."""

ABOVE_S = FRAME_S / 2 + 0.001
"""Slack this far above the target is delay for nothing. Less would not do: a stream
starts, by the phase of the two clocks, up to half a frame above it."""

_WINDOW_S = 0.15
_CHANGE_EVERY_S = 0.1
_PATIENCE_S = 0.2
_MUCH_S = 0.03
_DELAY_WEIGHT = 1 / 8
_UNKNOWN = float("inf")


class Wish(Enum):
    """What would help the delay."""

    NOTHING = "nothing"
    SHORTEN = "shorten"
    LENGTHEN = "lengthen"


class DelayControl:
    """Looks at the last one or two windows of 150 ms; O(1) a packet.

    Between 4 ms and 6 ms above the target nothing is done. That band is wider than
    a frame, so clocks that drift apart cost one change per 10 ms of drift.
    """

    def __init__(self, target_s: float) -> None:
        # Never so near that leaving out a frame makes it tight.
        self._most_s = max(target_s + ABOVE_S, TIGHT_S + FRAME_S + 0.001)
        self._delay_s: float | None = None
        self.settle(0.0)

    @property
    def delay_s(self) -> float:
        """How long packets waited of late."""
        return self._delay_s or 0.0

    def settle(self, now: float) -> None:
        """The sound was cut: what was measured before says nothing any more."""
        self._least = self._least_before = _UNKNOWN
        self._since = self._changed_at = now
        self._wished_at: float | None = None
        self._delay_s = None

    def played(self, slack_s: float, now: float) -> None:
        """A packet that waited `slack_s` had its turn."""
        self._least = min(self._least, slack_s)
        if self._delay_s is None:
            self._delay_s = slack_s
        else:
            self._delay_s += _DELAY_WEIGHT * (slack_s - self._delay_s)

    def wish(self, now: float) -> Wish:
        """What would help at `now`; called for every frame."""
        if now - self._since >= _WINDOW_S:
            self._least_before, self._least = self._least, _UNKNOWN
            self._since = now
        least_s = min(self._least, self._least_before)
        if least_s < TIGHT_S:
            wish = Wish.LENGTHEN
        elif self._least_before < _UNKNOWN and least_s >= self._most_s:
            wish = Wish.SHORTEN
        else:
            self._wished_at = None
            return Wish.NOTHING
        if self._wished_at is None:
            self._wished_at = now
        return wish if now - self._changed_at >= _CHANGE_EVERY_S else Wish.NOTHING

    def can_wait(self, now: float) -> bool:
        """Whether there is time to wait for a quiet frame to change."""
        least_s = min(self._least, self._least_before)
        if least_s >= self._most_s + _MUCH_S:
            return False
        return self._wished_at is None or now - self._wished_at < _PATIENCE_S

    def changed(self, by_s: float, now: float) -> None:
        """The delay is being changed by `by_s`."""
        self._least += by_s
        self._least_before += by_s
        self._changed_at = now
        self._wished_at = None
