"""§7: how often a room and a user may; the clock stands still while they try."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from intercomd.domain import errors
from intercomd.engine import Engine, RoomStateReason
from tests.scenarios.cast import ROOM, a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.rows import row

Call = Callable[[Engine], Coroutine[Any, Any, object]]


def broadcast(engine: Engine) -> Coroutine[Any, Any, int]:
    return engine.send_broadcast_message(ROOM, "!")


def barrage(engine: Engine) -> Coroutine[Any, Any, str]:
    return engine.send_barrage_message(ROOM, "!")


def command_to_one(engine: Engine) -> Coroutine[Any, Any, None]:
    return engine.send_custom_command(ROOM, "!", ["user0"])


def command_to_all(engine: Engine) -> Coroutine[Any, Any, None]:
    return engine.send_custom_command(ROOM, "!")


def extra_info(engine: Engine) -> Coroutine[Any, Any, None]:
    return engine.set_room_extra_info(ROOM, "topic", "")


@row(
    "§15 broadcasts: 2 a second of a user, 10 of a room",
    "§7 broadcast 10 a second in a room",
    "§7 barrage 20 a second",
    "§7 custom command 200 a second to one and 10 to many",
    "§7 room extra info 10 a second",
    "§7 setRoomExtraInfo takes an empty value",
    "§7 up to 50 messages in an event",
    "§12 1002072",
)
@pytest.mark.parametrize(
    ("call", "senders", "each", "allowed"),
    [
        (broadcast, 12, 1, 10),
        (barrage, 3, 8, 20),
        (command_to_one, 3, 70, 200),
        (command_to_all, 3, 4, 10),
        (extra_info, 3, 4, 10),
    ],
)
def test_a_room_may_so_often_a_second(
    call: Call, senders: int, each: int, allowed: int, tmp_path: Path
) -> None:
    async def scene() -> None:
        names = [f"User{number}" for number in range(senders)]
        async with a_server(tmp_path) as server, actors(server, *names) as cast:
            for actor in cast:
                await actor.enter()
            engines = [actor.engine for actor in cast]
            for _ in range(2):
                codes = await outcomes([call(e) for e in engines for _ in range(each)])
                assert codes == {0: allowed, 1002072: senders * each - allowed}
                await asyncio.sleep(2)
            for kind in ("broadcast", "barrage"):
                told = cast[0].diary.of(f"im_recv_{kind}_message")
                assert all(1 <= len(messages) <= 50 for _, messages in told)

    run(scene())


@row("§12 1002073")
def test_a_user_who_says_too_much_is_refused_and_stays(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            await alice.enter()
            codes = await outcomes([barrage(alice.engine) for _ in range(250)])
            assert set(codes) == {0, 1002072, 1002073}
            await asyncio.sleep(1)
            await barrage(alice.engine)
            assert alice.reasons[-1] == (RoomStateReason.LOGINED, 0)

    run(scene())


async def outcomes(calls: Sequence[Coroutine[Any, Any, object]]) -> Counter[int]:
    """How many of these calls, made at once, ended with which code."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    return Counter(
        int(result.code) if isinstance(result, errors.IntercomError) else 0
        for result in results
    )
