"""A station's place in its room, over real sockets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from intercomd.domain.room import RoomStateReason
from intercomd.engine import EngineConfig, User
from intercomd.protocol.admin import ForbidStream, ForbidUser, KickUsers
from intercomd.server.app import RoomServer
from intercomd.station import call as station_call
from intercomd.station.call import Call
from tests.engine.events import Diary, until
from tests.room_server import engine_of, server_config
from tests.scenarios.cast import a_server, operate
from tests.scenarios.network import Network


def test_everybody_is_played_though_there_are_fewer_slots(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as one,
            engine_of(server) as two,
            engine_of(server) as three,
            engine_of(server, config=EngineConfig(receive_slots=2)) as listener,
        ):
            talkers = {"one": one, "two": two, "three": three}
            for name, engine in talkers.items():
                await engine.login_room("lobby", User(name))
                await engine.start_publishing_stream(name)

            def played() -> set[str]:
                return set(listener.stats().streams)

            call = Call(listener, room_id="lobby", user=User("me"), published={})
            staying = asyncio.create_task(call.run())
            await until(lambda: played() == {"one", "two", "three"}, "all are played")
            await one.logout_room()
            await until(lambda: played() == {"two", "three"}, "who went is not")
            staying.cancel()
            await asyncio.wait([staying])

    asyncio.run(scene())


def test_a_command_that_names_no_stream_keeps_no_newcomer_from_being_heard(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as talker,
            engine_of(server) as listener,
        ):
            call = Call(listener, room_id="lobby", user=User("me"), published={})
            staying = asyncio.create_task(call.run())
            await talker.login_room("lobby", User("one"))
            for stream_id in ("a gate.1-reply", "x" * 300, "nobody-reply"):
                await call.listen(stream_id, on=True)
            await talker.start_publishing_stream("one")
            await until(lambda: set(listener.stats().streams) == {"one"}, "played")
            staying.cancel()
            await asyncio.wait([staying])

    asyncio.run(scene())


def test_a_refused_login_is_told_once_until_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station_call, "LOGIN_RETRY_S", 0.02)

    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            engine_of(server) as engine,
        ):
            told: list[str] = []
            call = Call(engine, room_id="lobby", user=User("me"), published={})
            call.on_refused = lambda: told.append(call.refusal)
            await operate(server, ForbidUser(2, 1234, "me", 60))
            staying = asyncio.create_task(call.run())
            await until(lambda: bool(told), "refused")
            await asyncio.sleep(0.1)
            assert len(told) == 1
            await operate(server, ForbidUser(2, 1234, "me", 0))
            await until(lambda: not call.refusal, "let in")
            staying.cancel()
            await asyncio.wait([staying])

    asyncio.run(scene())


def test_a_kick_counts_though_it_was_away_and_did_not_hear_of_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            engine_of(network) as engine,
        ):
            diary = Diary(engine)

            def is_told(reason: RoomStateReason) -> bool:
                return any(r is reason for _, r, *_ in diary.of("room_state_changed"))

            call = Call(engine, room_id="lobby", user=User("me"), published={})
            staying = asyncio.create_task(call.run())
            await until(lambda: is_told(RoomStateReason.LOGINED), "it is in")
            network.cut()
            await until(lambda: is_told(RoomStateReason.RECONNECTING), "it is away")
            await operate(server, KickUsers(2, 1234, "lobby", ("me",), "closing time"))
            network.mend()
            await until(lambda: call.is_kicked, "it stays out")
            assert "closing time" in caplog.text
            staying.cancel()
            await asyncio.wait([staying])

    asyncio.run(scene())


def test_a_stream_that_was_forbidden_is_played_once_it_is_back(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            engine_of(server) as talker,
            engine_of(server) as listener,
        ):
            await talker.login_room("lobby", User("one"))
            await talker.start_publishing_stream("one")
            call = Call(listener, room_id="lobby", user=User("me"), published={})
            staying = asyncio.create_task(call.run())

            def played() -> set[str]:
                return set(listener.stats().streams)

            await until(lambda: played() == {"one"}, "it is played")
            await operate(server, ForbidStream(2, 1234, "one", 60))
            await until(lambda: played() == set(), "it is played no more")
            await operate(server, ForbidStream(2, 1234, "one", 0))
            await talker.start_publishing_stream("one")
            await until(lambda: played() == {"one"}, "it is played again")
            staying.cancel()
            await asyncio.wait([staying])

    asyncio.run(scene())
