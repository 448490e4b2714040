"""The whole examination of one station, part by part, in the order it is told.

Beside a running station: what that has in use is said to be so, and left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import time

from intercomd.domain.errors import IntercomError
from intercomd.station.config import StationConfig, read_app_sign, read_token
from intercomd.station.doctor.board import judge_board, read_board
from intercomd.station.doctor.clock import judge_clock, read_clock
from intercomd.station.doctor.finding import Finding, failure, fine
from intercomd.station.doctor.rights import judge_rights, read_rights
from intercomd.station.doctor.server import Server, call, judge_server
from intercomd.station.doctor.storage import judge_storage, read_storage

_INSTALL = "pip install 'intercomd[station]', or run 'make run' once"


async def examine(
    config: StationConfig | None, root: Path = Path("/")
) -> AsyncIterator[Finding]:
    """Every finding; without a configuration, what can be said without one.

    `root` holds the /sys, /proc, /run and /dev that are looked at.
    """
    for finding in judge_board(await asyncio.to_thread(read_board, root)):
        yield finding
    for finding in judge_rights(read_rights(root), config):
        yield finding
    for finding in judge_storage(read_storage(root)):
        yield finding
    server = Server("")
    if config is not None:
        async for finding in _panel(config, root):
            yield finding
        secrets, faults = _secrets(config)
        for finding in faults:
            yield finding
        if secrets is not None:
            server = await call(config, *secrets)
            for finding in judge_server(server, time()):
                yield finding
    for finding in judge_clock(
        read_clock(root, server.server_date, server.date_read_at)
    ):
        yield finding
    if config is not None:
        async for finding in _sound(config):
            yield finding


def _secrets(
    config: StationConfig,
) -> tuple[tuple[str, str] | None, list[Finding]]:
    """The AppSign and the token, one of them ""; None if neither can be had."""
    app = config.app
    path = app.sign_file or app.token_file
    try:
        app_sign = read_app_sign(app.sign_file) if app.sign_file else ""
        token = read_token(app.token_file) if app.token_file else ""
    except IntercomError as error:
        remedy = "copy the server's app_sign there, or make a token; chmod 600 it"
        return None, [failure("login", str(error), remedy)]
    found = [fine("login", f"{path} holds {'an AppSign' if app_sign else 'a token'}")]
    return (app_sign, token), found


async def _panel(config: StationConfig, root: Path) -> AsyncIterator[Finding]:
    try:
        from intercomd.station.doctor.panel import judge_panel, read_panel
    except ImportError as error:
        yield _not_installed("keys", error)
        return
    panel = await asyncio.to_thread(read_panel, config, root)
    for finding in judge_panel(panel, config):
        yield finding


async def _sound(config: StationConfig) -> AsyncIterator[Finding]:
    try:
        from intercomd.station.doctor.sound import judge_sound, listen
    except ImportError as error:
        yield _not_installed("microphone", error)
        return
    for finding in judge_sound(await listen(config.audio), config.audio):
        yield finding


def _not_installed(check: str, error: ImportError) -> Finding:
    return failure(check, f"a library is not installed: {error}", _INSTALL)
