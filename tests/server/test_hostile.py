"""What no honest client sends: an answer or a close each, and nobody else notices."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from intercomd.domain.errors import ErrorCode
from intercomd.engine import User
from intercomd.protocol.messages import Error, Hello, Offer
from intercomd.protocol.wire import CloseCode, encode
from intercomd.server.app import RoomServer
from intercomd.server.config import LimitSettings
from tests.engine.events import Diary, until
from tests.room_server import engine_of, server_config
from tests.server.hostile import hostile_frames
from tests.server.raw_client import log_in, open_socket, receive
from tests.server.speaking import speak

FRAMES = 1000
GENEROUS = LimitSettings(messages_per_s=1000, message_burst=10_000)


@pytest.mark.timeout(120)
def test_a_thousand_hostile_frames_cost_a_call_in_progress_no_packet(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        config = server_config(tmp_path, limits=GENEROUS)
        async with (
            RoomServer(config) as server,
            engine_of(server) as alice,
            engine_of(server) as bob,
        ):
            heard = Diary(bob)
            await alice.login_room("lobby", User("alice"))
            await bob.login_room("lobby", User("bob"))
            await bob.start_playing_stream("alice-1")
            await alice.start_publishing_stream("alice-1")
            await heard.until(lambda d: len(d.of("player_state_update")) == 2)
            stop = asyncio.Event()
            talking = asyncio.create_task(speak(alice, until=stop))
            frames = hostile_frames(FRAMES, seed=1)
            await send_before_login(server, frames[: FRAMES // 2])
            await send_after_login(server, frames[FRAMES // 2 :])
            await until(lambda: alice.stats().frames_sent > 100, "a second of sound")
            stop.set()
            await talking
            sent = alice.stats().frames_sent

            def received() -> int:
                return bob.stats().streams["alice-1"].received

            await until(lambda: received() >= sent, f"{sent} packets received")
            assert received() == sent

    asyncio.run(scene())


async def send_before_login(server: RoomServer, frames: list[str | bytes]) -> None:
    """Each on a connection of its own: an error and then a close."""
    for frame in frames:
        async with open_socket(server) as socket:
            assert isinstance(await receive(socket), Hello)
            await socket.send(frame)
            assert isinstance(await receive(socket), Error), frame
            with pytest.raises(ConnectionClosed):
                await socket.recv()


async def send_after_login(server: RoomServer, frames: list[str | bytes]) -> None:
    """One after the other on one connection: exactly one error each."""
    async with open_socket(server) as socket:
        await log_in(socket, "mallory")
        for frame in frames:
            await socket.send(frame)
            assert isinstance(await receive(socket), Error), frame


def test_a_frame_over_the_size_limit_closes_the_connection(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            open_socket(server) as socket,
        ):
            await receive(socket)
            await socket.send("x" * 100_000)
            with pytest.raises(ConnectionClosed) as caught:
                await socket.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1009

    asyncio.run(scene())


def test_who_does_not_log_in_is_hung_up_on(tmp_path: Path) -> None:
    async def scene() -> None:
        config = server_config(tmp_path, limits=LimitSettings(login_s=1))
        async with RoomServer(config) as server, open_socket(server) as socket:
            assert isinstance(await receive(socket), Hello)
            refusal = await receive(socket)
            assert isinstance(refusal, Error)
            assert refusal.code == ErrorCode.NOT_LOGGED_IN
            with pytest.raises(ConnectionClosed) as caught:
                await socket.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == CloseCode.LOGIN_TIMEOUT

    asyncio.run(scene())


def test_a_flood_of_messages_is_hung_up_on(tmp_path: Path) -> None:
    async def scene() -> None:
        limits = LimitSettings(messages_per_s=10, message_burst=20)
        async with (
            RoomServer(server_config(tmp_path, limits=limits)) as server,
            open_socket(server) as socket,
        ):
            await log_in(socket, "mallory")
            with pytest.raises(ConnectionClosed) as caught:
                await flood(socket)
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == CloseCode.TOO_MANY_MESSAGES

    asyncio.run(scene())


async def flood(socket: ClientConnection) -> None:
    for _ in range(200):
        await socket.send("{}")
    while True:
        await socket.recv()


def test_connections_over_the_limit_of_an_address_are_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        limits = LimitSettings(connections_per_address=2)
        async with (
            RoomServer(server_config(tmp_path, limits=limits)) as server,
            open_socket(server) as one,
            open_socket(server) as two,
        ):
            await receive(one)
            await receive(two)
            async with open_socket(server) as three:
                with pytest.raises(ConnectionClosed) as caught:
                    await three.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == CloseCode.TOO_MANY_CONNECTIONS

    asyncio.run(scene())


def test_a_client_that_only_pings_and_never_reads_is_cut_off(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            reader, writer = await asyncio.open_connection(*server.address)
            writer.write(
                b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                b"Sec-WebSocket-Protocol: intercom.v1\r\n\r\n"
            )
            assert b"101" in await reader.readline()
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            ping = b"\x89\xfd" + bytes(4) + b"x" * 125
            with pytest.raises(ConnectionError):
                await ping_for_ever(writer, ping * 1000)
            writer.close()

    asyncio.run(scene())


async def ping_for_ever(writer: asyncio.StreamWriter, pings: bytes) -> None:
    async with asyncio.timeout(20):
        while True:
            writer.write(pings)
            await writer.drain()


def test_the_server_ends_at_once_though_somebody_never_says_a_word(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        loop = asyncio.get_running_loop()
        async with RoomServer(server_config(tmp_path)) as server:
            _, writer = await asyncio.open_connection(*server.address)
            began_at = loop.time()
        assert loop.time() - began_at < 2.0
        writer.close()

    asyncio.run(scene())


def test_offers_have_a_limit_of_their_own(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            open_socket(server) as socket,
        ):
            await log_in(socket, "mallory")
            codes = []
            for request in range(1, 11):
                await socket.send(encode(Offer(request, "v=0")))
                reply = await receive(socket)
                assert isinstance(reply, Error)
                codes.append(reply.code)
            assert codes[:5] == [ErrorCode.MEDIA_REFUSED] * 5
            assert codes[5:] == [ErrorCode.TOO_MANY_CALLS] * 5

    asyncio.run(scene())
