"""A station that has a token file: read at each login, renewed before its end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from intercomd.domain.room import RoomState
from intercomd.engine import Engine, EngineProfile, User
from intercomd.protocol.admission import TokenExpiry
from intercomd.server.app import RoomServer
from intercomd.server.config import AppSettings, ListenSettings, ServerConfig
from intercomd.station import call as station_call
from intercomd.station.call import Call
from tests.engine.events import Diary, until
from tests.protocol.tokens import SECRET, token_for
from tests.room_server import APP_ID, server_config, url_of


def write_token(path: Path, ttl_s: int) -> None:
    expires_at = int(time.time()) + ttl_s
    path.write_text(token_for("gate", app_id=APP_ID, expires_at=expires_at) + "\n")


def config_of(folder: Path) -> ServerConfig:
    secret_file = folder / "server_secret"
    secret_file.write_text(SECRET)
    secret_file.chmod(0o600)
    app = AppSettings(
        APP_ID,
        server_config(folder).apps[0].sign_file,
        secret_file,
        token_required=True,
        token_expiry=TokenExpiry.KICK,
    )
    return ServerConfig(apps=(app,), listen=ListenSettings("127.0.0.1", 0))


def test_a_station_takes_the_new_token_before_the_old_one_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station_call, "TOKEN_LOOK_S", 0.02)
    token_file = tmp_path / "token"

    async def scene() -> None:
        async with (
            RoomServer(config_of(tmp_path)) as server,
            Engine(EngineProfile(APP_ID, server_url=url_of(server))) as engine,
        ):
            diary = Diary(engine)
            call = Call(
                engine,
                room_id="lobby",
                user=User("gate"),
                published={},
                token_file=token_file,
            )
            write_token(token_file, 20)
            running = asyncio.create_task(call.run())
            await diary.until(lambda d: bool(d.of("room_token_will_expire")))
            write_token(token_file, 25)
            # Good for less than 30 s, so the server warns of the new one, too.
            await diary.until(lambda d: len(d.of("room_token_will_expire")) == 2)
            states = [arguments[1] for arguments in diary.of("room_state_update")]
            assert states == [RoomState.CONNECTING, RoomState.CONNECTED]
            running.cancel()

    asyncio.run(scene())


def test_a_station_whose_token_expired_comes_back_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station_call, "LOGIN_RETRY_S", 0.05)
    token_file = tmp_path / "token"

    async def scene() -> None:
        async with (
            RoomServer(config_of(tmp_path)) as server,
            Engine(EngineProfile(APP_ID, server_url=url_of(server))) as engine,
        ):
            diary = Diary(engine)
            call = Call(
                engine,
                room_id="lobby",
                user=User("gate"),
                published={},
                token_file=token_file,
            )
            write_token(token_file, 1)
            running = asyncio.create_task(call.run())
            await diary.until(
                lambda d: RoomState.DISCONNECTED in _states(d) and len(_states(d)) > 4
            )
            assert not call.is_kicked
            write_token(token_file, 3600)
            await until(
                lambda: _states(diary)[-1] is RoomState.CONNECTED, "in the room again"
            )
            running.cancel()

    asyncio.run(scene())


def _states(diary: Diary) -> list[RoomState]:
    return [arguments[1] for arguments in diary.of("room_state_update")]
