"""The relation of pulls to real time."""

from __future__ import annotations

import pytest

from intercomd.media.pull_clock import PullClock


def pulled(clock: PullClock, times: list[float]) -> PullClock:
    for now in times:
        clock.pulled(now)
    return clock


def test_steady_card_pulls_when_it_is_expected() -> None:
    clock = pulled(PullClock(), [5.0 + n / 100 for n in range(500)])
    assert clock.time_s == pytest.approx(5.0)
    assert clock.time_s + clock.early_s == pytest.approx(9.99)


def test_card_that_pulls_in_pairs_counts_as_the_early_one_of_each() -> None:
    clock = pulled(PullClock(), [n // 2 / 50 for n in range(500)])
    assert clock.time_s + clock.early_s == pytest.approx(4.98 - 0.0, abs=0.001)


def test_rare_early_pull_is_left_out() -> None:
    times = [n / 100 for n in range(1, 401)]
    times[300] -= 0.008
    clock = pulled(PullClock(), times)
    assert clock.early_s == pytest.approx(0.0)


@pytest.mark.parametrize("ppm", [500, -500])
def test_drifting_card_is_followed(ppm: int) -> None:
    period = 0.01 * (1 + ppm * 1e-6)
    clock = pulled(PullClock(), [n * period for n in range(1, 20_001)])
    assert clock.time_s + clock.early_s == pytest.approx(20_000 * period, abs=0.0011)


def test_card_that_stood_still_begins_anew() -> None:
    times = [n / 100 for n in range(1, 300)]
    clock = pulled(PullClock(), [*times, 3.5, 3.51])
    assert clock.time_s + clock.early_s == pytest.approx(3.51)
