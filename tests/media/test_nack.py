"""Which packets are asked for again, when, and how often at most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.media.nack import ASKS_PER_S, Allowance, GapTracker


def test_gap_is_asked_for_at_once() -> None:
    tracker = GapTracker()
    assert tracker.received(10, 0.0, 0.0) == []
    assert tracker.received(13, 0.01, 0.0) == [11, 12]


def test_gap_across_the_wrap_is_a_gap() -> None:
    tracker = GapTracker()
    tracker.received(65534, 0.0, 0.0)
    assert tracker.received(1, 0.0, 0.0) == [65535, 0]


def test_packet_still_missing_is_asked_for_once_more() -> None:
    tracker = GapTracker()
    tracker.received(10, 0.0, 0.0)
    tracker.received(12, 0.0, 0.0)
    assert tracker.deadline == pytest.approx(0.02)
    assert tracker.due(0.01, 0.0) == []
    assert tracker.due(0.02, 0.0) == [11]
    assert tracker.due(0.05, 0.0) == []
    assert tracker.deadline is None


def test_long_round_trip_delays_the_second_question() -> None:
    tracker = GapTracker()
    tracker.received(10, 0.0, 0.06)
    tracker.received(12, 0.0, 0.06)
    assert tracker.deadline == pytest.approx(0.075)


def test_packet_too_old_to_be_played_is_given_up() -> None:
    tracker = GapTracker()
    tracker.received(10, 0.0, 0.2)
    tracker.received(12, 0.0, 0.2)
    assert tracker.due(0.25, 0.2) == []
    assert tracker.deadline is None


def test_repaired_packet_is_not_asked_for_again() -> None:
    tracker = GapTracker()
    tracker.received(10, 0.0, 0.0)
    tracker.received(12, 0.0, 0.0)
    assert tracker.received(11, 0.01, 0.0) == []
    assert tracker.deadline is None


@pytest.mark.parametrize("jump", [100, 20_000, 40_000])
def test_outage_or_new_stream_is_not_asked_for(jump: int) -> None:
    tracker = GapTracker()
    tracker.received(10, 0.0, 0.0)
    assert tracker.received(10 + jump, 0.0, 0.0) == []
    assert tracker.received(10 + jump + 2, 0.0, 0.0) == [10 + jump + 1]


@given(st.lists(st.integers(0, 65535), max_size=400))
def test_questions_never_become_a_storm(sequences: list[int]) -> None:
    tracker = GapTracker()
    asked = 0
    for count, sequence in enumerate(sequences):
        now = count / 400
        asked += len(tracker.received(sequence, now, 0.0))
        asked += len(tracker.due(now, 0.0))
    assert asked <= 2 * ASKS_PER_S


def test_allowance_refills_with_time() -> None:
    allowance = Allowance(10)
    assert allowance.take(20, 1.0) == 10
    assert allowance.take(1, 1.0) == 0
    assert allowance.take(20, 1.5) == 5
