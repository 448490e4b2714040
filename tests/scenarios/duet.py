"""Alice and Bob in one room of a real server, each with a sound card."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from intercomd.domain.audio import Frame
from intercomd.engine import EngineConfig, PlayerState
from intercomd.server.app import RoomServer
from tests.scenarios.cast import Actor, a_server, actors
from tests.scenarios.sound_card import SoundCard, tone


@dataclass(frozen=True, slots=True)
class Party(Actor):
    """One user, in the room."""

    card: SoundCard


@dataclass(frozen=True, slots=True)
class Duet:
    """Both, and their server."""

    alice: Party
    bob: Party
    server: RoomServer

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
        a_server(folder) as server,
        actors(server, "Alice", "Bob", config=config) as (alice, bob),
    ):
        await alice.enter(notify=False)
        await bob.enter(notify=False)
        async with (
            SoundCard(alice.engine, says or tone()) as microphone,
            SoundCard(bob.engine) as loudspeaker,
        ):
            yield Duet(_with(microphone, alice), _with(loudspeaker, bob), server)


def _with(card: SoundCard, actor: Actor) -> Party:
    return Party(actor.user, actor.engine, actor.diary, card)
