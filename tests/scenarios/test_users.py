"""§5 and the seats of §2.4: who is in the room."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.domain.errors import ErrorCode
from intercomd.engine import RoomStateReason, UpdateType
from intercomd.protocol.messages import Error, LoggedIn
from intercomd.protocol.wire import CloseCode
from intercomd.server.config import RoomsSettings
from tests.protocol.house import ALICE, BOB, House
from tests.scenarios.cast import ROOM, a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.rows import row

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
def test_the_201st_login_of_a_second_is_told_to_come_back() -> None:
    house = House()
    for session in range(1, 202):
        house.enter(session, as_user=f"user-{session}")
    assert house.hung_up == {201: CloseCode.TOO_MANY_MESSAGES}
    (error,) = house.read(201)
    assert isinstance(error, Error)
    assert error.code == ErrorCode.ROOM_CALLS_TOO_FREQUENT
    house.pass_time(1)
    house.enter(202, as_user="user-201")
    assert isinstance(house.read(202)[0], LoggedIn)


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

    run(scene())
    house = House()  # the same rules on a clock that is moved by hand
    house.enter(ALICE, BOB)
    house.read_counts(ALICE)
    house.pass_time(65)
    assert house.read_counts(ALICE) == [2, 2]
