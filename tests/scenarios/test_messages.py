"""§7: room extra info, broadcasts, barrages and custom commands."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.domain.room_messages import BarrageMessage, BroadcastMessage
from intercomd.engine import TransparentMessage, TransparentMessageMode, UpdateType
from tests.scenarios.cast import ROOM, a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.rows import row

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE


@row(
    "§7 setRoomExtraInfo reaches everyone but the setter",
    "§7 setRoomExtraInfo persists for who joins later",
    "§7 setRoomExtraInfo takes one key a room, 1002017",
    "§7 setRoomExtraInfo ends with the room",
    "§7 roomExtraInfoUpdate has key, value, updateUser and updateTime in ms",
    "§2.4 the room is destroyed with its last user",
    "§12 1002017",
)
def test_a_room_keeps_its_extra_info_as_long_as_it_lives(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob", "Carol", "Dave") as (
                alice,
                bob,
                carol,
                dave,
            ),
        ):
            await alice.enter()
            await bob.enter()
            await alice.engine.set_room_extra_info(ROOM, "topic", "tea")
            for hearer in (bob, carol):
                if hearer is carol:
                    await carol.enter()
                ((room_id, (info,)),) = await hearer.told("room_extra_info_update")
                assert (room_id, info.key, info.value) == (ROOM, "topic", "tea")
                assert info.update_user == alice.user
                assert info.update_time > 1_600_000_000_000
            with pytest.raises(errors.RoomExtraInfoExceedsKeys):
                await bob.engine.set_room_extra_info(ROOM, "other", "")
            assert alice.diary.of("room_extra_info_update") == []
            for actor in (alice, bob, carol):
                await actor.engine.logout_room()
            await dave.enter()
            await dave.told("room_online_user_count_update")
            assert dave.diary.of("room_extra_info_update") == []

    run(scene())


@row(
    "§7 broadcast reaches everyone but the sender",
    "§7 a message has messageID, sendTime in ms and fromUser",
    "§7 barrage with a text messageID",
    "§7 no offline delivery",
)
def test_messages_reach_who_is_in_the_room(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob", "Carol") as (alice, bob, carol),
        ):
            await alice.enter()
            await bob.enter()
            number = await alice.engine.send_broadcast_message(ROOM, "tea is ready")
            text = await alice.engine.send_barrage_message(ROOM, "!")
            ((_, (broadcast,)),) = await bob.told("im_recv_broadcast_message")
            ((_, (barrage,)),) = await bob.told("im_recv_barrage_message")
            sent, shown = broadcast.send_time, barrage.send_time
            assert broadcast == BroadcastMessage(
                "tea is ready", number, sent, alice.user
            )
            assert barrage == BarrageMessage("!", text, shown, alice.user)
            await carol.enter()
            await bob.engine.send_broadcast_message(ROOM, "coming")
            ((_, (heard,)),) = await carol.told("im_recv_broadcast_message")
            assert heard.message == "coming"
            (own,) = await alice.told("im_recv_broadcast_message")
            assert own[1][0].message == "coming"

    run(scene())


@row(
    "§7 broadcast 1009015",
    "§15 broadcasts: 2 a second of a user, 10 of a room",
    "§12 1009015",
)
def test_the_second_broadcast_of_a_moment_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            await alice.engine.send_broadcast_message(ROOM, "1")
            with pytest.raises(errors.BroadcastTooFrequent):
                await alice.engine.send_broadcast_message(ROOM, "2")
            await bob.engine.send_broadcast_message(ROOM, "3")
            await asyncio.sleep(0.5)
            await alice.engine.send_broadcast_message(ROOM, "4")
            await bob.told("im_recv_broadcast_message", 2)
            heard = bob.diary.of("im_recv_broadcast_message")
            assert [messages[0].message for _, messages in heard] == ["1", "4"]

    run(scene())


@row("§7 custom command to some", "§7 custom command to all")
def test_a_command_reaches_who_is_named(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob", "Carol") as (alice, bob, carol),
        ):
            for actor in (alice, bob, carol):
                await actor.enter()
            send = alice.engine.send_custom_command
            await send(ROOM, "mute", ["carol", "alice", "nobody"])
            await send(ROOM, "unmute")
            assert await carol.told("im_recv_custom_command", 2) == [
                (ROOM, alice.user, "mute"),
                (ROOM, alice.user, "unmute"),
            ]
            assert await bob.told("im_recv_custom_command") == [
                (ROOM, alice.user, "unmute")
            ]
            assert alice.diary.of("im_recv_custom_command") == []

    run(scene())


@row("§15 custom commands are reliable")
def test_every_command_arrives_and_in_order(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            commands = [f"turn {number}" for number in range(150)]
            for command in commands:
                await alice.engine.send_custom_command(ROOM, command, ["bob"])
            told = await bob.told("im_recv_custom_command", len(commands))
            assert [command for _, _, command in told] == commands

    run(scene())


@row("§7 transparent message", "§12 1000010")
def test_bytes_reach_who_is_named_as_they_are(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob", "Carol") as (alice, bob, carol),
        ):
            for actor in (alice, bob, carol):
                await actor.enter()
            send, content = alice.engine.send_transparent_message, bytes(range(256))
            await send(ROOM, content, ["carol"])
            await send(ROOM, b"to all")
            told = "recv_room_transparent_message"
            heard = await carol.told(told, 2)
            first = TransparentMessage(alice.user, content)
            second = TransparentMessage(alice.user, b"to all")
            assert heard == [(ROOM, first), (ROOM, second)]
            assert await bob.told(told) == [(ROOM, second)]
            assert alice.diary.of(told) == []
            with pytest.raises(errors.ModuleMissing):
                await send(ROOM, content, mode=TransparentMessageMode.ONLY_SERVER)

    run(scene())
