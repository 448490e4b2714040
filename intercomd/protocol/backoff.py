"""How long to wait before the next attempt: doubled, capped and jittered.

Chance is passed in, so that a test can say what it is.
"""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """Waits that double from `first_s` to `cap_s`, each shortened by up to a half.

    The jitter keeps stations that lost the same server from coming back as one.
    """

    def __init__(
        self, *, first_s: float, cap_s: float, chance: Callable[[], float]
    ) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._chance = chance
        self._attempts = 0

    def next_s(self) -> float:
        """The wait before the next attempt, in seconds."""
        full_s = min(self._first_s * 2.0 ** min(self._attempts, 30), self._cap_s)
        self._attempts += 1
        return full_s * (0.5 + 0.5 * self._chance())

    def reset(self) -> None:
        """Begin again with the shortest wait: the last attempt worked."""
        self._attempts = 0
