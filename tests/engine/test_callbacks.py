"""Which callbacks there are, and what they are called with."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest

from intercomd.domain.events import (
    ImRecvBroadcastMessage,
    PlayerMediaEventTold,
    RoomStateChanged,
)
from intercomd.domain.room import RoomState, RoomStateReason
from intercomd.domain.sound import PlayerMediaEvent
from intercomd.engine.callbacks import EVENTS, Callbacks


def not_spawned(coroutine: Coroutine[Any, Any, object]) -> None:
    raise AssertionError(coroutine)


@pytest.mark.parametrize(
    "name",
    [
        "room_state_update",
        "room_state_changed",
        "room_user_update",
        "im_recv_broadcast_message",
        "player_media_event",
        "api_called_result",
        "audio_vad_state_update",
    ],
)
def test_the_reference_s_events_have_their_names_in_snake_case(name: str) -> None:
    assert name in EVENTS
    assert len(EVENTS) == len(set(EVENTS))


def test_the_arguments_are_the_event_s_fields_in_order() -> None:
    callbacks = Callbacks(not_spawned)
    told: list[tuple[object, ...]] = []
    callbacks.add("im_recv_broadcast_message", lambda *given: told.append(given))
    callbacks.add("player_media_event", lambda *given: told.append(given))
    callbacks.emit(ImRecvBroadcastMessage("lobby", ()))
    callbacks.emit(PlayerMediaEventTold("alice-1", PlayerMediaEvent.AUDIO_BREAK_OCCUR))
    assert told == [("lobby", ()), ("alice-1", PlayerMediaEvent.AUDIO_BREAK_OCCUR)]


def test_a_change_of_the_room_is_told_in_the_old_style_first() -> None:
    callbacks = Callbacks(not_spawned)
    told: list[tuple[object, ...]] = []
    callbacks.add("room_state_changed", lambda *given: told.append(given))
    callbacks.add("room_state_update", lambda *given: told.append(given))
    callbacks.emit(RoomStateChanged("lobby", RoomStateReason.KICK_OUT, 1002050, {}))
    assert told == [
        ("lobby", RoomState.DISCONNECTED, 1002050, {}),
        ("lobby", RoomStateReason.KICK_OUT, 1002050, {}),
    ]


def test_an_unknown_event_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="room_user_update"):
        Callbacks(not_spawned).add("room_user_updates", print)
