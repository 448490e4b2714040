"""Every row of the light's table."""

from __future__ import annotations

import pytest

from intercomd.domain.room import PublisherState, RoomState
from intercomd.station.lights import Light, light_for

OUT, JOINING, IN = RoomState.DISCONNECTED, RoomState.CONNECTING, RoomState.CONNECTED
NONE = PublisherState.NO_PUBLISH
ASKING = PublisherState.PUBLISH_REQUESTING
OPEN = PublisherState.PUBLISHING


@pytest.mark.parametrize(
    ("room", "publisher", "is_talking", "listeners", "light"),
    [
        (OUT, NONE, False, 0, Light.OFF),
        (OUT, NONE, True, 0, Light.OFF),
        (JOINING, NONE, False, 0, Light.BLINK),
        (JOINING, ASKING, True, 3, Light.BLINK),
        (IN, NONE, False, 0, Light.DIM),
        (IN, OPEN, False, 2, Light.DIM),
        (IN, NONE, True, 0, Light.FAST),
        (IN, ASKING, True, 2, Light.FAST),
        (IN, OPEN, True, 0, Light.FAST),
        (IN, OPEN, True, 1, Light.SOLID),
        (IN, OPEN, True, 9, Light.SOLID),
    ],
)
def test_light_says_only_what_the_server_confirmed(
    room: RoomState,
    publisher: PublisherState,
    is_talking: bool,
    listeners: int,
    light: Light,
) -> None:
    shown = light_for(room, publisher, is_talking=is_talking, listeners=listeners)
    assert shown is light
