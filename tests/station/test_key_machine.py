"""The key tables: what each way of pressing does, row by row."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.station.key_machine import (
    Contact,
    KeyMode,
    Press,
    PressMachine,
    Stuck,
    Talk,
    TalkKeyMachine,
)

ON, OFF = Talk(is_on=True), Talk(is_on=False)

Edge = tuple[float, bool]


def talked(mode: KeyMode, *edges: Edge, limit_s: float | None = None) -> list[object]:
    """What the key did at each edge, and when its deadlines came."""
    machine = TalkKeyMachine(mode, limit_s=limit_s)
    told: list[object] = []
    for at, is_down in edges:
        while machine.deadline is not None and machine.deadline <= at:
            told += machine.tick(machine.deadline)
        told += machine.handle(at, is_down=is_down)
    while machine.deadline is not None:
        told += machine.tick(machine.deadline)
    return told


@pytest.mark.parametrize(
    ("mode", "edges", "told"),
    [
        (KeyMode.HOLD, [(0, True)], [ON]),
        (KeyMode.HOLD, [(0, True), (0.05, False)], [ON, OFF]),
        (KeyMode.HOLD, [(0, True), (9, False)], [ON, OFF]),
        (KeyMode.LATCH, [(0, True), (0.05, False)], [ON]),
        (KeyMode.LATCH, [(0, True), (9, False)], [ON]),
        (KeyMode.LATCH, [(0, True), (1, False), (2, True)], [ON, OFF]),
        (KeyMode.LATCH, [(0, True), (1, False), (2, True), (3, False)], [ON, OFF]),
        (KeyMode.HYBRID, [(0, True), (0.19, False)], [ON]),
        (KeyMode.HYBRID, [(0, True), (0.21, False)], [ON, OFF]),
        (KeyMode.HYBRID, [(0, True), (0.1, False), (5, True)], [ON, OFF]),
        (KeyMode.HYBRID, [(0, True), (0.1, False), (5, True), (9, False)], [ON, OFF]),
    ],
)
def test_a_talk_key(mode: KeyMode, edges: list[Edge], told: list[Talk]) -> None:
    assert talked(mode, *edges) == told


def test_tap_latches_until_next_press() -> None:
    edges = [(0.0, True), (0.1, False), (60.0, True), (60.1, False), (61.0, True)]
    assert talked(KeyMode.HYBRID, *edges) == [ON, OFF, ON]


@pytest.mark.parametrize("mode", KeyMode)
def test_a_stuck_key_is_cut_off_and_talks_again_after_a_new_press(
    mode: KeyMode,
) -> None:
    edges = [(0.0, True), (100.0, False), (101.0, True), (102.0, False)]
    told = talked(mode, *edges, limit_s=60.0)
    assert told[:3] == [ON, OFF, Stuck()]
    assert told[3] == ON


def pressed(*edges: Edge, long: bool = False, double: bool = False) -> list[object]:
    """Each press with the time at which it counted."""
    machine = PressMachine(has_long=long, has_double=double)
    told: list[object] = []
    for at, is_down in [*edges, (1e9, False)]:
        while machine.deadline is not None and machine.deadline <= at:
            due = machine.deadline
            told += [(round(due, 3), press) for press in machine.tick(due)]
        told += [(at, press) for press in machine.handle(at, is_down=is_down)]
    return told


DOWN_UP = ((0.0, True), (0.1, False))
HELD = ((0.0, True), (2.0, False))
TWICE = ((0.0, True), (0.1, False), (0.3, True), (0.4, False))
SLOWLY_TWICE = ((0.0, True), (0.1, False), (1.0, True), (1.1, False))


@pytest.mark.parametrize(
    ("edges", "long", "double", "told"),
    [
        (DOWN_UP, False, False, [(0.0, Press.SINGLE)]),
        (HELD, False, False, [(0.0, Press.SINGLE)]),
        (TWICE, False, False, [(0.0, Press.SINGLE), (0.3, Press.SINGLE)]),
        (DOWN_UP, True, False, [(0.1, Press.SINGLE)]),
        (HELD, True, False, [(0.6, Press.LONG)]),
        (TWICE, True, False, [(0.1, Press.SINGLE), (0.4, Press.SINGLE)]),
        (DOWN_UP, False, True, [(0.35, Press.SINGLE)]),
        (HELD, False, True, [(0.35, Press.SINGLE)]),
        (TWICE, False, True, [(0.3, Press.DOUBLE)]),
        (SLOWLY_TWICE, False, True, [(0.35, Press.SINGLE), (1.35, Press.SINGLE)]),
        (DOWN_UP, True, True, [(0.45, Press.SINGLE)]),
        (HELD, True, True, [(0.6, Press.LONG)]),
        (TWICE, True, True, [(0.3, Press.DOUBLE)]),
    ],
)
def test_a_press(
    edges: tuple[Edge, ...], long: bool, double: bool, told: list[object]
) -> None:
    assert pressed(*edges, long=long, double=double) == told


def test_the_first_edge_of_a_bouncing_contact_counts_at_once_and_alone() -> None:
    contact = Contact(0.02)
    assert contact.handle(0.0, is_closed=True) is True
    assert contact.handle(0.001, is_closed=False) is None
    assert contact.handle(0.002, is_closed=True) is None
    assert contact.deadline == 0.02
    assert contact.tick(0.02) is None


def test_a_tap_shorter_than_the_bounce_is_seen_when_that_is_over() -> None:
    contact = Contact(0.02)
    contact.handle(0.0, is_closed=True)
    contact.handle(0.005, is_closed=False)
    assert contact.tick(0.02) is False


def said(change: bool | None) -> list[bool]:
    return [] if change is None else [change]


@given(
    st.lists(st.tuples(st.floats(0.0001, 0.5), st.booleans()), max_size=40),
    st.floats(0.0, 0.1),
)
def test_a_contact_ends_as_it_is_and_never_tells_the_same_twice(
    edges: list[tuple[float, bool]], bounce_s: float
) -> None:
    contact = Contact(bounce_s)
    told: list[bool] = []
    now = 0.0
    is_closed = False
    for after_s, is_closed in edges:
        now += after_s
        while contact.deadline is not None and contact.deadline <= now:
            told += said(contact.tick(contact.deadline))
        told += said(contact.handle(now, is_closed=is_closed))
    while contact.deadline is not None:
        told += said(contact.tick(contact.deadline))
    assert contact.is_closed == is_closed
    assert all(first != second for first, second in pairwise(told))


@given(st.lists(st.tuples(st.floats(0.001, 2.0), st.booleans()), max_size=40))
def test_talks_begin_and_end_in_turn_whatever_is_pressed(
    edges: list[tuple[float, bool]],
) -> None:
    for mode in KeyMode:
        now, timed = 0.0, []
        for after_s, is_down in edges:
            now += after_s
            timed.append((now, is_down))
        told = [one for one in talked(mode, *timed, limit_s=5.0) if one != Stuck()]
        assert told == [ON, OFF] * (len(told) // 2) + [ON] * (len(told) % 2)
