"""What the light says. Only what the server confirmed makes it solid."""

from __future__ import annotations

from enum import Enum

from intercomd.domain.room import PublisherState, RoomState


class Light(Enum):
    """A pattern of the station's one light."""

    OFF = "off"
    BLINK = "blink"
    DIM = "dim"
    FAST = "fast"
    SOLID = "solid"


def light_for(
    room: RoomState, publisher: PublisherState, *, is_talking: bool, listeners: int
) -> Light:
    """The pattern for a station in this state.

    OFF     not in a room and not trying to be
    BLINK   connecting
    DIM     in the room, not talking
    FAST    talking, and nobody hears it
    SOLID   talking, and the server forwards it to somebody
    """
    match room:
        case RoomState.DISCONNECTED:
            return Light.OFF
        case RoomState.CONNECTING:
            return Light.BLINK
        case RoomState.CONNECTED if not is_talking:
            return Light.DIM
        case RoomState.CONNECTED:
            is_heard = publisher is PublisherState.PUBLISHING and listeners > 0
            return Light.SOLID if is_heard else Light.FAST
