"""§12 and §13: what is refused, with which code."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.engine import RoomStateReason, UpdateType, User
from tests.scenarios.cast import ROOM, a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.rows import row

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE


LONG = "m" * 1025


@row(
    "§15 room extra info: key and value below 128 bytes",
    "§15 stream extra info: below 1024 bytes",
    "§12 1002014",
    "§12 1002015",
    "§12 1002016",
    "§12 1003051",
    "§12 1009001",
    "§12 1009002",
    "§12 1009005",
    "§12 1009011",
    "§12 1009012",
    "§13 extraInfo below 1024 bytes",
    "§13 room extra key and value below 128 bytes",
    "§13 message up to 1024 bytes",
    "§12 1002002",
)
def test_what_is_out_of_its_limits_is_refused_with_its_code(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            await alice.enter()
            engine = alice.engine
            for code, call in (
                (1002014, lambda: engine.set_room_extra_info(ROOM, "", "v")),
                (1002015, lambda: engine.set_room_extra_info(ROOM, "k" * 128, "v")),
                (1002016, lambda: engine.set_room_extra_info(ROOM, "k", "v" * 128)),
                (1003051, lambda: engine.set_stream_extra_info("x" * 1024)),
                (1009001, lambda: engine.send_broadcast_message(ROOM, "")),
                (1009002, lambda: engine.send_barrage_message(ROOM, LONG)),
                (1009005, lambda: engine.send_broadcast_message("cellar", "hi")),
                (1009011, lambda: engine.send_custom_command(ROOM, "hi", [""])),
                (1009012, lambda: engine.send_custom_command(ROOM, "hi", ["u" * 64])),
                (1002002, lambda: engine.set_room_extra_info("cellar", "k", "v")),
            ):
                with pytest.raises(errors.IntercomError) as caught:
                    await call()
                assert caught.value.code == code
            await engine.send_barrage_message(ROOM, "m" * 1024)
            await engine.set_stream_extra_info("x" * 1023)

    run(scene())


@row(
    "§12 1002009",
    "§13 roomID 1 to 127 bytes",
    "§13 userID 1 to 63 bytes",
    "§13 userName up to 255 bytes",
    "§13 streamID 1 to 255 bytes of 0-9A-Za-z_-",
    "§12 1000014",
    "§12 1000015",
    "§12 1000016",
    "§12 1002005",
    "§12 1002006",
    "§12 1002007",
    "§12 1002010",
    "§12 1002011",
    "§12 1002012",
    "§12 1002013",
)
def test_ids_at_and_beyond_their_limits(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            engine = alice.engine
            for code, room_id, user in (
                (1002011, "", alice.user),
                (1002012, "a b", alice.user),
                (1002013, "r" * 128, alice.user),
                (1002005, ROOM, User("")),
                (1002006, ROOM, User("a/b")),
                (1002007, ROOM, User("u" * 64)),
                (1002009, ROOM, User("alice", "\ud800")),
                (1002010, ROOM, User("alice", "n" * 256)),
            ):
                with pytest.raises(errors.IntercomError) as caught:
                    await engine.login_room(room_id, user)
                assert caught.value.code == code
            await engine.login_room("r" * 127, User("u" * 63, "n" * 255))
            for code, stream_id in (
                (1000014, "s" * 256),
                (1000015, ""),
                (1000016, "ü"),
            ):
                with pytest.raises(errors.IntercomError) as caught:
                    await engine.start_publishing_stream(stream_id)
                assert caught.value.code == code
            await engine.start_publishing_stream("s" * 255)

    run(scene())


@row(
    "§12 1009010",
    "§12 1002051",
)
def test_a_message_without_a_connection_fails_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            await alice.enter()
            await server.__aexit__(None, None, None)
            await alice.diary.until(
                lambda _: (RoomStateReason.RECONNECTING, 1002051) in alice.reasons
            )
            with pytest.raises(errors.MessageSendFailed):
                await alice.engine.send_broadcast_message(ROOM, "hello?")
            with pytest.raises(errors.ConnectionBroken):
                await alice.engine.set_room_extra_info(ROOM, "k", "v")

    run(scene())
