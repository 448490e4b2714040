"""Every row of the lights' tables, from facts to brightness."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.domain.room import PublisherState, RoomState
from intercomd.station.lights import (
    LOOKS,
    Color,
    Condition,
    Facts,
    Pattern,
    Shows,
    level,
    shown,
)

OUT, JOINING, IN = RoomState.DISCONNECTED, RoomState.CONNECTING, RoomState.CONNECTED
ASKING = PublisherState.PUBLISH_REQUESTING
OPEN = PublisherState.PUBLISHING

IN_ROOM = Facts(room=IN, publisher=OPEN)
ON_AIR = replace(IN_ROOM, is_talking=True, listeners=2)


@pytest.mark.parametrize(
    ("facts", "condition"),
    [
        (Facts(), Condition.OUT),
        (Facts(is_talking=True), Condition.OUT),
        (Facts(room=JOINING), Condition.CONNECTING),
        (Facts(room=JOINING, is_offline=True), Condition.NO_NETWORK),
        (Facts(is_kept_out=True, is_offline=True), Condition.KEPT_OUT),
        (Facts(is_refused=True), Condition.REFUSED),
        (Facts(room=JOINING, is_refused=True), Condition.REFUSED),
        (replace(ON_AIR, room=JOINING), Condition.CONNECTING),
        (IN_ROOM, Condition.IN_ROOM),
        (replace(IN_ROOM, listeners=2), Condition.IN_ROOM),
        (replace(IN_ROOM, is_talking=True), Condition.UNHEARD),
        (replace(ON_AIR, publisher=ASKING), Condition.UNHEARD),
        (replace(ON_AIR, listeners=1), Condition.HEARD),
        (replace(ON_AIR, listeners=9), Condition.HEARD),
        (replace(ON_AIR, is_spoken_to=True), Condition.HEARD),
        (replace(ON_AIR, is_card_missing=True), Condition.NO_CARD),
        (replace(ON_AIR, is_key_stuck=True), Condition.KEY_STUCK),
        (replace(IN_ROOM, is_called=True, is_spoken_to=True), Condition.CALLED),
        (replace(IN_ROOM, is_spoken_to=True), Condition.SPOKEN_TO),
        (replace(IN_ROOM, is_microphone_muted=True), Condition.MUTED),
        (replace(IN_ROOM, is_speaker_muted=True), Condition.MUTED),
        (replace(IN_ROOM, is_config_refused=True), Condition.CONFIG_REFUSED),
    ],
)
def test_one_light_shows_what_matters_most(facts: Facts, condition: Condition) -> None:
    assert shown(facts) is condition


@pytest.mark.parametrize(
    ("condition", "pattern", "color"),
    [
        (Condition.KEPT_OUT, Pattern.FLASH, Color.RED),
        (Condition.REFUSED, Pattern.BLINK, Color.RED),
        (Condition.NO_CARD, Pattern.FAST, Color.RED),
        (Condition.NO_NETWORK, Pattern.FLASH, Color.AMBER),
        (Condition.CONNECTING, Pattern.BLINK, Color.AMBER),
        (Condition.OUT, Pattern.OFF, Color.WHITE),
        (Condition.KEY_STUCK, Pattern.FAST, Color.AMBER),
        (Condition.UNHEARD, Pattern.FAST, Color.GREEN),
        (Condition.HEARD, Pattern.SOLID, Color.GREEN),
        (Condition.CALLED, Pattern.BLINK, Color.BLUE),
        (Condition.SPOKEN_TO, Pattern.PULSE, Color.BLUE),
        (Condition.MUTED, Pattern.DIM, Color.RED),
        (Condition.CONFIG_REFUSED, Pattern.DIM, Color.AMBER),
        (Condition.IN_ROOM, Pattern.DIM, Color.GREEN),
    ],
)
def test_a_condition_has_one_look(
    condition: Condition, pattern: Pattern, color: Color
) -> None:
    assert LOOKS[condition].pattern is pattern
    assert LOOKS[condition].color is color


def test_no_two_conditions_look_the_same() -> None:
    assert len(set(LOOKS.values())) == len(LOOKS) == len(Condition)


@pytest.mark.parametrize(
    ("shows", "facts", "condition"),
    [
        (Shows.TALK, ON_AIR, Condition.HEARD),
        (Shows.TALK, Facts(is_talking=True), Condition.UNHEARD),
        (Shows.TALK, replace(IN_ROOM, is_spoken_to=True), Condition.OUT),
        (Shows.TALK, replace(IN_ROOM, is_microphone_muted=True), Condition.MUTED),
        (Shows.ROOM, ON_AIR, Condition.IN_ROOM),
        (Shows.ROOM, replace(ON_AIR, is_card_missing=True), Condition.NO_CARD),
        (Shows.ROOM, Facts(room=JOINING), Condition.CONNECTING),
        (Shows.INCOMING, ON_AIR, Condition.OUT),
        (Shows.INCOMING, replace(ON_AIR, is_spoken_to=True), Condition.SPOKEN_TO),
        (Shows.INCOMING, replace(ON_AIR, is_called=True), Condition.CALLED),
    ],
)
def test_a_light_of_its_own_shows_only_what_it_is_for(
    shows: Shows, facts: Facts, condition: Condition
) -> None:
    assert shown(facts, shows) is condition


@given(st.from_type(Facts))
def test_solid_is_only_what_the_server_confirmed(facts: Facts) -> None:
    for shows in Shows:
        if LOOKS[shown(facts, shows)].pattern is Pattern.SOLID:
            assert facts.room is IN
            assert facts.publisher is OPEN
            assert facts.listeners > 0
            assert facts.is_talking


def lit(pattern: Pattern, until_s: float) -> list[tuple[float, float]]:
    """The brightness from each moment of change on."""
    changes, at = [], 0.0
    while at < until_s:
        brightness, next_s = level(pattern, at)
        changes.append((round(at, 3), round(brightness, 2)))
        if next_s is None:
            break
        at += next_s
    return changes


@pytest.mark.parametrize(
    ("pattern", "changes"),
    [
        (Pattern.OFF, [(0, 0)]),
        (Pattern.DIM, [(0, 0.15)]),
        (Pattern.SOLID, [(0, 1)]),
        (Pattern.BLINK, [(0, 1), (0.5, 0), (1.0, 1), (1.5, 0)]),
        (Pattern.FLASH, [(0, 1), (0.1, 0)]),
    ],
)
def test_a_pattern_over_two_seconds(
    pattern: Pattern, changes: list[tuple[float, float]]
) -> None:
    assert lit(pattern, 1.99) == changes


def test_fast_is_five_times_a_second_and_a_pulse_swells() -> None:
    assert sum(brightness == 1 for _, brightness in lit(Pattern.FAST, 0.99)) == 5
    swell = [brightness for _, brightness in lit(Pattern.PULSE, 0.8)]
    assert swell == sorted(swell)
    assert swell[0] == 0
    assert swell[-1] > 0.95
