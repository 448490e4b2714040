"""Users of one room server in one scenario: engines with diaries."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intercomd.engine import (
    Engine,
    EngineConfig,
    PlayerState,
    RoomConfig,
    RoomStateReason,
    User,
)
from intercomd.protocol.admin import AdminReply, AdminRequest
from intercomd.server.admin_client import ask
from intercomd.server.app import RoomServer
from intercomd.server.config import AdminSettings, RoomsSettings, ServerConfig
from tests.engine.events import Call, Diary
from tests.room_server import APP_ID, APP_SIGN, engine_of, server_config, url_of
from tests.scenarios.chart import check_room_states
from tests.scenarios.network import Network

ADMIN_SECRET = "fedcba9876543210" * 4
ROOM = "lobby"


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
async def a_server(
    folder: Path, port: int = 0, rooms: RoomsSettings | None = None
) -> AsyncIterator[RoomServer]:
    """A room server that has an operator."""
    config = with_operator(server_config(folder, port=port, rooms=rooms), folder)
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
        self,
        room_id: str = ROOM,
        *,
        notify: bool = True,
        max_member_count: int = 0,
        token: str = "",
    ) -> None:
        """Log in."""
        config = RoomConfig(notify, max_member_count, token)
        await self.engine.login_room(room_id, self.user, config)

    async def told(
        self, event: str, count: int = 1, *, within_s: float = 10.0
    ) -> list[Call]:
        """Wait until an event was told so often; the arguments of each time."""
        await self.diary.until(
            lambda diary: len(diary.of(event)) >= count, timeout_s=within_s
        )
        return self.diary.of(event)

    @property
    def reasons(self) -> list[tuple[RoomStateReason, int]]:
        """Each `room_state_changed` so far, with its code."""
        return [call[1:3] for call in self.diary.of("room_state_changed")]

    async def comes_to(
        self, reason: RoomStateReason, code: int = 0, *, within_s: float = 10.0
    ) -> None:
        """Wait until this is what `room_state_changed` told last."""
        await self.diary.until(
            lambda _: self.reasons[-1:] == [(reason, code)], timeout_s=within_s
        )

    async def comes_to_play(
        self, stream_id: str, state: PlayerState, code: int = 0
    ) -> None:
        """Wait until this is what `player_state_update` told last of a stream."""
        await self.diary.until(
            lambda _: (
                self.states("player_state_update", stream_id)[-1:] == [(state, code)]
            )
        )

    def states(self, event: str, stream_id: str) -> list[tuple[Any, ...]]:
        """Each state a publisher or player event told of a stream, with its code."""
        return [call[1:3] for call in self.diary.of(event) if call[0] == stream_id]


@contextlib.asynccontextmanager
async def actors(
    server: RoomServer | Network,
    *names: str,
    app_id: int = APP_ID,
    app_sign: str = APP_SIGN,
    config: EngineConfig | None = None,
) -> AsyncIterator[list[Actor]]:
    """An engine for each name, none of them in a room yet.

    At the end each of them must have gone through its rooms as the chart allows.
    """
    async with contextlib.AsyncExitStack() as stack:
        cast = []
        for name in names:
            engine = engine_of(server, app_id=app_id, app_sign=app_sign, config=config)
            await stack.enter_async_context(engine)
            cast.append(Actor(User(name.lower(), name), engine, Diary(engine)))
        yield cast
    for actor in cast:
        check_room_states(actor.diary.calls)
