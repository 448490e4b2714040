"""How late packets are, and how long it pays to wait for them."""

from __future__ import annotations

import itertools
import random

import pytest

from intercomd.media.transit import (
    HOLD_S,
    LATELY_S,
    SPREAD_MAX_S,
    STRETCH_WORTH_S2,
    WINDOW_PACKETS,
    WINDOW_S,
    Transit,
)

FIRST_WAIT_S = 0.01


def after(transit: Transit, *times_s: float, start: float = 0.0) -> Transit:
    """A packet every 10 ms with each of these transit times."""
    for count, transit_s in enumerate(times_s):
        transit.arrived(transit_s, 0.01, start + count / 100)
    return transit


def test_steady_line_needs_nothing_but_a_wait_at_first() -> None:
    transit = after(Transit(FIRST_WAIT_S), *[5.0] * 20)
    assert transit.need_s == 5.0 + FIRST_WAIT_S
    assert after(transit, *[5.0] * 20).need_s == 5.0


def test_one_latecomer_is_not_worth_waiting_for_a_tenth_of_them_is() -> None:
    transit = after(Transit(FIRST_WAIT_S), *[0.0] * WINDOW_PACKETS, 0.05)
    assert transit.need_s == 0.0
    assert after(transit, *([0.0] * 9 + [0.05]) * 10).need_s == 0.05


def test_line_that_becomes_slower_is_known_after_few_packets() -> None:
    transit = after(Transit(FIRST_WAIT_S), *[0.0] * WINDOW_PACKETS, *[0.05] * 12)
    assert transit.need_s == 0.05


@pytest.mark.parametrize(
    ("late_s", "kept_s", "given_back_s"),
    [(0.1, HOLD_S, LATELY_S + HOLD_S), (0.02, WINDOW_S, WINDOW_S + HOLD_S)],
)
def test_wait_is_kept_for_a_while_then_given_back(
    late_s: float, kept_s: float, given_back_s: float
) -> None:
    transit = after(Transit(FIRST_WAIT_S), *([0.0, late_s] * 300))
    kept, more = int(99 * kept_s), int(101 * given_back_s + 10)
    after(transit, *[0.0] * kept, start=6.0)
    assert transit.need_s == late_s
    after(transit, *[0.0] * (more - kept), start=6.0 + kept / 100)
    assert transit.need_s == 0.0


def test_the_less_is_wasted_the_longer_the_wait_is_kept() -> None:
    waits_s = []
    for late_s in (0.004, 0.008):
        transit = after(Transit(FIRST_WAIT_S), *([0.0, late_s] * 300))
        waited = 0
        while transit.need_s > 0.0:
            after(transit, 0.0, start=6.0 + waited / 100)
            waited += 1
        waits_s.append(waited / 100 - WINDOW_S)
    small_s, large_s = waits_s
    assert large_s < small_s <= STRETCH_WORTH_S2 / 0.004 + HOLD_S


@pytest.mark.parametrize("seed", range(3))
def test_wait_for_a_steady_jitter_is_steady(seed: int) -> None:
    dice = random.Random(seed)
    transit = Transit(FIRST_WAIT_S)
    needs_s = []
    for number in range(12_000):
        after(transit, abs(dice.gauss(0, 0.02)), start=number / 100)
        needs_s.append(transit.need_s)
    settled = needs_s[1_000:]
    leaps = sum(
        abs(later - sooner) >= 0.005 for sooner, later in itertools.pairwise(settled)
    )
    assert leaps <= 8


def test_nothing_is_waited_for_longer_than_the_limit() -> None:
    transit = after(Transit(FIRST_WAIT_S), *([0.0, 0.1, 0.3] * 100))
    assert transit.spread_s == 0.1 <= SPREAD_MAX_S


def test_half_normal_jitter_of_20_ms_is_worth_about_50_ms() -> None:
    dice = random.Random(1)
    transit = Transit(FIRST_WAIT_S)
    after(transit, *(abs(dice.gauss(0, 0.02)) for _ in range(2_000)))
    assert transit.need_s == pytest.approx(0.05, abs=0.015)


def test_faster_packet_after_a_pause_moves_the_whole_line() -> None:
    transit = after(Transit(FIRST_WAIT_S), *([0.0, 0.03] * 100))
    transit.resumed(-0.02, 0.01, 2.0)
    assert transit.need_s == pytest.approx(0.01)
    assert transit.spread_s == pytest.approx(0.03)


def test_slower_packet_after_a_pause_says_nothing() -> None:
    transit = after(Transit(FIRST_WAIT_S), *([0.0, 0.03] * 100))
    transit.resumed(0.3, 0.01, 2.0)
    assert transit.need_s == 0.03


def test_as_much_sound_is_remembered_of_long_packets_as_of_short_ones() -> None:
    transit = Transit(FIRST_WAIT_S)
    for count in range(300):
        transit.arrived(0.05 if count < 50 else 0.0, 0.06, 0.06 * count)
    assert transit.need_s == 0.0
    assert transit.spread_s == 0.0


def test_line_that_leaps_is_not_waited_for_longer_than_the_limit() -> None:
    transit = after(Transit(FIRST_WAIT_S), *[0.0] * WINDOW_PACKETS, -0.9)
    assert transit.need_s == pytest.approx(-0.9 + SPREAD_MAX_S)


def test_another_timeline_after_a_pause_begins_from_scratch() -> None:
    transit = after(Transit(FIRST_WAIT_S), *([0.0, 0.03] * 100))
    transit.resumed(-20.0, 0.01, 3.0)
    assert transit.need_s == -20.0 + FIRST_WAIT_S


def test_another_timeline_begins_from_scratch() -> None:
    transit = after(Transit(FIRST_WAIT_S), *([0.0, 0.03] * 100), -20_000.0)
    assert transit.need_s == -20_000.0 + FIRST_WAIT_S
    assert transit.packets == 1


def test_a_bounded_wait_stays_between_its_bounds() -> None:
    transit = Transit(0.01)
    transit.bound(0.1, 0.2)
    for number in range(100):
        transit.arrived(0.001 * (number % 5), 0.01, number * 0.01)
    assert transit.spread_s == pytest.approx(0.1)
    transit.bound(0.0, 0.002)
    assert transit.spread_s == pytest.approx(0.002)
