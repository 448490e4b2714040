"""How often something may be done (its clock is passed in): two measures.

A `TokenBucket` forgives bursts and holds in the long run; a `Window` holds exactly.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar


class TokenBucket:
    """Allows `burst` at once and `rate_per_s` for ever."""

    def __init__(self, *, rate_per_s: float, burst: int, now: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = float(burst)
        self._tokens = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Take one token; False when there is none left."""
        refill = (now - self._at) * self._rate_per_s
        self._tokens = min(self._burst, self._tokens + max(refill, 0.0))
        self._at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


@dataclass(frozen=True, slots=True)
class Rate:
    """`most` in any time of this length, which holds its begin but not its end."""

    most: int
    window_s: float = 1.0


class Window:
    """Allows exactly what a `Rate` says, whenever the time is begun."""

    def __init__(self, rate: Rate) -> None:
        self._window_s = rate.window_s
        self._taken: deque[float] = deque(maxlen=rate.most)

    def take(self, now: float) -> bool:
        """Do it once; False when it was done too often."""
        is_full = len(self._taken) == self._taken.maxlen
        if is_full and now - self._taken[0] < self._window_s:
            return False
        self._taken.append(now)
        return True


_Kind = TypeVar("_Kind", bound=Hashable)


class Allowances(Generic[_Kind]):
    """A window for each kind of deed."""

    def __init__(self, rates: Mapping[_Kind, Rate]) -> None:
        self._rates = rates
        self._windows: dict[_Kind, Window] = {}

    def take(self, kind: _Kind, now: float) -> bool:
        """Do it once; False when it was done too often. All is allowed that has
        no rate."""
        rate = self._rates.get(kind)
        if rate is None:
            return True
        return self._windows.setdefault(kind, Window(rate)).take(now)
