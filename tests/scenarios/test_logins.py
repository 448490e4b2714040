"""§2.3, §2.4: what a login brings in which order, and what it may not do."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.engine import (
    EngineState,
    PlayerState,
    PublisherState,
    RoomConfig,
    RoomStateReason,
    UpdateType,
    User,
)
from intercomd.server.app import RoomServer
from intercomd.server.config import LimitSettings
from tests.engine.events import until
from tests.room_server import server_config
from tests.scenarios.cast import ROOM, a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.rows import row
from tests.server.raw_client import log_in, open_socket

R = RoomStateReason
LOGIN = [(R.LOGINING, 0), (R.LOGINED, 0)]
ADD, DELETE = UpdateType.ADD, UpdateType.DELETE


@row(
    "§16.1 order of Logined, lists, roomStateUpdate and roomStateChanged",
    "§2.3 a normal login is two roomStateChanged",
    "§2.3 Logined, then the users, then the streams",
    "§2.3 no ADD when there is nobody and no stream",
    "§2.3 peers see the ADD of a user who is Logined",
)
def test_a_login_brings_all_in_one_order(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await alice.told("room_online_user_count_update")
            assert alice.reasons == LOGIN
            assert alice.diary.of("room_user_update") == []
            assert alice.diary.of("room_stream_update") == []
            await alice.engine.start_publishing_stream("alice-1")
            await alice.engine.set_room_extra_info(ROOM, "topic", "tea")
            await bob.enter()
            await bob.told("room_online_user_count_update")
            told = [call[0] for call in bob.diary.calls if call[0].startswith("room_")]
            assert told[2:] == [
                "room_state_update",
                "room_state_changed",
                "room_user_update",
                "room_stream_update",
                "room_extra_info_update",
                "room_online_user_count_update",
            ]
            assert await alice.told("room_user_update") == [(ROOM, ADD, (bob.user,))]

    run(scene())


@row("§2.4 maxMemberCount 0 is unlimited", "§5 above 500 users")
def test_a_room_without_a_limit_takes_501_but_announces_500(tmp_path: Path) -> None:
    async def scene() -> None:
        limits = LimitSettings(connections_per_address=1000)
        async with (
            RoomServer(server_config(tmp_path, limits=limits)) as server,
            contextlib.AsyncExitStack() as crowd,
            actors(server, "Alice", "Zoe") as (alice, zoe),
        ):
            await alice.enter()
            for number in range(499):
                socket = await crowd.enter_async_context(open_socket(server))
                await log_in(socket, f"user-{number}")
                await asyncio.sleep(0.01)
            await zoe.enter()
            (*_, last) = await zoe.told("room_online_user_count_update")
            assert last == (ROOM, 501)
            await asyncio.sleep(1)  # where many come they are told of together
            assert zoe.diary.of("room_user_update") == []
            told = alice.diary.of("room_user_update")
            assert sum(len(users) for _, _, users in told) == 499

    run(scene())


@row(
    "§2.4 ZegoRoomConfig: maxMemberCount 0, isUserStatusNotify false, token empty",
    "§2.4 userName is optional",
)
def test_a_login_needs_no_more_than_a_room_and_a_user_id(tmp_path: Path) -> None:
    async def scene() -> None:
        assert RoomConfig() == RoomConfig(
            is_user_status_notify=False, max_member_count=0, token=""
        )
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.engine.login_room(ROOM, User("bob"))
            assert await alice.told("room_user_update") == [(ROOM, ADD, (User("bob"),))]
            assert bob.diary.of("room_user_update") == []

    run(scene())


@row("§2.4 a second loginRoom is 1002001, of the same room too", "§12 1002001")
def test_an_engine_is_in_one_room(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            await alice.enter()
            for room_id in (ROOM, "cellar"):
                with pytest.raises(errors.RoomCountExceeded) as caught:
                    await alice.enter(room_id)
                assert caught.value.code == 1002001
            assert alice.reasons == LOGIN

    run(scene())


@row("§2.4 logoutRoom without a room succeeds also when not logged in")
def test_a_logout_of_nothing_succeeds(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            await alice.engine.logout_room()
            assert alice.reasons == []
            await alice.enter()
            await alice.engine.logout_room()
            await alice.engine.logout_room()
            assert alice.reasons == [*LOGIN, (R.LOGOUT, 0)]

    run(scene())


@row(
    "§16.12 every stream tells its end at a logout",
    "§2.4 logoutRoom stops publishing and playing",
)
def test_a_logout_ends_the_streams_first(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await bob.enter()
            await alice.enter()
            await alice.engine.start_publishing_stream("alice-1")
            await alice.engine.start_playing_stream("bob-1")
            await alice.engine.logout_room()
            states = [call for call in alice.diary.calls if "_state_" in call[0]]
            assert states[-5:] == [
                ("publisher_state_update", "alice-1", PublisherState.NO_PUBLISH, 0, {}),
                ("player_state_update", "bob-1", PlayerState.NO_PLAY, 0, {}),
                ("engine_state_update", EngineState.STOP),
                ("room_state_update", ROOM, 0, 0, {}),
                ("room_state_changed", ROOM, R.LOGOUT, 0, {}),
            ]
            (_, gone) = await bob.told("room_stream_update", 2)
            assert gone[3]["stream_delete_reason"][0]["code"] == 1

    run(scene())


@row(
    "§2.4 switchRoom: Logout, Logining, Logined",
    "§2.4 switchRoom stops all streams",
    "§2.2 Logout by switchRoom leaving the old room",
)
def test_a_switch_leaves_one_room_and_enters_another(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob", "Carol") as (alice, bob, carol),
        ):
            await bob.enter()
            await carol.enter("cellar")
            await alice.enter()
            await alice.engine.start_publishing_stream("alice-1")
            await alice.engine.start_playing_stream("bob-1")
            await alice.engine.switch_room(ROOM, "cellar", RoomConfig(True))
            assert [call[:2] for call in alice.diary.of("room_state_changed")] == [
                (ROOM, R.LOGINING),
                (ROOM, R.LOGINED),
                (ROOM, R.LOGOUT),
                ("cellar", R.LOGINING),
                ("cellar", R.LOGINED),
            ]
            assert alice.states("publisher_state_update", "alice-1")[-1] == (0, 0)
            assert alice.states("player_state_update", "bob-1")[-1] == (0, 0)
            assert await alice.told("room_user_update", 2) == [
                (ROOM, ADD, (bob.user,)),
                ("cellar", ADD, (carol.user,)),
            ]
            assert await carol.told("room_user_update") == [
                ("cellar", ADD, (alice.user,))
            ]
            users = await bob.told("room_user_update", 2)
            assert [call[1] for call in users] == [ADD, DELETE]

    run(scene())


@row("§2.4 switchRoom without a login, or from another room, is 1000002")
def test_only_who_is_in_a_room_can_switch_from_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            with pytest.raises(errors.NotLoggedIn):
                await alice.engine.switch_room(ROOM, "cellar")
            await alice.enter()
            with pytest.raises(errors.NotLoggedIn) as caught:
                await alice.engine.switch_room("attic", "cellar")
            assert caught.value.code == 1000002
            with pytest.raises(errors.RoomIdNull):
                await alice.engine.switch_room(ROOM, "")
            assert alice.reasons == LOGIN

    run(scene())


@row(
    "§2.4 playing across rooms of one AppID",
    "§2.4 room events are of one's own room only",
)
def test_a_stream_of_another_room_is_played_and_not_told_of(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter("cellar")
            await alice.engine.start_publishing_stream("alice-1")
            await bob.engine.start_playing_stream("alice-1")
            await until(
                lambda: bob.states("player_state_update", "alice-1")[-1][0] == 2,
                "playing across rooms",
            )
            await asyncio.sleep(60)
            for event in ("room_user_update", "room_stream_update"):
                assert alice.diary.of(event) == bob.diary.of(event) == []

    run(scene())
