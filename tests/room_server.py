"""A real room server on a free loopback port, and engines that belong to it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from intercomd.engine import Engine, EngineConfig, EngineProfile
from intercomd.server.config import (
    AppSettings,
    LimitSettings,
    ListenSettings,
    RoomsSettings,
    ServerConfig,
)

APP_ID = 1234
APP_SIGN = "0123456789abcdef" * 4


class Reachable(Protocol):
    """A room server, or what stands between it and its clients."""

    @property
    def address(self) -> tuple[str, int]:
        """The host and port to connect to."""


def server_config(
    folder: Path,
    *,
    port: int = 0,
    limits: LimitSettings | None = None,
    rooms: RoomsSettings | None = None,
) -> ServerConfig:
    """A configuration for loopback, its AppSign in `folder`."""
    sign_file = folder / "app_sign"
    if not sign_file.exists():
        sign_file.write_text(APP_SIGN)
        sign_file.chmod(0o600)
    return ServerConfig(
        apps=(AppSettings(APP_ID, sign_file),),
        listen=ListenSettings("127.0.0.1", port),
        limits=limits or LimitSettings(),
        rooms=rooms or RoomsSettings(),
    )


def url_of(server: Reachable) -> str:
    """Where clients of this server connect to."""
    host, port = server.address
    return f"ws://{host}:{port}"


def engine_of(
    server: Reachable,
    *,
    app_id: int = APP_ID,
    app_sign: str = APP_SIGN,
    config: EngineConfig | None = None,
) -> Engine:
    """An engine with the server's credentials, unless others are given."""
    profile = EngineProfile(app_id, app_sign, server_url=url_of(server))
    return Engine(profile, config)
