"""How far ahead a loudspeaker is filled, by what a card was seen to need."""

from __future__ import annotations

import pytest

from intercomd.audio.fill import LEAST_S, LESS_AFTER_S, STEP_S, Fill

MOST_S = 0.03


def play(fill: Fill, since: float, seconds: float, *, least_left_s: float) -> float:
    """Pull for so long, once with `least_left_s` waiting, else with all of it."""
    frames = round(seconds * 100)
    for frame in range(frames):
        left_s = least_left_s if frame == frames // 2 else fill.now_s
        fill.pulled(left_s, since + frame / 100)
    return since + seconds


def test_every_underrun_adds_a_step_up_to_what_the_card_holds() -> None:
    fill = Fill(MOST_S, now=0.0)
    assert fill.now_s == LEAST_S
    fill.underran(1.0)
    assert fill.now_s == pytest.approx(LEAST_S + STEP_S)
    for _ in range(20):
        fill.underran(2.0)
    assert fill.now_s == MOST_S


def test_what_was_not_needed_is_taken_away_again() -> None:
    fill = Fill(MOST_S, now=0.0)
    fill.underran(0.0)
    fill.underran(0.0)
    now = play(fill, 0.0, LESS_AFTER_S + 1, least_left_s=0.008)
    assert fill.now_s == pytest.approx(LEAST_S + STEP_S)
    play(fill, now, LESS_AFTER_S + 1, least_left_s=0.008)
    assert fill.now_s == pytest.approx(LEAST_S)


def test_what_was_nearly_needed_stays() -> None:
    fill = Fill(MOST_S, now=0.0)
    fill.underran(0.0)
    now = 0.0
    for _ in range(10):
        now = play(fill, now, LESS_AFTER_S, least_left_s=0.003)
    assert fill.now_s == pytest.approx(LEAST_S + STEP_S)


def test_it_never_falls_below_its_beginning() -> None:
    fill = Fill(MOST_S, now=0.0)
    play(fill, 0.0, 3 * LESS_AFTER_S, least_left_s=0.007)
    assert fill.now_s == LEAST_S


def test_a_card_that_holds_next_to_nothing_is_filled_as_far_as_it_goes() -> None:
    fill = Fill(0.002, now=0.0)
    assert fill.now_s == 0.002
    fill.underran(0.0)
    play(fill, 0.0, 2 * LESS_AFTER_S, least_left_s=0.002)
    assert fill.now_s == 0.002
