"""Packets between slots, over real media connections."""

from __future__ import annotations

import asyncio
from pathlib import Path

from intercomd.engine import EngineConfig, User
from intercomd.media.peer import ClientPeer, PeerState
from intercomd.protocol.messages import Answer, Offer, Play
from intercomd.protocol.wire import encode
from intercomd.server.app import RoomServer
from tests.engine.events import Diary, until
from tests.room_server import engine_of, server_config
from tests.server.raw_client import log_in, open_socket, receive
from tests.server.speaking import speak


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
            states: list[PeerState] = []
            peer = ClientPeer(
                on_packet=lambda slot, packet, at: None,
                on_state=states.append,
                addresses=["127.0.0.1"],
            )
            await mallory.send(encode(Play(2, "alice-1", 31)))
            await mallory.send(encode(Offer(3, await peer.offer())))
            reply = await receive(mallory)
            while not isinstance(reply, Answer):
                reply = await receive(mallory)
            await peer.accept(reply.sdp)
            await until(lambda: PeerState.CONNECTED in states, "connected")
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
