"""§5 and the seats of §2.4: who is in the room."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.engine import RoomStateReason, UpdateType
from intercomd.server.app import RoomServer
from intercomd.server.config import LimitSettings, RoomsSettings
from tests.room_server import server_config
from tests.scenarios.cast import ROOM, a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.rows import row
from tests.server.raw_client import log_in, open_socket

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE


@row(
    "§2.4 the first user's maxMemberCount counts, exceeded is 1002034",
    "§2.2 LoginFailed 1002034",
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
            assert carol.reasons[-1] == (RoomStateReason.LOGIN_FAILED, 1002034)

    run(scene())


@row("§2.4 login rate 200 a second in a room")
def test_the_201st_login_of_a_second_is_tried_again(tmp_path: Path) -> None:
    async def scene() -> None:
        limits = LimitSettings(connections_per_address=300)
        async with (
            RoomServer(server_config(tmp_path, limits=limits)) as server,
            contextlib.AsyncExitStack() as crowd,
            actors(server, "Alice") as (alice,),
        ):
            for number in range(200):
                socket = await crowd.enter_async_context(open_socket(server))
                await log_in(socket, f"user-{number}")
            began_at = time.monotonic()
            await alice.enter()
            assert 0.9 < time.monotonic() - began_at < 3
            assert [code for _, code in alice.reasons] == [0, 0]

    run(scene())


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

    run(scene())


@row(
    "§16.7 a user with isUserStatusNotify false is announced",
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

    run(scene())


@row("§5 above 500 users")
def test_the_501st_user_hears_of_nobody_and_nobody_of_it(tmp_path: Path) -> None:
    async def scene() -> None:
        rooms = RoomsSettings(announced_members=2)  # 500, if nothing is said
        async with (
            a_server(tmp_path, rooms=rooms) as server,
            actors(server, "Alice", "Bob", "Carol") as (alice, bob, carol),
        ):
            for actor in (alice, bob, carol):
                await actor.enter()
            await carol.engine.start_publishing_stream("carol-1")
            for actor in (alice, bob):
                await actor.told("room_stream_update")
            assert alice.diary.of("room_user_update") == [(ROOM, ADD, (bob.user,))]
            assert bob.diary.of("room_user_update") == [(ROOM, ADD, (alice.user,))]
            assert carol.diary.of("room_user_update") == []

    assert RoomsSettings().announced_members == 500
    run(scene())


@row(
    "§16.6 the online count includes oneself and comes at once",
    "§5 roomOnlineUserCountUpdate at login and every 30 s",
)
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
            for times in (2, 3):
                told = await alice.told(counts, times, within_s=30.1)
                assert told[-1] == (ROOM, 2)
                assert await bob.told(counts, times) == [(ROOM, 2)] * times

    run(scene())
