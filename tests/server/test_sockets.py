"""Connections that say nothing: how many may be there, and who waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake
from websockets.typing import Subprotocol

from intercomd.protocol.messages import Hello
from intercomd.protocol.wire import decode_server_message
from intercomd.server.app import RoomServer
from intercomd.server.config import LimitSettings, ServerConfig
from intercomd.server.tls import client_context, self_signed
from tests.room_server import server_config

LIMITS = LimitSettings(connections=4, connections_per_address=2, login_s=60)


def config_of(folder: Path, *, tls: bool) -> ServerConfig:
    config = server_config(folder, limits=LIMITS)
    if not tls:
        return config
    certificate, key = self_signed(folder)
    listen = replace(config.listen, tls_cert=certificate, tls_key=key)
    return replace(config, listen=listen)


@contextlib.asynccontextmanager
async def silent(
    server: RoomServer, count: int, *, from_host: str
) -> AsyncIterator[list[asyncio.StreamReader]]:
    """So many connections that never say a word, one after the other."""
    pairs = [
        await asyncio.open_connection(*server.address, local_addr=(from_host, 0))
        for _ in range(count)
    ]
    yield [reader for reader, _ in pairs]
    for _, writer in pairs:
        writer.transport.abort()


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Wait for its end; whether it comes soon."""
    try:
        async with asyncio.timeout(2):
            return await reader.read() == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


async def greeting(server: RoomServer, *, from_host: str, tls: Path | None) -> Hello:
    """What an honest client from that address hears first."""
    host, port = server.address
    context: ssl.SSLContext | None = None if tls is None else client_context(tls)
    async with connect(
        f"{'ws' if tls is None else 'wss'}://{host}:{port}",
        ssl=context,
        local_addr=(from_host, 0),
        subprotocols=[Subprotocol("intercom.v1")],
        proxy=None,
    ) as socket:
        hello = decode_server_message(await socket.recv())
    assert isinstance(hello, Hello)
    return hello


async def until_greeted(
    server: RoomServer, *, from_host: str, tls: Path | None
) -> None:
    """Try until there is room again."""
    async with asyncio.timeout(5):
        while True:
            with contextlib.suppress(ConnectionError, InvalidHandshake):
                await greeting(server, from_host=from_host, tls=tls)
                return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("tls", [False, True])
def test_one_silent_address_shuts_no_other_out(tmp_path: Path, *, tls: bool) -> None:
    async def scene() -> None:
        config = config_of(tmp_path, tls=tls)
        certificate = config.listen.tls_cert
        async with (
            RoomServer(config) as server,
            silent(server, 10, from_host="127.0.0.2") as readers,
        ):
            for surplus in readers[4:]:
                assert await is_cut(surplus)
            await greeting(server, from_host="127.0.0.3", tls=certificate)

    asyncio.run(scene())


@pytest.mark.parametrize("tls", [False, True])
def test_silent_connections_of_many_addresses_have_a_limit(
    tmp_path: Path, *, tls: bool
) -> None:
    async def scene() -> None:
        config = config_of(tmp_path, tls=tls)
        certificate = config.listen.tls_cert
        async with RoomServer(config) as server:
            async with (
                silent(server, 4, from_host="127.0.0.2"),
                silent(server, 4, from_host="127.0.0.3"),
                silent(server, 1, from_host="127.0.0.4") as [surplus],
            ):
                assert await is_cut(surplus)
            await until_greeted(server, from_host="127.0.0.2", tls=certificate)

    asyncio.run(scene())


def test_the_server_ends_at_once_though_somebody_never_begins_tls(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        loop = asyncio.get_running_loop()
        async with (
            RoomServer(config_of(tmp_path, tls=True)) as server,
            silent(server, 3, from_host="127.0.0.2"),
        ):
            # The one after them is greeted: by then they are known.
            await greeting(server, from_host="127.0.0.3", tls=tmp_path / "tls_cert.pem")
            began_at = loop.time()
        assert loop.time() - began_at < 2.0

    asyncio.run(scene())


def test_a_request_that_comes_along_with_the_end_of_the_handshake_is_answered(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with RoomServer(config_of(tmp_path, tls=True)) as server:
            reader, writer = await asyncio.open_connection(*server.address)
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            context = client_context(tmp_path / "tls_cert.pem")
            tls = context.wrap_bio(incoming, outgoing)
            with pytest.raises(ssl.SSLWantReadError):
                tls.do_handshake()
            writer.write(outgoing.read())
            is_done = False
            while not is_done:
                incoming.write(await reader.read(65536))
                with contextlib.suppress(ssl.SSLWantReadError):
                    tls.do_handshake()
                    is_done = True
            tls.write(b"GET /healthz HTTP/1.1\r\nHost: intercom\r\n\r\n")
            writer.write(outgoing.read())  # both in one
            told = b""
            while not told:
                incoming.write(await reader.read(65536))
                with contextlib.suppress(ssl.SSLWantReadError):
                    told = tls.read(65536)
            assert told.startswith(b"HTTP/1.1 200")
            writer.close()

    asyncio.run(asyncio.wait_for(scene(), 10))


@pytest.mark.parametrize("hello", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03", b""])
def test_who_gives_up_tls_makes_room(tmp_path: Path, hello: bytes) -> None:
    async def scene() -> None:
        async with RoomServer(config_of(tmp_path, tls=True)) as server:
            for _ in range(10):
                reader, writer = await asyncio.open_connection(*server.address)
                writer.write(hello)
                writer.write_eof()
                assert await reader.read() is not None
                writer.close()
            certificate = tmp_path / "tls_cert.pem"
            await until_greeted(server, from_host="127.0.0.1", tls=certificate)

    asyncio.run(scene())
