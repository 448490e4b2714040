"""A path that dies in mid-call: noticed, and left for another one."""

from __future__ import annotations

import asyncio
import time

from aioice.ice import CandidatePair

from intercomd.media import seam
from intercomd.media.peer import PeerState
from tests.media.test_peer import Call, call, packet, sequences, talk
from tests.media.test_seam import sockets_and_tasks, until


class BlackHole(asyncio.DatagramTransport):
    """In the place of a socket whose address is gone: nothing comes out of it."""

    def __init__(self, socket: asyncio.DatagramTransport) -> None:
        super().__init__()
        self._socket = socket

    def sendto(self, data: object, addr: object = None) -> None: ...

    def close(self) -> None:
        self._socket.close()


class Swallowing:
    """The way into the black hole."""

    def __init__(self, pair: CandidatePair) -> None:
        self.pair = pair

    def send(self, datagram: bytes) -> bool:
        return bool(datagram)


def swallow(parts: Call) -> None:
    """Cut the client's path in both directions, telling nobody."""
    transport = parts.client._pipe._transport
    assert transport is not None
    pair = transport.transport._connection._nominated[1]
    parts.client._pipe._way = Swallowing(pair)  # type: ignore[assignment]
    protocol = pair.protocol
    protocol.transport = BlackHole(protocol.transport)
    protocol.datagram_received = lambda *_: None  # type: ignore[method-assign]


def test_idle_connection_stays_connected_by_keep_alives() -> None:
    async def scenario() -> None:
        async with call() as parts:
            await asyncio.sleep(2.0)  # real time is what is tested here
            assert parts.is_up
            assert PeerState.SILENT not in parts.client_states + parts.server_states

    asyncio.run(scenario())


def test_dead_path_is_noticed_by_both_ends_within_a_second() -> None:
    async def scenario() -> None:
        async with call() as parts:
            # Nobody is silent who has not promised to speak.
            await until(lambda: parts.client._session is not None)
            await asyncio.sleep(0.5)
            swallow(parts)
            cut_at = time.monotonic()
            await until(lambda: parts.client.state is PeerState.SILENT)
            await until(lambda: parts.server.state is PeerState.SILENT)
            assert time.monotonic() - cut_at < 1.2

    asyncio.run(scenario())


def test_migration_carries_on_with_the_same_keys_and_slots() -> None:
    async def scenario() -> None:
        async with call() as parts:
            await talk(lambda p: parts.client.send(0, p), 5)
            await asyncio.sleep(0.5)
            swallow(parts)
            await until(lambda: parts.client.state is PeerState.SILENT)
            began_at = time.monotonic()
            assert await parts.client.migrate()
            assert time.monotonic() - began_at < 0.5
            await until(lambda: parts.is_up)
            for n in range(5, 10):
                assert parts.client.send(0, packet(n))
                assert parts.server.send(3, packet(n))
            await until(lambda: len(parts.at_client) == 5)
            await until(lambda: sequences(parts.at_server) == list(range(10)))

    asyncio.run(scenario())


def test_many_migrations_hold_no_more_sockets_than_one() -> None:
    async def scenario() -> None:
        async with call() as parts:
            assert await parts.client.migrate()
            before = sockets_and_tasks()
            for _ in range(5):
                assert await parts.client.migrate()
            assert sockets_and_tasks() == before
            assert parts.is_up

    asyncio.run(scenario())


def test_migration_that_finds_no_way_leaves_all_as_it_was() -> None:
    async def scenario() -> None:
        async with call() as parts:
            before = sockets_and_tasks()
            transport = parts.server._pipe._transport
            assert transport is not None
            agent = transport.transport._connection
            # It answers no check any more.
            agent.request_received = lambda *_: None  # type: ignore[method-assign]
            began_at = time.monotonic()
            assert not await parts.client.migrate()
            assert time.monotonic() - began_at < seam.MIGRATION_LIMIT_S + 0.5
            assert sockets_and_tasks() == before
            assert parts.client.send(0, packet(1))
            await until(lambda: len(parts.at_server) == 1)

    asyncio.run(scenario())


def test_a_connection_can_be_closed_while_it_looks_for_another_path() -> None:
    async def scenario() -> None:
        troubles: list[object] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: troubles.append(context)
        )
        before = sockets_and_tasks()
        async with call() as parts:
            transport = parts.server._pipe._transport
            assert transport is not None
            agent = transport.transport._connection
            agent.request_received = lambda *_: None  # type: ignore[method-assign]
            migrating = asyncio.create_task(parts.client.migrate())
            await asyncio.sleep(0.1)
            await parts.client.close()
            assert not await migrating
            await asyncio.sleep(seam.MIGRATION_LIMIT_S)  # real: checks are repeated
        assert sockets_and_tasks() == before
        assert troubles == []

    asyncio.run(scenario())
