"""A real room server, tried by the doctor; and that nobody else notices."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from intercomd.domain.errors import ErrorCode
from intercomd.engine import RoomConfig, User
from intercomd.protocol.token import Token, create
from intercomd.server.app import RoomServer
from intercomd.server.tls import self_signed
from intercomd.station.config import (
    AppSettings,
    RoomSettings,
    ServerSettings,
    StationConfig,
    UserSettings,
)
from intercomd.station.doctor.finding import Level
from intercomd.station.doctor.server import Server, call, judge_server
from tests.engine.events import Diary
from tests.room_server import APP_ID, APP_SIGN, engine_of, server_config, url_of

NOW = 1_780_000_000.0


def station(url: str, *, fingerprint: str = "", app_id: int = APP_ID) -> StationConfig:
    return StationConfig(
        ServerSettings(url, fingerprint),
        AppSettings(app_id, sign_file=Path("app_sign")),
        UserSettings("gate"),
        RoomSettings("yard"),
    )


def levels(server: Server) -> dict[str, Level]:
    return {finding.text: finding.level for finding in judge_server(server, NOW)}


def test_all_is_fine_and_nobody_else_notices(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as gate,
        ):
            diary = Diary(gate)
            await gate.login_room(
                "yard", User("gate"), RoomConfig(is_user_status_notify=True)
            )
            before = len(diary.calls)
            found = await call(station(url_of(server)), APP_SIGN, "")
            told = levels(found)
            assert set(told.values()) == {Level.FINE}
            assert "the server takes the AppSign" in told
            assert "sound gets through (UDP)" in told
            assert found.date_read_at == pytest.approx(time.time(), abs=5)
            assert found.server_date.endswith("GMT")
            await asyncio.sleep(0.1)
            assert len(diary.calls) == before
            host, port = server.address
            health = f"http://{host}:{port}/healthz"
            told_of = await asyncio.to_thread(urllib.request.urlopen, health)
            assert json.load(told_of)["users"] == 1
            told_of.close()

    asyncio.run(scene())


def test_a_wrong_app_sign_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            found = await call(station(url_of(server)), "f" * 64, "")
            assert found.login_code == ErrorCode.APP_SIGN_INCORRECT
            assert found.media_fault is None
            assert max(levels(found).values()) is Level.FAILURE

    asyncio.run(scene())


def test_where_nothing_listens_that_is_said() -> None:
    found = asyncio.run(call(station("ws://127.0.0.1:9"), APP_SIGN, ""))
    (finding,) = judge_server(found, NOW)
    assert finding.level is Level.FAILURE
    assert "ws://127.0.0.1:9 is not reached" in finding.text


def test_a_name_that_is_none_is_not_reached() -> None:
    found = asyncio.run(call(station("ws://no-such-host.invalid:8470"), APP_SIGN, ""))
    assert found.tcp_fault


def test_something_that_is_no_room_server_is_told() -> None:
    async def scene() -> Server:
        async def rude(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 smtp ready\r\n")
            writer.close()

        async with await asyncio.start_server(rude, "127.0.0.1", 0) as server:
            _, port = server.sockets[0].getsockname()
            return await call(station(f"ws://127.0.0.1:{port}"), APP_SIGN, "")

    told = levels(asyncio.run(scene()))
    assert any("but not as a room server" in text for text in told)


@pytest.mark.parametrize("fingerprint", ["", "ab" * 32])
def test_a_certificate_that_is_not_trusted_is_told(
    tmp_path: Path, fingerprint: str
) -> None:
    async def scene() -> Server:
        config = server_config(tmp_path)
        cert, key = self_signed(tmp_path)
        listen = replace(config.listen, tls_cert=cert, tls_key=key)
        async with RoomServer(replace(config, listen=listen)) as server:
            url = url_of(server).replace("ws:", "wss:")
            return await call(station(url, fingerprint=fingerprint), APP_SIGN, "")

    _, finding = judge_server(asyncio.run(scene()), NOW)
    assert "certificate" in finding.text
    assert "server.fingerprint" in finding.remedy


@pytest.mark.parametrize(
    ("secret", "level", "part"),
    [
        ("s" * 32, Level.FINE, "can read the token"),
        ("x" * 32, Level.FAILURE, "refuses this station"),
    ],
)
def test_a_token_is_tried_without_its_user(
    tmp_path: Path, secret: str, level: Level, part: str
) -> None:
    async def scene() -> Server:
        config = server_config(tmp_path)
        (tmp_path / "secret").write_text("s" * 32)
        (tmp_path / "secret").chmod(0o600)
        app = replace(config.apps[0], secret_file=tmp_path / "secret")
        token = create(
            Token(APP_ID, "gate", 1, int(time.time()), int(time.time()) + 7200),
            secret,
            iv=bytes(12),
        )
        async with RoomServer(replace(config, apps=(app,))) as server:
            return await call(station(url_of(server)), "", token)

    told = levels(asyncio.run(scene()))
    assert any(part in text and how is level for text, how in told.items()), told
    assert any("hours more" in text or "expired" in text for text in told)


@pytest.mark.parametrize(
    ("left_s", "level", "part"),
    [
        (-120, Level.FAILURE, "expired 2 minutes ago"),
        (600, Level.WARNING, "expires in 10 minutes"),
        (86_400, Level.NOTE, "good for 24 hours more"),
    ],
)
def test_the_end_of_a_token_is_told(left_s: int, level: Level, part: str) -> None:
    server = Server("ws://a", "", 1.0, "", "", token_expires_at=int(NOW) + left_s)
    (finding,) = [each for each in judge_server(server, NOW) if part in each.text]
    assert finding.level is level


def test_blocked_udp_is_told() -> None:
    server = Server("ws://a", "", 1.0, "", "", media_fault="no way for it in 6 s")
    *_, finding = judge_server(server, NOW)
    assert finding.level is Level.FAILURE
    assert "UDP" in finding.remedy
