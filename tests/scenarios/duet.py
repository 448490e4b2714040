"""Alice and Bob in one room of a real server, each with a diary and a sound card."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from intercomd.domain.audio import Frame
from intercomd.engine import Engine, EngineConfig, PlayerState, User
from intercomd.server.app import RoomServer
from tests.engine.events import Diary
from tests.room_server import engine_of, server_config
from tests.scenarios.sound_card import SoundCard, tone

ALICE, BOB = User("alice", "Alice"), User("bob", "Bob")


@dataclass(slots=True)
class Party:
    """One user, in the room."""

    engine: Engine
    diary: Diary
    card: SoundCard


@dataclass(slots=True)
class Duet:
    """Both, and their server."""

    alice: Party
    bob: Party
    server: RoomServer

    user: User = ALICE

    async def talk(self, stream_id: str = "alice-1") -> None:
        """Alice publishes, Bob plays it, and the server forwards it."""
        await self.talk_unheard(stream_id)
        await self.alice.diary.until(
            lambda d: (stream_id, 1) in d.of("publisher_listeners_update")
        )

    async def talk_unheard(self, stream_id: str = "alice-1") -> None:
        """Alice publishes, and Bob plays it, heard or not."""
        await self.bob.engine.start_playing_stream(stream_id)
        await self.alice.engine.start_publishing_stream(stream_id)
        await self.bob.diary.until(
            lambda d: (
                (stream_id, PlayerState.PLAYING, 0, {}) in d.of("player_state_update")
            )
        )


@contextlib.asynccontextmanager
async def duet(
    folder: Path,
    *,
    says: list[Frame] | None = None,
    config: EngineConfig | None = None,
) -> AsyncIterator[Duet]:
    """Both logged in; Alice's microphone hears `says`, at first a tone of 500 Hz."""
    async with (
        RoomServer(server_config(folder)) as server,
        engine_of(server, config=config) as alice,
        engine_of(server, config=config) as bob,
    ):
        parties = Party(alice, Diary(alice), SoundCard(alice, says or tone()))
        others = Party(bob, Diary(bob), SoundCard(bob))
        await alice.login_room("lobby", ALICE)
        await bob.login_room("lobby", BOB)
        async with parties.card, others.card:
            yield Duet(parties, others, server)
