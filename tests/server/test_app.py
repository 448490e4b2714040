"""The room server as a whole: pages, start, stop, and what it tells operators."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from intercomd.domain.errors import ListenRefused
from intercomd.engine import RoomConfig, RoomStateReason, UpdateType, User
from intercomd.server.app import RoomServer
from intercomd.server.config import LimitSettings, RoomsSettings
from tests.engine.events import Diary
from tests.room_server import APP_SIGN, engine_of, server_config
from tests.server.raw_client import log_in, open_socket


async def get(server: RoomServer, path: str) -> tuple[int, str]:
    host, port = server.address

    def fetch() -> tuple[int, str]:
        url = f"http://{host}:{port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(fetch)


async def metrics(server: RoomServer) -> str:
    return (await get(server, "/metrics"))[1]


def test_healthz_counts_rooms_users_and_streams(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
        ):
            await alice.login_room("lobby", User("alice"))
            await alice.start_publishing_stream("alice-1")
            status, text = await get(server, "/healthz")
            told = json.loads(text)
            assert status == 200
            assert told["status"] == "ok"
            assert (told["rooms"], told["users"], told["streams"]) == (1, 1, 1)

    asyncio.run(scene())


def test_metrics_are_prometheus_text_without_secrets(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
        ):
            await alice.login_room("lobby", User("alice"))
            status, text = await get(server, "/metrics")
            assert status == 200
            assert "intercom_users 1.0" in text
            assert "intercom_connections 1.0" in text
            assert "# TYPE intercom_packets_out_total counter" in text
            assert APP_SIGN not in text

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("path", "status"), [("/ws", 426), ("/none", 404), ("/healthz?x=1", 200)]
)
def test_other_pages_say_what_there_is(tmp_path: Path, path: str, status: int) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            assert (await get(server, path))[0] == status

    asyncio.run(scene())


def test_a_taken_port_is_one_clear_error(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            port = server.address[1]
            with pytest.raises(ListenRefused, match=f"127.0.0.1:{port}"):
                await RoomServer(server_config(tmp_path, port=port)).__aenter__()

    asyncio.run(scene())


def test_a_stopped_and_started_server_has_everybody_back(tmp_path: Path) -> None:
    async def scene() -> None:
        server = RoomServer(server_config(tmp_path))
        async with server:
            port = server.address[1]
            alice, bob = engine_of(server), engine_of(server)
            of_bob = Diary(bob)
            await alice.login_room("lobby", User("alice"))
            await bob.login_room("lobby", User("bob"))
            await bob.start_playing_stream("alice-1")
            await alice.start_publishing_stream("alice-1")
            await of_bob.until(lambda d: len(d.of("player_state_update")) == 2)
        async with RoomServer(server_config(tmp_path, port=port)), alice, bob:
            await of_bob.until(
                lambda d: (
                    [call[1] for call in d.of("room_state_changed")][-2:]
                    == [RoomStateReason.RECONNECTING, RoomStateReason.RECONNECTED]
                    and len(d.of("player_state_update")) == 4
                )
            )

    asyncio.run(scene())


def test_a_lost_user_is_put_out_after_the_heartbeat_timeout(tmp_path: Path) -> None:
    async def scene() -> None:
        config = server_config(tmp_path, rooms=RoomsSettings(heartbeat_timeout_s=1))
        async with RoomServer(config) as server, engine_of(server) as alice:
            of_alice = Diary(alice)
            notify = RoomConfig(is_user_status_notify=True)
            await alice.login_room("lobby", User("alice"), notify)
            async with open_socket(server) as socket:
                await log_in(socket, "bob")
                socket.transport.abort()  # as if its machine lost power
            await of_alice.until(lambda d: len(d.of("room_user_update")) == 2)
            assert of_alice.of("room_user_update") == [
                ("lobby", UpdateType.ADD, (User("bob"),)),
                ("lobby", UpdateType.DELETE, (User("bob"),)),
            ]

    asyncio.run(scene())


def test_who_is_lost_longest_gives_way_where_too_many_are(tmp_path: Path) -> None:
    async def scene() -> None:
        limits = LimitSettings(connections=3)
        async with (
            RoomServer(server_config(tmp_path, limits=limits)) as server,
            open_socket(server) as stays,
        ):
            await log_in(stays, "alice")
            for number in range(5):
                async with open_socket(server) as socket:
                    await log_in(socket, f"user-{number}")
                    socket.transport.abort()
                async with asyncio.timeout(5):
                    while "\nintercom_connections 1.0" not in await metrics(server):
                        pass
            assert server.sentence().endswith("3 users in 1 room")

    asyncio.run(scene())
