"""What the operator does, and what the users see of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.engine import PlayerState, PublisherState, RoomStateReason, UpdateType
from intercomd.protocol.admin import CloseRoom, ForbidStream, ForbidUser, KickUsers
from tests.scenarios.cast import ROOM, a_server, actors, operate
from tests.scenarios.clock import run
from tests.scenarios.rows import row

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE


@row(
    "§2.2 KickOut 1002055 by kick",
    "§2.2 custom_kickout_message is the caller's reason verbatim",
    "§5 somebody is kicked is DELETE",
    "§6 kicked is DELETE with code 4",
    "§12 1002055",
)
def test_a_kicked_user_is_out_and_stays_out(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            await bob.engine.start_publishing_stream("bob-1")
            await operate(server, KickUsers(2, 1234, ROOM, ("bob",), "go home"))
            await bob.diary.until(
                lambda _: (RoomStateReason.KICK_OUT, 1002055) in bob.reasons
            )
            kicked = bob.diary.of("room_state_changed")[-1]
            assert kicked[3] == {"custom_kickout_message": "go home"}
            updates = await alice.told("room_user_update", 2)
            assert updates[-1] == (ROOM, DELETE, (bob.user,))
            _, deleted = await alice.told("room_stream_update", 2)
            assert deleted[3]["stream_delete_reason"][0]["code"] == 4
            await bob.enter()  # a kick forbids nothing

    run(scene())


@row("§2.2 KickOut 1002055 by closing the room")
def test_a_closed_room_puts_everybody_out(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            await operate(server, CloseRoom(2, 1234, ROOM, "good night"))
            for actor in (alice, bob):
                await actor.diary.until(
                    lambda diary: diary.of("room_state_changed")[-1][2] == 1002055
                )
            with pytest.raises(errors.RoomNotFound):
                await operate(server, CloseRoom(2, 1234, ROOM))

    run(scene())


@row(
    "§2.2 LoginFailed 1002066",
    "§12 1002066",
)
def test_a_forbidden_user_is_put_out_and_not_let_in(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Bob") as (bob,):
            await bob.enter()
            await operate(server, ForbidUser(2, 1234, "bob", 3600, reason="enough"))
            await bob.diary.until(
                lambda _: (RoomStateReason.KICK_OUT, 1002055) in bob.reasons
            )
            with pytest.raises(errors.UserInBlacklist):
                await bob.enter()
            await operate(server, ForbidUser(2, 1234, "bob", 0))
            await bob.enter()

    run(scene())


@row("§12 1003025", "§12 1004025")
def test_a_forbidden_stream_ends_and_is_refused_until_it_is_allowed(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            await bob.engine.start_publishing_stream("bob-1")
            await alice.engine.start_playing_stream("bob-1")
            await alice.comes_to_play("bob-1", PlayerState.PLAYING)
            await operate(server, ForbidStream(2, 1234, "bob-1", 3600))
            await alice.comes_to_play("bob-1", PlayerState.NO_PLAY, 1004025)
            await bob.diary.until(
                lambda _: (
                    (PublisherState.NO_PUBLISH, 1003025)
                    in bob.states("publisher_state_update", "bob-1")
                )
            )
            _, deleted = await alice.told("room_stream_update", 2)
            assert deleted[3]["stream_delete_reason"][0]["code"] == 6
            with pytest.raises(errors.PublishForbidden):
                await bob.engine.start_publishing_stream("bob-1")
            await alice.engine.start_playing_stream("bob-1")
            await alice.comes_to_play("bob-1", PlayerState.NO_PLAY, 1004025)
            await operate(server, ForbidStream(2, 1234, "bob-1", 0))
            await bob.engine.start_publishing_stream("bob-1")
            await alice.engine.start_playing_stream("bob-1")
            await alice.comes_to_play("bob-1", PlayerState.PLAYING)

    run(scene())


@row("§13 kick up to 5 users with a reason up to 256 bytes")
def test_a_kick_has_its_limits(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Bob") as (bob,):
            await bob.enter()
            with pytest.raises(errors.WireMalformed):
                await operate(server, KickUsers(2, 1234, ROOM, ("u",) * 6))
            with pytest.raises(errors.IllegalParameter):
                await operate(server, KickUsers(2, 1234, ROOM, ("bob",), "r" * 257))
            await operate(server, KickUsers(2, 1234, ROOM, ("u",) * 5))
            assert bob.reasons[-1][0] is RoomStateReason.LOGINED

    run(scene())
