"""So many per second, with as much of a burst (a token bucket). Pure."""

from __future__ import annotations


class Allowance:
    """Starts full; `take` says how many of those wanted are allowed."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left = per_second
        self._at = 0.0

    def take(self, wanted: int, now: float) -> int:
        """How many of `wanted` are allowed at `now`."""
        refill = (now - self._at) * self._per_second
        self._left = min(self._per_second, self._left + max(0.0, refill))
        self._at = now
        granted = min(wanted, int(self._left))
        self._left -= granted
        return granted
