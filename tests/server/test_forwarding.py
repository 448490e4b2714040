"""Packets between slots, over real media connections."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from websockets.asyncio.client import ClientConnection

from intercomd.domain.errors import ErrorCode
from intercomd.engine import Engine, EngineConfig, User
from intercomd.media.packet import Packet
from intercomd.media.peer import ClientPeer, PeerState
from intercomd.protocol.messages import Answer, Error, Offer, Play, Publish
from intercomd.protocol.wire import encode
from intercomd.server.app import RoomServer
from tests.engine.events import Diary, until
from tests.room_server import engine_of, server_config
from tests.server.raw_client import log_in, open_socket, receive
from tests.server.speaking import speak

SILENCE = bytes((0xF0, 0xFF, 0xFE))


async def open_media(socket: ClientConnection, *, request: int) -> ClientPeer:
    """Offer a media connection and wait until it is up."""
    peer = ClientPeer(
        on_packet=lambda slot, packet, at: None,
        on_state=lambda state: None,
        addresses=["127.0.0.1"],
    )
    await socket.send(encode(Offer(request, await peer.offer())))
    reply = await receive(socket)
    while not isinstance(reply, Answer):
        reply = await receive(socket)
    await peer.accept(reply.sdp)
    await until(lambda: peer.state is PeerState.CONNECTED, "connected")
    return peer


@contextlib.asynccontextmanager
async def alice_and_bob(
    folder: Path,
) -> AsyncIterator[tuple[ClientConnection, Engine]]:
    """Alice publishes "alice-1" by hand and has no media yet; Bob plays it."""
    async with (
        RoomServer(server_config(folder)) as server,
        engine_of(server) as bob,
        open_socket(server) as alice,
    ):
        heard = Diary(bob)
        await log_in(alice, "alice")
        await alice.send(encode(Publish(2, "alice-1")))
        await bob.login_room("lobby", User("bob"))
        await bob.start_playing_stream("alice-1")
        await heard.until(lambda d: len(d.of("player_state_update")) == 2)
        yield alice, bob


def test_a_listener_with_a_slot_it_did_not_offer_silences_nobody(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
            engine_of(server) as bob,
            open_socket(server) as mallory,
        ):
            heard = Diary(alice)
            await alice.login_room("lobby", User("alice"))
            await log_in(mallory, "mallory")
            await mallory.send(encode(Play(2, "alice-1", 31)))
            peer = await open_media(mallory, request=3)
            await alice.start_publishing_stream("alice-1")
            await bob.login_room("lobby", User("bob"))
            await bob.start_playing_stream("alice-1")
            await heard.until(
                lambda d: ("alice-1", 1) in d.of("publisher_listeners_update")
            )
            await speak(alice, frames=20)
            await until(
                lambda: bool(bob.stats().streams["alice-1"].received == 20),
                "all packets at the honest listener",
            )
            # Nor is it counted: the talker's light says who really hears.
            assert heard.of("publisher_listeners_update") == [("alice-1", 1)]
            await peer.close()

    asyncio.run(scene())


def test_a_publisher_is_heard_on_its_next_connection_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with alice_and_bob(tmp_path) as (alice, bob):
            peers: list[ClientPeer] = []

            def received() -> int:
                return bob.stats().streams["alice-1"].received

            for request, first in ((3, 9000), (4, 7000)):
                heard_before = received()
                peer = await open_media(alice, request=request)
                for number in range(first, first + 10):
                    peer.send(0, Packet(number, 480 * number, SILENCE))
                await until(
                    lambda n=heard_before: received() == n + 10,  # type: ignore[misc]
                    "every packet of this connection",
                )
                peers.append(peer)
            for peer in peers:
                await peer.close()

    asyncio.run(scene())


def test_a_refused_offer_leaves_the_connection_as_it_is(tmp_path: Path) -> None:
    async def scene() -> None:
        async with alice_and_bob(tmp_path) as (alice, bob):
            peer = await open_media(alice, request=3)
            await alice.send(encode(Offer(4, "v=0")))
            while not isinstance(reply := await receive(alice), Error):
                pass
            assert reply.code == ErrorCode.MEDIA_REFUSED
            for number in range(10):
                peer.send(0, Packet(number, 480 * number, SILENCE))
            await until(
                lambda: bool(bob.stats().streams["alice-1"].received == 10),
                "all packets on the connection there was",
            )
            await peer.close()

    asyncio.run(scene())


def test_who_waits_for_a_slot_loses_not_one_packet_of_a_talk(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as bob,
            engine_of(server) as carol,
            engine_of(server, config=EngineConfig(receive_slots=1)) as alice,
        ):
            await alice.login_room("lobby", User("alice"))
            for name, engine in (("bob", bob), ("carol", carol)):
                heard = Diary(engine)
                await engine.login_room("lobby", User(name))
                await engine.start_publishing_stream(name)
                await alice.start_playing_stream(name)
                await heard.until(
                    lambda d: (d.of("publisher_listeners_update") or [("", 0)])[-1][1]
                )
            await speak(carol, frames=20)
            await until(
                lambda: bool(alice.stats().streams["carol"].received == 20),
                "every packet of the talk",
            )

    asyncio.run(scene())
