"""From a contact's edges to what a key does: bounce, hold, latch, long and double.

Pure machines: time is an argument. They do not know pins, nor what actions mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

TAP_S = 0.2
"""A hybrid key that is down for less latches; for longer, it talks while held."""

LONG_S = 0.6
DOUBLE_S = 0.35


class Press(Enum):
    """How a key that does not talk was used."""

    SINGLE = "single"
    LONG = "long"
    DOUBLE = "double"


class KeyMode(Enum):
    """How a talk key talks."""

    HOLD = "hold"
    LATCH = "latch"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class Talk:
    """Begin or end to talk."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class Stuck:
    """The key is down, or latched, for longer than anybody talks."""


class Contact:
    """Follows a contact that bounces: the first edge counts, at once.

    What comes within `bounce_s` of it is looked at when that time is over.
    """

    def __init__(self, bounce_s: float) -> None:
        self.is_closed = False
        self.deadline: float | None = None
        self._bounce_s = bounce_s
        self._is_closed_now = False

    def handle(self, now: float, *, is_closed: bool) -> bool | None:
        """An edge: the contact is closed or open. Returns what changed, or None."""
        self._is_closed_now = is_closed
        return None if self.deadline is not None else self._follow(now)

    def tick(self, now: float) -> bool | None:
        """The deadline has come."""
        if self.deadline is None or now < self.deadline:
            return None
        self.deadline = None
        return self._follow(now)

    def _follow(self, now: float) -> bool | None:
        if self._is_closed_now == self.is_closed:
            return None
        self.is_closed = self._is_closed_now
        self.deadline = now + self._bounce_s if self._bounce_s else None
        return self.is_closed


class TalkKeyMachine:
    """Hold: talks while down. Latch: each press turns. Hybrid: a tap latches until
    the next press, a longer press holds. Whoever talks for `limit_s` is cut off."""

    def __init__(self, mode: KeyMode, *, limit_s: float | None = None) -> None:
        self.deadline: float | None = None
        self._mode = mode
        self._limit_s = limit_s
        self._is_talking = False
        self._down_at: float | None = None
        self._is_ending = False

    def handle(self, now: float, *, is_down: bool) -> list[Talk | Stuck]:
        """The key went down or up."""
        return self._pressed(now) if is_down else self._released(now)

    def tick(self, now: float) -> list[Talk | Stuck]:
        """The deadline has come."""
        if self.deadline is None or now < self.deadline:
            return []
        self._is_ending = True  # its release ends nothing any more
        return [*self._turn(now, is_on=False), Stuck()]

    def give_up(self, now: float) -> list[Talk | Stuck]:
        """The key is taken away: a talk ends, and no release will come."""
        return self._turn(now, is_on=False)

    def _pressed(self, now: float) -> list[Talk | Stuck]:
        self._down_at = now
        self._is_ending = self._is_talking
        return self._turn(now, is_on=not self._is_talking)

    def _released(self, now: float) -> list[Talk | Stuck]:
        down_at, self._down_at = self._down_at, None
        if down_at is None or self._is_ending or self._mode is KeyMode.LATCH:
            return []
        if self._mode is KeyMode.HYBRID and now - down_at < TAP_S:
            return []
        return self._turn(now, is_on=False)

    def _turn(self, now: float, *, is_on: bool) -> list[Talk | Stuck]:
        if is_on == self._is_talking:
            return []
        self._is_talking = is_on
        is_limited = is_on and self._limit_s is not None
        self.deadline = now + (self._limit_s or 0.0) if is_limited else None
        return [Talk(is_on)]


class PressMachine:
    """Tells single, long and double presses apart, as far as somebody asks.

    A single press counts when the key goes down if it can be nothing else, else as
    soon as that is sure.
    """

    def __init__(self, *, has_long: bool = False, has_double: bool = False) -> None:
        self.deadline: float | None = None
        self._has_long = has_long
        self._has_double = has_double
        self._is_down = False
        self._waits_for_second = False

    def handle(self, now: float, *, is_down: bool) -> list[Press]:
        """The key went down or up."""
        was_down, self._is_down = self._is_down, is_down
        if is_down:
            return self._pressed(now)
        return self._released(now) if was_down else []

    def tick(self, now: float) -> list[Press]:
        """The deadline has come."""
        if self.deadline is None or now < self.deadline:
            return []
        self.deadline = None
        self._waits_for_second = False
        return [Press.LONG if self._is_down and self._has_long else Press.SINGLE]

    def _pressed(self, now: float) -> list[Press]:
        if self._waits_for_second:
            self._waits_for_second = False
            self.deadline = None
            return [Press.DOUBLE]
        if self._has_long:
            self.deadline = now + LONG_S
        elif self._has_double:
            self._wait_for_second(now)
        else:
            return [Press.SINGLE]
        return []

    def _released(self, now: float) -> list[Press]:
        if self.deadline is None or self._waits_for_second:
            return []
        if self._has_double:
            self._wait_for_second(now)
            return []
        self.deadline = None
        return [Press.SINGLE]

    def _wait_for_second(self, now: float) -> None:
        self._waits_for_second = True
        self.deadline = now + DOUBLE_S
