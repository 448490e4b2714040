"""Which packets are asked for again, when, and what is reported of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.media.gaps import ASKS_PER_S, WINDOW, Gaps


class Stream:
    """A stream's numbers arriving; `asked` is what was asked for at once."""

    def __init__(self, *, patience_s: float = 0.0, span_s: float = 0.0) -> None:
        self.gaps = Gaps()
        self.patience_s = patience_s
        self.span_s = span_s

    def arrives(self, sequence: int, now: float = 0.0, rtt_s: float = 0.0) -> list[int]:
        self.is_new = self.gaps.received(
            sequence, now, patience_s=self.patience_s, span_s=self.span_s
        )
        return self.gaps.due(now, rtt_s)

    def lost(self) -> list[int]:
        losses = self.gaps.losses(7)
        assert losses is not None
        return [losses.newest - k for k in range(losses.count) if losses.lost >> k & 1]


def test_gap_on_a_steady_path_is_asked_for_at_once() -> None:
    stream = Stream()
    assert stream.arrives(10) == []
    assert stream.arrives(13, 0.01) == [11, 12]


def test_gap_across_the_wrap_is_a_gap() -> None:
    stream = Stream()
    stream.arrives(65534)
    assert stream.arrives(1) == [65535, 0]


def test_packet_still_missing_is_asked_for_once_more() -> None:
    stream = Stream()
    stream.arrives(10)
    stream.arrives(12)
    assert stream.gaps.deadline == pytest.approx(0.02)
    assert stream.gaps.due(0.01, 0.0) == []
    assert stream.gaps.due(0.02, 0.0) == [11]
    assert stream.gaps.due(0.05, 0.0) == []
    assert stream.gaps.deadline is None


def test_long_round_trip_delays_the_second_question() -> None:
    stream = Stream()
    stream.arrives(10)
    stream.arrives(12, rtt_s=0.06)
    assert stream.gaps.deadline == pytest.approx(0.075)


def test_nothing_is_asked_for_that_would_come_too_late() -> None:
    stream = Stream()
    stream.arrives(10)
    assert stream.arrives(12, rtt_s=0.2) == []
    assert stream.gaps.deadline is None
    assert stream.lost() == [11]


def test_repaired_packet_is_not_asked_for_again_but_was_lost() -> None:
    stream = Stream()
    stream.arrives(10)
    stream.arrives(12)
    assert stream.arrives(11, 0.01) == []
    assert stream.is_new
    assert stream.gaps.deadline is None
    assert stream.lost() == [11]


def test_packet_only_overtaken_is_neither_asked_for_nor_lost() -> None:
    stream = Stream(patience_s=0.03)
    stream.arrives(10)
    assert stream.arrives(12, 0.01) == []
    assert stream.arrives(11, 0.02) == []
    assert stream.gaps.deadline is None
    assert stream.lost() == []
    assert not stream.gaps.take_alarm()


def test_patience_with_a_packet_overtaken_ends() -> None:
    stream = Stream(patience_s=0.03)
    stream.arrives(10)
    stream.arrives(12, 0.01)
    assert stream.gaps.deadline == pytest.approx(0.04)
    assert stream.gaps.due(0.04, 0.0) == [11]
    assert stream.gaps.take_alarm()


def test_report_ends_before_what_is_not_yet_certain() -> None:
    stream = Stream(patience_s=0.03)
    for sequence in (10, 11, 13):
        stream.arrives(sequence)
    losses = stream.gaps.losses(7)
    assert losses is not None
    assert (losses.newest, losses.count, losses.lost) == (11, 2, 0)


def test_what_a_copy_may_bring_is_asked_for_only_when_it_did_not() -> None:
    stream = Stream(span_s=0.02)
    stream.arrives(10)
    assert stream.arrives(12) == []
    assert stream.gaps.take_alarm()
    assert stream.arrives(13, 0.01) == []
    assert stream.gaps.due(0.02, 0.0) == [11]


def test_what_a_copy_brought_is_not_asked_for_but_was_lost() -> None:
    stream = Stream(span_s=0.02)
    stream.arrives(10)
    stream.arrives(12)
    assert stream.gaps.recovered(11)
    assert stream.gaps.due(0.03, 0.0) == []
    assert stream.gaps.deadline is None
    assert stream.lost() == [11]


def test_each_number_is_handed_on_once() -> None:
    stream = Stream()
    stream.arrives(10)
    assert not stream.gaps.recovered(10)
    stream.arrives(12)
    assert stream.gaps.recovered(11)
    assert not stream.gaps.recovered(11)
    stream.arrives(11)
    assert not stream.is_new


def test_nothing_new_is_reported_twice() -> None:
    stream = Stream()
    stream.arrives(10)
    assert stream.gaps.losses(7) is not None
    assert stream.gaps.losses(7) is None


@pytest.mark.parametrize("jump", [100, 20_000, 40_000])
def test_outage_or_new_stream_is_not_asked_for(jump: int) -> None:
    stream = Stream()
    stream.arrives(10)
    assert stream.arrives(10 + jump) == []
    assert not stream.gaps.take_alarm()
    assert stream.arrives(10 + jump + 2) == [10 + jump + 1]


@given(st.lists(st.integers(0, 65535), max_size=400))
def test_questions_never_become_a_storm(sequences: list[int]) -> None:
    stream = Stream()
    asked = 0
    for count, sequence in enumerate(sequences):
        asked += len(stream.arrives(sequence, count / 400))
    assert asked <= 2 * ASKS_PER_S


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=300))
def test_no_number_is_handed_on_twice(steps: list[tuple[int, bool]]) -> None:
    stream = Stream(patience_s=0.02, span_s=0.03)
    stream.arrives(1000)
    highest, handed_on = 1000, {1000}
    for count, (back, is_copy) in enumerate(steps):
        sequence = highest + 3 - back
        if is_copy:
            is_new = stream.gaps.recovered(sequence)
        else:
            stream.arrives(sequence, count / 100)
            is_new = stream.is_new
            highest = max(highest, sequence)
        assert not (is_new and sequence in handed_on)
        if is_new:
            handed_on.add(sequence)
        losses = stream.gaps.losses(7)
        assert losses is None or 0 < losses.count <= WINDOW
