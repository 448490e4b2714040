"""The operator over a real socket, and by the command line in another process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from intercomd.domain.errors import AuthenticationFailed, ConnectFailed
from intercomd.protocol.admin import (
    ADMIN_PROTOCOL,
    AdminLogin,
    AdminReply,
    ListRooms,
    MemberSummary,
    RoomDetails,
    RoomList,
    RoomSummary,
    ShowRoom,
    admin_proof,
)
from intercomd.protocol.messages import Hello, Ok
from intercomd.protocol.wire import decode_admin_reply, encode
from intercomd.server.admin_client import ask
from intercomd.server.app import OPERATORS_PER_ADDRESS, RoomServer
from intercomd.server.config import load
from tests.room_server import server_config, url_of
from tests.scenarios.cast import a_server, actors
from tests.scenarios.clock import run

ROOM = "lobby"


def test_another_secret_opens_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server:
            with pytest.raises(AuthenticationFailed):
                await ask(url_of(server), "f" * 64, ListRooms(2))

    run(scene())


def test_a_proof_that_was_overheard_opens_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server:
            secret = (tmp_path / "admin_secret").read_text()
            nonces, codes = [], []
            overheard = ""
            for _ in range(2):
                async with connect(
                    url_of(server),
                    subprotocols=[ADMIN_PROTOCOL],  # type: ignore[list-item]
                ) as socket:
                    hello = decode_admin_reply(await socket.recv())
                    assert isinstance(hello, Hello)
                    nonces.append(hello.nonce)
                    overheard = overheard or encode(
                        AdminLogin(1, admin_proof(secret, hello.nonce))
                    )
                    await socket.send(overheard)
                    codes.append(json.loads(await socket.recv()).get("code"))
            assert nonces[0] != nonces[1]
            assert codes == [None, 1002033]

    run(scene())


def test_idle_connections_of_one_address_keep_no_operator_of_another_out(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            contextlib.AsyncExitStack() as stack,
        ):
            *idle, refused = [
                await stack.enter_async_context(
                    connect(
                        url_of(server),
                        local_addr=("127.0.0.2", 0),
                        subprotocols=[ADMIN_PROTOCOL],  # type: ignore[list-item]
                    )
                )
                for _ in range(OPERATORS_PER_ADDRESS + 1)
            ]
            for socket in idle:
                await socket.recv()
            with pytest.raises(ConnectionClosed) as closed:
                await refused.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4005
            secret = (tmp_path / "admin_secret").read_text()
            assert await ask(url_of(server), secret, ListRooms(2)) == RoomList(2, ())

    run(scene())


def test_one_wrong_proof_ends_the_connection(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            connect(
                url_of(server),
                subprotocols=[ADMIN_PROTOCOL],  # type: ignore[list-item]
            ) as socket,
        ):
            await socket.recv()
            await socket.send(encode(AdminLogin(1, "0" * 64)))
            await socket.recv()
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4001

    run(scene())


def test_a_server_without_an_operator_refuses_the_subprotocol(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            with pytest.raises(InvalidHandshake):
                async with connect(
                    url_of(server),
                    subprotocols=[ADMIN_PROTOCOL],  # type: ignore[list-item]
                ):
                    pass

    run(scene())


@contextlib.asynccontextmanager
async def told(reply: AdminReply) -> AsyncIterator[str]:
    """Where a server is reached that tells every operator this."""

    async def tell(socket: ServerConnection) -> None:
        await socket.send(encode(Hello("0" * 64, ADMIN_PROTOCOL)))
        await socket.recv()
        await socket.send(encode(Ok(1)))
        await socket.recv()
        await socket.send(encode(reply))
        await socket.wait_closed()

    async with serve(
        tell,
        "127.0.0.1",
        0,
        subprotocols=[ADMIN_PROTOCOL],  # type: ignore[list-item]
    ) as server:
        _, port = next(iter(server.sockets)).getsockname()
        yield f"ws://127.0.0.1:{port}"


def a_room_of(*names: str) -> RoomDetails:
    users = tuple(
        MemberSummary(f"user-{number}", name, True, (), ())
        for number, name in enumerate(names)
    )
    summary = RoomSummary(1234, ROOM, "0" * 16, len(users), 0)
    return RoomDetails(2, summary, users)


def test_a_room_of_more_than_a_megabyte_is_shown(tmp_path: Path) -> None:
    large = a_room_of(*["a name of some length " * 5] * 10_000)

    async def scene() -> None:
        async with told(large) as url:
            assert await ask(url, "f" * 64, ShowRoom(2, 1234, ROOM)) == large

    asyncio.run(scene())


def test_where_nobody_listens_is_said_so(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            url = url_of(server)
        with pytest.raises(ConnectFailed):
            await ask(url, "f" * 64, ListRooms(2))

    run(scene())


# The command line


def write_config(folder: Path) -> Path:
    path = folder / "server.yaml"
    path.write_text(
        "apps: [{id: 1234, sign_file: app_sign}]\nlisten: {host: 127.0.0.1, port: 0}\n"
    )
    (folder / "app_sign").write_text("0123456789abcdef" * 4)
    (folder / "app_sign").chmod(0o600)
    return path


async def intercomd(*arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "intercomd",
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def test_the_command_line_rules_over_a_running_server(tmp_path: Path) -> None:
    path = write_config(tmp_path)

    async def scene() -> None:
        async with (
            RoomServer(load(path)) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            common = ("--config", str(path), "--url", url_of(server), "--json")
            code, out, _ = await intercomd("room", "list", *common)
            assert code == os.EX_OK
            assert [r["users"] for r in json.loads(out)["rooms"]] == [2]
            code, out, _ = await intercomd("room", "show", ROOM, *common)
            users = [user["user_id"] for user in json.loads(out)["users"]]
            assert users == ["alice", "bob"]
            await bob.engine.start_publishing_stream("bob-1")
            await alice.told("room_stream_update")
            code, *_ = await intercomd("room", "delete-stream", ROOM, "bob-1", *common)
            assert code == os.EX_OK
            await alice.told("room_stream_update", 2)
            code, *_ = await intercomd(
                "room", "forbid-stream", "bob-1", "--seconds", "60", *common
            )
            assert code == os.EX_OK
            await bob.diary.until(
                lambda diary: diary.of("publisher_state_update")[-1][2] == 1003025
            )
            code, out, _ = await intercomd(
                "room", "kick", ROOM, "bob", "--reason", "late", *common
            )
            assert json.loads(out) == {"ok": True}
            await bob.diary.until(
                lambda diary: diary.of("room_state_changed")[-1][2] == 1002055
            )
            code, _, err = await intercomd("room", "close", "cellar", *common)
            assert code == os.EX_UNAVAILABLE
            assert err.count("\n") == 1
            assert err.count("no such room") == 1

    run(scene())


def test_the_secret_is_made_at_the_first_start_for_its_owner_only(
    tmp_path: Path,
) -> None:
    path = write_config(tmp_path)

    async def scene() -> None:
        async with RoomServer(load(path)):
            pass

    run(scene())
    secret = tmp_path / "admin_secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(secret.read_text().strip()) == 64


def write_secret(folder: Path) -> None:
    (folder / "admin_secret").write_text("f" * 64)
    (folder / "admin_secret").chmod(0o600)


def test_a_users_name_gives_the_operators_terminal_no_orders(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    write_secret(tmp_path)

    async def scene() -> None:
        async with told(a_room_of("Bob\x1b[2J\n  eve  connected", "Zoë 🎧")) as url:
            code, out, _ = await intercomd(
                "room", "show", ROOM, "--config", str(path), "--url", url
            )
        assert code == os.EX_OK
        assert "\x1b" not in out
        assert len(out.splitlines()) == 3
        assert r"(Bob\x1b[2J\n  eve  connected)" in out
        assert "(Zoë 🎧)" in out

    asyncio.run(scene())


@pytest.mark.parametrize("url", ["ws://h:99999", "ws://[::1", "ws://h:port", "h:80"])
def test_a_url_that_leads_nowhere_is_one_sentence(tmp_path: Path, url: str) -> None:
    path = write_config(tmp_path)
    write_secret(tmp_path)

    async def scene() -> None:
        common = ("--config", str(path), "--url", url)
        code, _, err = await intercomd("room", "list", *common)
        assert code in (os.EX_CONFIG, os.EX_UNAVAILABLE)
        assert err.count("\n") == 1
        assert url in err

    asyncio.run(scene())


def test_without_the_secret_there_is_no_input(tmp_path: Path) -> None:
    path = write_config(tmp_path)

    async def scene() -> None:
        code, _, err = await intercomd("room", "list", "--config", str(path))
        assert code == os.EX_NOINPUT
        assert "admin_secret" in err

    run(scene())
