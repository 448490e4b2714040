"""§5, §6, §7, §13 and the operator's rows: real engines, a real server, loopback."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.domain.room_messages import BarrageMessage, BroadcastMessage
from intercomd.engine import RoomStateReason, Stream, UpdateType, User
from intercomd.protocol.admin import CloseRoom, ForbidUser, KickUsers
from tests.protocol.house import ALICE, BOB, House
from tests.scenarios.cast import ROOM, Actor, a_server, actors, operate, play
from tests.scenarios.rows import row

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE


def reasons(of: Actor) -> list[tuple[RoomStateReason, int]]:
    return [call[1:3] for call in of.diary.of("room_state_changed")]


# §2.4 and §5: who is there


@row(
    "§2.4 the first user's maxMemberCount counts, exceeded is 1002034",
    "§12 1002034",
)
def test_only_the_first_users_limit_counts(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob", "Carol") as (alice, bob, carol),
        ):
            await alice.enter(max_member_count=2)
            await bob.enter(max_member_count=50)
            with pytest.raises(errors.RoomFull):
                await carol.enter()
            assert reasons(carol)[-1] == (RoomStateReason.LOGIN_FAILED, 1002034)

    play(scene())


@row(
    "§5 own login with others present is one ADD with all",
    "§5 somebody logs in is ADD",
    "§5 somebody logs out is DELETE",
    "§5 never self",
)
def test_users_come_and_go(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob", "Carol") as (alice, bob, carol),
        ):
            await alice.enter()
            await bob.enter()
            await carol.enter()
            assert await carol.told("room_user_update") == [
                (ROOM, ADD, (alice.user, bob.user))
            ]
            await bob.engine.logout_room()
            assert await alice.told("room_user_update", 3) == [
                (ROOM, ADD, (bob.user,)),
                (ROOM, ADD, (carol.user,)),
                (ROOM, DELETE, (bob.user,)),
            ]

    play(scene())


@row(
    "§5 isUserStatusNotify false hears of no user and is announced",
    "§6 independent of isUserStatusNotify",
)
def test_who_does_not_ask_hears_of_streams_only(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter(notify=False)
            await alice.engine.start_publishing_stream("alice-1")
            await bob.told("room_stream_update")
            assert bob.diary.of("room_user_update") == []
            assert await alice.told("room_user_update") == [(ROOM, ADD, (bob.user,))]

    play(scene())


@row("§5 roomOnlineUserCountUpdate at login and every 30 s")
def test_the_count_comes_at_login_and_every_30_s(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            counts = "room_online_user_count_update"
            assert await alice.told(counts) == [(ROOM, 1)]
            assert await bob.told(counts) == [(ROOM, 2)]

    play(scene())
    house = House()  # the same rules on a clock that is moved by hand
    house.enter(ALICE, BOB)
    house.read_counts(ALICE)
    house.pass_time(65)
    assert house.read_counts(ALICE) == [2, 2]


# §6: streams


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
            with pytest.raises(errors.RoomIdIncorrect):
                carol.engine.get_room_stream_list("cellar")

    play(scene())


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

    play(scene())


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
                            (RoomStateReason.RECONNECTED, 0) in reasons(alice)
                            and (RoomStateReason.RECONNECTED, 0) in reasons(bob)
                        )
                    )
                    await alice.diary.until(
                        lambda _: (
                            alice.engine.get_room_stream_list(ROOM)
                            == (Stream("bob-1", bob.user, "cellar"),)
                        )
                    )

    play(scene())


# §7: room extra info and messages


@row(
    "§7 setRoomExtraInfo reaches everyone but the setter",
    "§7 setRoomExtraInfo persists for who joins later",
    "§7 setRoomExtraInfo takes one key a room, 1002017",
    "§7 setRoomExtraInfo ends with the room",
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

    play(scene())


@row(
    "§7 broadcast reaches everyone but the sender",
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

    play(scene())


@row(
    "§7 broadcast 1009015",
    "§12 1009015",
)
def test_the_third_broadcast_of_a_moment_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            for number in range(2):
                await alice.engine.send_broadcast_message(ROOM, str(number))
            with pytest.raises(errors.BroadcastTooFrequent):
                await alice.engine.send_broadcast_message(ROOM, "2")
            assert len(await bob.told("im_recv_broadcast_message", 2)) == 2

    play(scene())


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

    play(scene())


# §12 and §13: what is refused, with which code

LONG = "m" * 1025


@row(
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

    play(scene())


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

    play(scene())


@row("§12 1002072")
def test_too_many_barrages_of_a_room_are_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            await alice.enter()
            send = alice.engine.send_barrage_message
            tries = [send(ROOM, "!") for _ in range(100)]
            results = await asyncio.gather(*tries, return_exceptions=True)
            refused = [r for r in results if isinstance(r, Exception)]
            assert refused
            assert all(isinstance(r, errors.RoomCallsTooFrequent) for r in refused)

    play(scene())


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
                lambda _: (RoomStateReason.RECONNECTING, 1002051) in reasons(alice)
            )
            with pytest.raises(errors.MessageSendFailed):
                await alice.engine.send_broadcast_message(ROOM, "hello?")
            with pytest.raises(errors.ConnectionBroken):
                await alice.engine.set_room_extra_info(ROOM, "k", "v")

    play(scene())


# The operator


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
                lambda _: (RoomStateReason.KICK_OUT, 1002055) in reasons(bob)
            )
            kicked = bob.diary.of("room_state_changed")[-1]
            assert kicked[3] == {"custom_kickout_message": "go home"}
            updates = await alice.told("room_user_update", 2)
            assert updates[-1] == (ROOM, DELETE, (bob.user,))
            _, deleted = await alice.told("room_stream_update", 2)
            assert deleted[3]["stream_delete_reason"][0]["code"] == 4
            await bob.enter()  # a kick forbids nothing

    play(scene())


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

    play(scene())


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
                lambda _: (RoomStateReason.KICK_OUT, 1002055) in reasons(bob)
            )
            with pytest.raises(errors.UserInBlacklist):
                await bob.enter()
            await operate(server, ForbidUser(2, 1234, "bob", 0))
            await bob.enter()

    play(scene())


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
            assert reasons(bob)[-1][0] is RoomStateReason.LOGINED

    play(scene())
