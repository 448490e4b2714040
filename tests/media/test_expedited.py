"""The mark on datagrams of sound, on real sockets."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from intercomd.media import expedited
from intercomd.media.expedited import EXPEDITED, expedite
from intercomd.media.peer import ClientPeer, PeerState, ServerPeer
from tests.media.test_migration import swallow
from tests.media.test_peer import call
from tests.media.test_seam import until


def marks(peer: ClientPeer | ServerPeer) -> list[int]:
    """The mark of each socket the peer has open."""
    transport = peer._pipe._transport
    assert transport is not None
    sockets = [
        protocol.transport.get_extra_info("socket")
        for protocol in transport.transport._connection._protocols
    ]
    return [each.getsockopt(socket.IPPROTO_IP, socket.IP_TOS) for each in sockets]


def test_media_of_both_ends_is_marked_and_stays_so_on_another_path() -> None:
    async def scenario() -> None:
        async with call() as parts:
            assert set(marks(parts.client)) == set(marks(parts.server)) == {EXPEDITED}
            await asyncio.sleep(0.5)
            swallow(parts)
            await until(lambda: parts.client.state is PeerState.SILENT)
            assert await parts.client.migrate()
            assert set(marks(parts.client)) == {EXPEDITED}

    asyncio.run(scenario())


def test_mark_arrives_at_the_other_end() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far,
    ):
        far.bind(("127.0.0.1", 0))
        far.settimeout(5)
        far.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        expedite(near)
        near.sendto(b"sound", far.getsockname())
        _, [(_, kind, mark)], _, _ = far.recvmsg(100, 100)
        assert (kind, mark[0]) == (socket.IP_TOS, EXPEDITED)


def test_ipv6_is_marked_by_its_traffic_class() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as near:
        expedite(near)
        mark = near.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS)
        assert mark == EXPEDITED


def test_refusal_is_said_once_and_hurts_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    expedited._say_refused.cache_clear()
    caplog.set_level(logging.DEBUG, logger=expedited.__name__)
    closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    closed.close()
    for _ in range(2):
        expedite(closed)
    assert len(caplog.records) == 1
