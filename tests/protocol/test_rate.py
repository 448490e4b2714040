"""The token bucket: so many at once, so many a second."""

from __future__ import annotations

from intercomd.protocol.rate import Allowances, TokenBucket


def taken(bucket: TokenBucket, tries: int, now: float) -> int:
    return sum(bucket.take(now) for _ in range(tries))


def test_a_burst_passes_at_once_and_no_more() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=3, now=0.0)
    assert taken(bucket, 10, 0.0) == 3


def test_tokens_come_back_with_time() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=3, now=0.0)
    taken(bucket, 3, 0.0)
    assert taken(bucket, 10, 0.25) == 2


def test_a_long_silence_saves_up_no_more_than_a_burst() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=3, now=0.0)
    assert taken(bucket, 10, 3600.0) == 3


def test_the_rate_holds_in_the_long_run() -> None:
    bucket = TokenBucket(rate_per_s=50, burst=200, now=0.0)
    sent = sum(taken(bucket, 10, tick / 100) for tick in range(1001))
    assert 700 - 1 <= sent <= 700


def test_a_clock_that_stands_still_gives_nothing() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=1, now=5.0)
    assert taken(bucket, 3, 5.0) == 1
    assert not bucket.take(5.0)


def test_allowances_keep_each_kind_apart_and_bound_only_what_has_a_rate() -> None:
    allowances = Allowances({"shout": 2})
    assert [allowances.take("shout", 0.0) for _ in range(3)] == [True, True, False]
    assert allowances.take("shout", 0.5)
    assert all(allowances.take("whisper", 0.0) for _ in range(100))
