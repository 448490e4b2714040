"""Mending a media connection by hand, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from intercomd.domain.errors import EngineNotCreated
from intercomd.engine import Engine, User
from intercomd.server.app import RoomServer
from tests.engine.events import until
from tests.room_server import engine_of, server_config
from tests.server.speaking import speak


@asynccontextmanager
async def a_call(folder: Path) -> AsyncIterator[tuple[Engine, Engine]]:
    """A talker, who does not stop, and a listener."""
    async with (
        RoomServer(server_config(folder)) as server,
        engine_of(server) as talker,
        engine_of(server) as listener,
        asyncio.timeout(30),
    ):
        for engine, user in ((talker, "alice"), (listener, "bob")):
            await engine.login_room("lobby", User(user))
        await talker.start_publishing_stream("voice")
        await listener.start_playing_stream("voice")
        silence = asyncio.Event()
        voice = asyncio.create_task(speak(talker, until=silence))
        await until(lambda: received(listener) > 50, "sound")
        yield talker, listener
        silence.set()
        await voice


def received(engine: Engine) -> int:
    media = engine.stats().media
    return media.packets_received if media else 0


def test_a_migrated_connection_is_the_same_one(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_call(tmp_path) as (_, listener):
            before = received(listener)
            listener.migrate_media()
            await until(lambda: received(listener) > before + 50, "sound goes on")
            # Not replaced when the time for a migration is over, either.
            await until(lambda: received(listener) > before + 300, "and on")
            assert listener.is_media_up

    asyncio.run(scene())


def test_a_renewed_connection_is_another_one(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_call(tmp_path) as (_, listener):
            before = received(listener)
            listener.renew_media()
            await until(lambda: received(listener) < before, "another one")
            await until(lambda: received(listener) > 50, "sound goes on")
            assert listener.is_media_up

    asyncio.run(scene())


def test_a_talker_is_heard_on_after_either(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_call(tmp_path) as (talker, listener):
            for mend in (talker.migrate_media, talker.renew_media):
                mend()
                before = received(listener)
                await until(lambda: received(listener) > before + 50, "sound")  # noqa: B023

    asyncio.run(scene())


def test_nothing_is_mended_after_the_end(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            engine = engine_of(server)
            engine.migrate_media()  # nothing to mend, and no error
            assert not engine.is_media_up
            await engine.close()
            with pytest.raises(EngineNotCreated):
                engine.renew_media()

    asyncio.run(scene())
