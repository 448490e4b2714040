"""§6: what the others are told of a user's streams."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.engine import (
    PublisherState,
    RoomStateReason,
    RoomStreamListType,
    Stream,
    UpdateType,
)
from intercomd.protocol.admin import DeleteStream
from intercomd.protocol.messages import Publish
from intercomd.protocol.wire import encode
from tests.engine.events import Call
from tests.room_server import APP_ID
from tests.scenarios.cast import ROOM, a_server, actors, operate
from tests.scenarios.clock import run
from tests.scenarios.rows import row
from tests.server.raw_client import log_in, open_socket

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE


@row(
    "§6 own login with existing streams is one ADD",
    "§6 list order is the server's order of arrival",
    "§6 ADD has no extendedData",
    "§6 setStreamExtraInfo before publishing is in the ADD",
    "§6 getRoomStreamList",
)
def test_a_later_user_gets_all_streams_in_one_add(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob", "Carol") as (alice, bob, carol),
        ):
            await alice.enter()
            await bob.enter()
            await alice.engine.set_stream_extra_info("kitchen")
            await alice.engine.start_publishing_stream("alice-1")
            await bob.engine.start_publishing_stream("bob-1")
            await carol.enter()
            streams = (
                Stream("alice-1", alice.user, "kitchen"),
                Stream("bob-1", bob.user),
            )
            assert await carol.told("room_stream_update") == [(ROOM, ADD, streams, {})]
            assert carol.engine.get_room_stream_list(ROOM) == streams
            await carol.engine.start_publishing_stream("carol-1")
            assert carol.engine.get_room_stream_list(ROOM) == streams
            everything = carol.engine.get_room_stream_list(ROOM, RoomStreamListType.ALL)
            assert everything == (*streams, Stream("carol-1", carol.user))
            with pytest.raises(errors.RoomIdIncorrect):
                carol.engine.get_room_stream_list("cellar")

    run(scene())


@row(
    "§6 new publish is ADD",
    "§6 stop is DELETE with code 1",
    "§6 DELETE has stream_delete_reason with code and description",
    "§6 setStreamExtraInfo while publishing is roomStreamExtraInfoUpdate",
)
def test_a_streams_life_as_the_others_see_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            await bob.engine.start_publishing_stream("bob-1")
            await bob.engine.set_stream_extra_info("cellar")
            assert await alice.told("room_stream_extra_info_update") == [
                (ROOM, (Stream("bob-1", bob.user, "cellar"),))
            ]
            await bob.engine.stop_publishing_stream()
            added, deleted = await alice.told("room_stream_update", 2)
            assert added == (ROOM, ADD, (Stream("bob-1", bob.user),), {})
            assert deleted[1] is DELETE
            assert deleted[3] == {
                "stream_delete_reason": [
                    {"stream_id": "bob-1", "code": 1, "description": "publisher_stop"}
                ]
            }

    run(scene())


def reason_of(update: Call) -> dict[str, object]:
    """Why the one stream of a DELETE went."""
    assert update[1] is DELETE
    (reason,) = update[3]["stream_delete_reason"]
    return dict(reason)


@row("§6 disconnected is DELETE with code 5")
def test_who_closes_the_page_is_gone_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            await bob.engine.start_publishing_stream("bob-1")
            await alice.told("room_stream_update")
            signalling = bob.engine._link._signalling
            assert signalling is not None
            assert signalling._connection is not None
            await signalling._connection.close(1001)  # as a browser that leaves a page
            _, deleted = await alice.told("room_stream_update", 2, within_s=1.0)
            assert reason_of(deleted) == {
                "stream_id": "bob-1",
                "code": 5,
                "description": "user_disconnect",
            }
            left = (await alice.told("room_user_update", 2))[-1]
            assert left == (ROOM, DELETE, (bob.user,))

    run(scene())


@row("§6 removed by server is DELETE with code 6")
def test_the_operator_strikes_a_stream_off_the_list(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob", "Carol") as (alice, bob, carol),
        ):
            await alice.enter()
            await bob.enter()
            await bob.engine.start_publishing_stream("bob-1")
            await alice.told("room_stream_update")
            await operate(server, DeleteStream(2, APP_ID, ROOM, "bob-1"))
            _, deleted = await alice.told("room_stream_update", 2)
            assert reason_of(deleted) == {
                "stream_id": "bob-1",
                "code": 6,
                "description": "remove_by_server",
            }
            await carol.enter()
            assert carol.engine.get_room_stream_list(ROOM) == ()
            states = bob.states("publisher_state_update", "bob-1")
            assert (PublisherState.NO_PUBLISH, 0) not in states

    run(scene())


@row("§6 setStreamExtraInfo comes back after a reconnect")
def test_extra_infos_come_back_after_a_restart_of_the_server(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server:
            port = server.address[1]
            async with actors(server, "Alice", "Bob") as (alice, bob):
                await alice.enter()
                await bob.enter()
                await bob.engine.start_publishing_stream("bob-1")
                await bob.engine.set_stream_extra_info("cellar")
                await alice.told("room_stream_extra_info_update")
                await server.__aexit__(None, None, None)
                async with a_server(tmp_path, port):
                    await alice.diary.until(
                        lambda _: (
                            (RoomStateReason.RECONNECTED, 0) in alice.reasons
                            and (RoomStateReason.RECONNECTED, 0) in bob.reasons
                        )
                    )
                    await alice.diary.until(
                        lambda _: (
                            alice.engine.get_room_stream_list(ROOM)
                            == (Stream("bob-1", bob.user, "cellar"),)
                        )
                    )

    run(scene())


@row("§6 a stream that is only requested is no ADD")
def test_a_stream_without_media_is_not_told_of(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            open_socket(server) as voiceless,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await log_in(voiceless, "carol")
            await voiceless.send(encode(Publish(2, "carol-1")))
            await bob.enter()
            await bob.engine.start_publishing_stream("bob-1")
            await asyncio.sleep(60)
            told = await alice.told("room_stream_update")
            assert told == [(ROOM, ADD, (Stream("bob-1", bob.user),), {})]
            assert bob.diary.of("room_stream_update") == []

    run(scene())
