"""What a station's lights say: facts -> condition -> pattern -> brightness over time.

Only what the server confirmed makes a light solid. Pure; it knows no pins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from intercomd.domain.room import PublisherState, RoomState


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so, as the server and the cards told; nothing that is only wished.

    is_kept_out        kicked: it does not come back by itself
    is_refused         the last login was refused; it is tried again
    is_offline         no connection to the server now
    is_card_missing    the microphone or the loudspeaker
    is_key_stuck       a talk key was cut off
    is_talking         the talk gate is open, and the microphone gives frames
    publisher          of the stream that is talked on, or would be
    listeners          who play that stream, as the server counts
    is_called          somebody calls, and nobody has answered yet
    is_spoken_to       somebody talks, and it is played
    """

    room: RoomState = RoomState.DISCONNECTED
    publisher: PublisherState = PublisherState.NO_PUBLISH
    listeners: int = 0
    is_config_refused: bool = False
    is_kept_out: bool = False
    is_refused: bool = False
    is_offline: bool = False
    is_card_missing: bool = False
    is_key_stuck: bool = False
    is_talking: bool = False
    is_microphone_muted: bool = False
    is_speaker_muted: bool = False
    is_called: bool = False
    is_spoken_to: bool = False


class Condition(Enum):
    """What a station is in; of several that are true, the first counts."""

    KEPT_OUT = "kept_out"
    REFUSED = "refused"
    NO_CARD = "no_card"
    NO_NETWORK = "no_network"
    CONNECTING = "connecting"
    OUT = "out"
    KEY_STUCK = "key_stuck"
    UNHEARD = "unheard"
    HEARD = "heard"
    CALLED = "called"
    SPOKEN_TO = "spoken_to"
    MUTED = "muted"
    CONFIG_REFUSED = "config_refused"
    IN_ROOM = "in_room"


def conditions(facts: Facts) -> list[Condition]:
    """All that the facts make true, in the enum's order."""
    is_in = facts.room is RoomState.CONNECTED
    is_published = facts.publisher is PublisherState.PUBLISHING
    is_heard = is_in and is_published and facts.listeners > 0
    true = {
        Condition.KEPT_OUT: facts.is_kept_out,
        Condition.REFUSED: facts.is_refused and not is_in,
        Condition.NO_CARD: facts.is_card_missing,
        Condition.NO_NETWORK: facts.is_offline and not is_in,
        Condition.CONNECTING: facts.room is RoomState.CONNECTING,
        Condition.OUT: not is_in,
        Condition.KEY_STUCK: facts.is_key_stuck,
        Condition.UNHEARD: facts.is_talking and not is_heard,
        Condition.HEARD: facts.is_talking and is_heard,
        Condition.CALLED: facts.is_called,
        Condition.SPOKEN_TO: facts.is_spoken_to,
        Condition.MUTED: facts.is_microphone_muted or facts.is_speaker_muted,
        Condition.CONFIG_REFUSED: facts.is_config_refused,
        Condition.IN_ROOM: is_in,
    }
    return [one for one in Condition if true[one]]


class Pattern(Enum):
    """What a light does with its brightness."""

    OFF = "off"
    DIM = "dim"
    SOLID = "solid"
    BLINK = "blink"
    FAST = "fast"
    FLASH = "flash"
    PULSE = "pulse"


class Color(Enum):
    """Red, green and blue, 0.0 to 1.0, for a light that has them."""

    RED = (1.0, 0.0, 0.0)
    AMBER = (1.0, 0.45, 0.0)
    GREEN = (0.0, 1.0, 0.0)
    BLUE = (0.0, 0.2, 1.0)
    WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Look:
    """How a condition looks."""

    pattern: Pattern
    color: Color


LOOKS: Mapping[Condition, Look] = MappingProxyType(
    {
        Condition.KEPT_OUT: Look(Pattern.FLASH, Color.RED),
        Condition.REFUSED: Look(Pattern.BLINK, Color.RED),
        Condition.NO_CARD: Look(Pattern.FAST, Color.RED),
        Condition.NO_NETWORK: Look(Pattern.FLASH, Color.AMBER),
        Condition.CONNECTING: Look(Pattern.BLINK, Color.AMBER),
        Condition.OUT: Look(Pattern.OFF, Color.WHITE),
        Condition.KEY_STUCK: Look(Pattern.FAST, Color.AMBER),
        Condition.UNHEARD: Look(Pattern.FAST, Color.GREEN),
        Condition.HEARD: Look(Pattern.SOLID, Color.GREEN),
        Condition.CALLED: Look(Pattern.BLINK, Color.BLUE),
        Condition.SPOKEN_TO: Look(Pattern.PULSE, Color.BLUE),
        Condition.MUTED: Look(Pattern.DIM, Color.RED),
        Condition.CONFIG_REFUSED: Look(Pattern.DIM, Color.AMBER),
        Condition.IN_ROOM: Look(Pattern.DIM, Color.GREEN),
    }
)
"""The table. Solid is one thing alone: the server confirms that somebody listens."""


class Shows(Enum):
    """Which conditions a light shows; at others it is off."""

    EVERYTHING = "everything"
    TALK = "talk"
    ROOM = "room"
    INCOMING = "incoming"


_OF: Mapping[Shows, frozenset[Condition]] = {
    Shows.EVERYTHING: frozenset(Condition),
    Shows.TALK: frozenset(
        {Condition.KEY_STUCK, Condition.UNHEARD, Condition.HEARD, Condition.MUTED}
    ),
    Shows.ROOM: frozenset(
        {
            Condition.KEPT_OUT,
            Condition.REFUSED,
            Condition.NO_CARD,
            Condition.NO_NETWORK,
            Condition.CONNECTING,
            Condition.OUT,
            Condition.CONFIG_REFUSED,
            Condition.IN_ROOM,
        }
    ),
    Shows.INCOMING: frozenset({Condition.CALLED, Condition.SPOKEN_TO}),
}


def shown(facts: Facts, shows: Shows = Shows.EVERYTHING) -> Condition:
    """The condition that a light shows: the first true one of those it is for."""
    for one in conditions(facts):
        if one in _OF[shows]:
            return one
    return Condition.OUT


DIM_LEVEL = 0.15

_LIT_AND_DARK_MS = {
    Pattern.BLINK: (500, 500),
    Pattern.FAST: (100, 100),
    Pattern.FLASH: (100, 1900),
}
_PULSE_S = 1.6
_PULSE_STEP_S = 0.05


def level(pattern: Pattern, age_s: float) -> tuple[float, float | None]:
    """The brightness (0..1) of a pattern that began `age_s` ago, and in how many
    seconds it will be another; None if never."""
    match pattern:
        case Pattern.OFF:
            return 0.0, None
        case Pattern.DIM:
            return DIM_LEVEL, None
        case Pattern.SOLID:
            return 1.0, None
        case Pattern.PULSE:
            phase = age_s % _PULSE_S / _PULSE_S
            return 0.5 - 0.5 * math.cos(2 * math.pi * phase), _PULSE_STEP_S
        case Pattern.BLINK | Pattern.FAST | Pattern.FLASH:
            lit_ms, dark_ms = _LIT_AND_DARK_MS[pattern]
            # Whole milliseconds: a change is never a rounding error away.
            phase_ms = round(age_s * 1000) % (lit_ms + dark_ms)
            if phase_ms < lit_ms:
                return 1.0, (lit_ms - phase_ms) / 1000
            return 0.0, (lit_ms + dark_ms - phase_ms) / 1000
