"""Users of one room server in one scenario: engines with diaries."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intercomd.engine import Engine, RoomConfig, User
from intercomd.protocol.admin import AdminReply, AdminRequest
from intercomd.server.admin_client import ask
from intercomd.server.app import RoomServer
from intercomd.server.config import AdminSettings, ServerConfig
from tests.engine.events import Diary
from tests.room_server import engine_of, server_config, url_of

ADMIN_SECRET = "fedcba9876543210" * 4
ROOM = "lobby"


def play(scene: Coroutine[Any, Any, None]) -> None:
    """Run a scenario, for half a minute at most."""

    async def limited() -> None:
        async with asyncio.timeout(30):
            await scene

    asyncio.run(limited())


def with_operator(config: ServerConfig, folder: Path) -> ServerConfig:
    """The configuration, with an operator who knows `ADMIN_SECRET`."""
    secret_file = folder / "admin_secret"
    secret_file.write_text(ADMIN_SECRET)
    secret_file.chmod(0o600)
    return ServerConfig(
        apps=config.apps,
        listen=config.listen,
        limits=config.limits,
        rooms=config.rooms,
        admin=AdminSettings(secret_file),
    )


@contextlib.asynccontextmanager
async def a_server(folder: Path, port: int = 0) -> AsyncIterator[RoomServer]:
    """A room server that has an operator."""
    config = with_operator(server_config(folder, port=port), folder)
    async with RoomServer(config) as server:
        yield server


async def operate(server: RoomServer, request: AdminRequest) -> AdminReply:
    """The operator asks for this."""
    return await ask(url_of(server), ADMIN_SECRET, request)


@dataclass(frozen=True, slots=True)
class Actor:
    """An engine, who it is, and what it was told."""

    user: User
    engine: Engine
    diary: Diary

    async def enter(
        self, room_id: str = ROOM, *, notify: bool = True, max_member_count: int = 0
    ) -> None:
        """Log in."""
        config = RoomConfig(notify, max_member_count)
        await self.engine.login_room(room_id, self.user, config)

    async def told(self, event: str, count: int = 1) -> list[tuple[Any, ...]]:
        """Wait until an event was told so often; the arguments of each time."""
        await self.diary.until(lambda diary: len(diary.of(event)) >= count)
        return self.diary.of(event)


@contextlib.asynccontextmanager
async def actors(server: RoomServer, *names: str) -> AsyncIterator[list[Actor]]:
    """An engine for each name, none of them in a room yet."""
    async with contextlib.AsyncExitStack() as stack:
        cast = []
        for name in names:
            engine = await stack.enter_async_context(engine_of(server))
            user = User(name.lower(), name)
            cast.append(Actor(user, engine, Diary(engine)))
        yield cast
