"""A token bucket: how many messages a peer may send (its clock is passed in)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
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


_Kind = TypeVar("_Kind", bound=Hashable)


class Allowances(Generic[_Kind]):
    """A bucket for each kind of deed, which holds as many as a second allows."""

    def __init__(self, rates_per_s: Mapping[_Kind, int]) -> None:
        self._rates_per_s = rates_per_s
        self._buckets: dict[_Kind, TokenBucket] = {}

    def take(self, kind: _Kind, now: float) -> bool:
        """Do it once; False when it was done too often. All is allowed that has
        no rate."""
        rate = self._rates_per_s.get(kind)
        if rate is None:
            return True
        bucket = self._buckets.get(kind)
        if bucket is None:
            bucket = TokenBucket(rate_per_s=rate, burst=rate, now=now)
            self._buckets[kind] = bucket
        return bucket.take(now)
