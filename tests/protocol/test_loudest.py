"""The contest for slots: who talks gets one, and nobody flaps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intercomd.protocol.loudest import (
    HOLD_S,
    LOUDER_DB,
    LOUDER_FOR_S,
    Loudest,
    Switch,
)

TICK_S = 0.1
STREAMS = ["a", "b", "c", "d", "e"]
LEVELS = st.dictionaries(st.sampled_from(STREAMS), st.floats(0, 50))

Plays = dict[str, int | None]


class Listener:
    """One with two slots: a and b have them, the others wait."""

    def __init__(self) -> None:
        self.plays: Plays = {"a": 0, "b": 1, "c": None, "d": None, "e": None}
        self.contest = Loudest()
        self.now = 100.0

    def hear(self, **levels: float) -> list[Switch]:
        """Levels of those who talk, at this moment; what changed."""
        switches = []
        while switch := self.contest.next_switch(self.plays, levels, self.now):
            self.plays[switch.loser], self.plays[switch.winner] = None, switch.slot
            switches.append(switch)
        return switches

    def hear_for(self, seconds: float, **levels: float) -> list[Switch]:
        """The same for so long, ten times a second."""
        switches = []
        for _ in range(round(seconds / TICK_S)):
            switches += self.hear(**levels)
            self.now += TICK_S
        return switches

    @property
    def heard(self) -> set[str]:
        return {stream for stream, slot in self.plays.items() if slot is not None}


def test_who_talks_takes_the_slot_of_one_who_is_silent_at_once() -> None:
    listener = Listener()
    assert listener.hear(a=20, c=45) == [Switch(1, "c", "b")]


def test_the_one_silent_longest_goes_first() -> None:
    listener = Listener()
    listener.hear_for(1, a=20)
    listener.hear_for(1, b=20)
    assert listener.hear(c=30) == [Switch(0, "c", "a")]


def test_silence_moves_nobody() -> None:
    listener = Listener()
    assert listener.hear_for(2) == []
    assert listener.hear_for(2, a=20) == []


def test_several_may_begin_at_once() -> None:
    listener = Listener()
    listener.hear(c=20, d=30, e=40)
    assert listener.heard == {"c", "d"}


def test_while_all_talk_only_who_is_clearly_louder_for_long_enough_gets_in() -> None:
    listener = Listener()
    assert listener.hear_for(5, a=20, b=30, c=30 - LOUDER_DB + 0.1) == []
    assert listener.hear_for(LOUDER_FOR_S, a=20, b=30, c=30 - LOUDER_DB) == []
    listener.now += 0.01
    assert listener.hear(a=20, b=30, c=30 - LOUDER_DB) == [Switch(1, "c", "b")]


def test_a_short_shout_gets_nobody_in() -> None:
    listener = Listener()
    for _ in range(5):
        assert listener.hear_for(LOUDER_FOR_S - TICK_S, a=20, b=30, c=10) == []
        assert listener.hear_for(TICK_S, a=20, b=30, c=28) == []


@given(st.lists(LEVELS, max_size=60))
def test_two_streams_are_never_in_one_slot(course: list[dict[str, float]]) -> None:
    listener = Listener()
    for levels in course:
        listener.hear(**levels)
        listener.now += TICK_S
        carried = sorted(s for s in listener.plays.values() if s is not None)
        assert carried == [0, 1]


@given(st.lists(LEVELS, max_size=60))
def test_who_talks_on_keeps_a_slot_it_took_for_the_hold_time(
    course: list[dict[str, float]],
) -> None:
    listener = Listener()
    took_at: dict[str, float] = {}
    for levels in course:
        for switch in listener.hear(**levels):
            held_s = listener.now - took_at.get(switch.loser, 0.0)
            assert switch.loser not in levels or held_s >= HOLD_S
            took_at[switch.winner] = listener.now
        listener.now += TICK_S


@given(st.lists(LEVELS, max_size=20), LEVELS)
def test_in_the_end_the_loudest_are_heard(
    course: list[dict[str, float]], levels: dict[str, float]
) -> None:
    listener = Listener()
    for each in course:
        listener.hear(**each)
        listener.now += TICK_S
    listener.hear_for(10, **levels)
    assert listener.hear_for(2, **levels) == []
    waiting = [level for s, level in levels.items() if s not in listener.heard]
    heard = [levels.get(s, 127.0) for s in listener.heard]
    assert not waiting or max(heard) < min(waiting) + LOUDER_DB
