"""The web page and its files over real sockets: what there is, and what is not."""

from __future__ import annotations

import asyncio
import json
from importlib.resources import files
from pathlib import Path

import pytest

from intercomd.domain.errors import ErrorCode
from intercomd.server.app import RoomServer
from intercomd.server.http import WEB_FILES
from tests.room_server import server_config
from tests.server.raw_client import log_in, open_socket


async def get(
    server: RoomServer, target: str, more: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (names in lower case) and body, exactly as they were sent."""
    reader, writer = await asyncio.open_connection(*server.address)
    head = f"GET {target} HTTP/1.1\r\nHost: intercom\r\n{more}\r\n"
    writer.write(head.encode())
    reply = await reader.read()
    writer.close()
    await writer.wait_closed()
    first_lines, _, body = reply.partition(b"\r\n\r\n")
    first, *lines = first_lines.decode().split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return int(first.split()[1]), {n.lower(): value for n, _, value in pairs}, body


def get_one(tmp_path: Path, target: str) -> tuple[int, dict[str, str], bytes]:
    async def scene() -> tuple[int, dict[str, str], bytes]:
        async with RoomServer(server_config(tmp_path)) as server:
            return await get(server, target)

    return asyncio.run(scene())


@pytest.mark.parametrize("path", WEB_FILES)
def test_every_file_of_the_page_is_served_as_what_it_is(
    tmp_path: Path, path: str
) -> None:
    status, headers, body = get_one(tmp_path, path)
    name, content_type = WEB_FILES[path]
    packaged = files("intercomd.server") / "web" / name
    assert (status, body) == (200, packaged.read_bytes())
    assert headers["content-type"] == content_type
    assert headers["content-length"] == str(len(body))
    assert headers["cache-control"] == "no-store"


def test_every_packaged_file_is_in_the_table() -> None:
    packaged = {file.name for file in (files("intercomd.server") / "web").iterdir()}
    assert packaged == {name for name, _ in WEB_FILES.values()}


def test_the_page_may_load_and_run_only_what_this_server_has(tmp_path: Path) -> None:
    _, headers, body = get_one(tmp_path, "/?room=lobby")
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    text = body.decode()
    assert "https:" not in text.replace("https://,", "")
    assert " style=" not in text
    assert " onclick=" not in text


def test_the_codes_have_the_names_of_the_error_table(tmp_path: Path) -> None:
    status, headers, body = get_one(tmp_path, "/codes.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body) == {str(int(code)): code.name for code in ErrorCode}


@pytest.mark.parametrize(
    "target",
    [
        "/index.html",
        "/web/app.js",
        "/../config.py",
        "/..%2fconfig.py",
        "/%2e%2e/config.py",
        "//etc/passwd",
        "/app.js/",
        "/APP.JS",
        "/.",
        "http://intercom/app.js",
    ],
)
def test_no_path_leads_to_another_file(tmp_path: Path, target: str) -> None:
    status, _, body = get_one(tmp_path, target)
    assert status == 404
    assert body == b"There are /, /healthz and /metrics here.\n"


def test_the_path_of_the_page_still_opens_a_websocket(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            open_socket(server) as socket,
        ):
            await log_in(socket, "alice")

    asyncio.run(scene())


def test_a_request_with_two_upgrades_opens_no_websocket(tmp_path: Path) -> None:
    async def scene() -> int:
        async with RoomServer(server_config(tmp_path)) as server:
            status, *_ = await get(server, "/ws", 2 * "Upgrade: websocket\r\n")
            return status

    assert asyncio.run(scene()) == 426


def test_the_other_path_is_for_websockets_only(tmp_path: Path) -> None:
    assert get_one(tmp_path, "/ws")[0] == 426
