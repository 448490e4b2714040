"""So many at once, so many a second; or exactly so many in any second."""

from __future__ import annotations

import pytest

from intercomd.protocol.rate import Allowances, Rate, TokenBucket, Window


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


@pytest.mark.parametrize("rate", [Rate(1, 0.5), Rate(2), Rate(10), Rate(200)])
def test_no_window_of_a_second_holds_more_than_the_rate(rate: Rate) -> None:
    window, ticks = Window(rate), range(4000)
    done = [tick / 1000 for tick in ticks if window.take(tick / 1000)]
    for begin in done:
        in_window = [at for at in done if begin <= at < begin + rate.window_s]
        assert len(in_window) <= rate.most
    assert len(done) == pytest.approx(4 * rate.most / rate.window_s)


def test_what_was_refused_does_not_count() -> None:
    window = Window(Rate(1))
    assert window.take(0.0)
    assert not window.take(0.9)
    assert window.take(1.0)


def test_allowances_keep_each_kind_apart_and_bound_only_what_has_a_rate() -> None:
    allowances = Allowances({"shout": Rate(2)})
    assert [allowances.take("shout", 0.0) for _ in range(3)] == [True, True, False]
    assert allowances.take("shout", 1.0)
    assert all(allowances.take("whisper", 0.0) for _ in range(100))
