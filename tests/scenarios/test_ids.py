"""§13: which IDs there are, and within what each of them is the only one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.engine import Engine, EngineProfile, RoomStateReason, User
from intercomd.protocol.admission import TokenExpiry
from intercomd.server.app import RoomServer
from intercomd.server.config import AppSettings
from tests.protocol.tokens import SECRET
from tests.room_server import APP_ID, APP_SIGN, server_config
from tests.scenarios.cast import ROOM, a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.rows import row

OTHER_APP = APP_ID + 1
ID_CHARACTERS = "09azAZ~!@#$%^&*()_+=-`;',.<>\\"


@asynccontextmanager
async def a_server_of_two_apps(folder: Path) -> AsyncIterator[RoomServer]:
    config = server_config(folder)
    (app,) = config.apps
    async with RoomServer(
        replace(config, apps=(app, replace(app, id=OTHER_APP)))
    ) as server:
        yield server


@row(
    "§13 userID is one within an AppID",
    "§13 streamID is one within an AppID",
    "§13 different AppIDs never interconnect",
)
def test_what_is_one_within_an_app_is_not_so_between_two(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server_of_two_apps(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
            actors(server, "Alice", "Bob", app_id=OTHER_APP) as (other, other_bob),
        ):
            await alice.enter()
            await bob.enter("cellar")
            await other.enter()
            await other_bob.enter()
            await alice.engine.start_publishing_stream("door")
            await other.engine.start_publishing_stream("door")
            with pytest.raises(errors.StreamIdTaken):  # though in another room
                await bob.engine.start_publishing_stream("door")
            await other.engine.stop_publishing_stream()
            await other.engine.start_playing_stream("door")
            await alice.engine.send_broadcast_message(ROOM, "anybody?")
            await other.engine.send_broadcast_message(ROOM, "me")
            await other_bob.told("im_recv_broadcast_message")
            assert alice.diary.of("im_recv_broadcast_message") == []
            assert alice.diary.of("room_user_update") == []
            assert alice.diary.of("publisher_listeners_update") == []
            assert alice.reasons[-1] == (RoomStateReason.LOGINED, 0)
            await other_bob.engine.logout_room()
            await bob.engine.logout_room()
            await bob.enter()  # his own double is not put out by it
            assert other.reasons[-1] == (RoomStateReason.LOGINED, 0)

    run(scene())


@row(
    "§13 roomID and userID of the listed characters, U+2019 refused",
    "§13 userName of any UTF-8",
)
def test_ids_hold_every_listed_character_and_no_other(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            user = User(ID_CHARACTERS, "Zoë 😀 /’\x00")
            await alice.enter(ID_CHARACTERS)
            await bob.engine.login_room(ID_CHARACTERS, user)
            ((_, _, (seen,)),) = await alice.told("room_user_update")
            assert seen == user
            await bob.engine.logout_room()
            for character in '’/ ü|"?\n':
                with pytest.raises(errors.RoomIdInvalidCharacter):
                    await bob.engine.login_room(f"a{character}", user)
                with pytest.raises(errors.UserIdInvalidCharacter):
                    await bob.engine.login_room(ROOM, User(f"a{character}"))

    run(scene())


@row(
    "§15 appSign: hexadecimal",
    "§13 appSign of 64 hexadecimal digits",
    "§12 1001000",
    "§12 1001001",
    "§12 1001002",
)
@pytest.mark.parametrize(
    ("app_id", "app_sign", "code"),
    [
        (0, APP_SIGN, 1001000),
        (2**32, APP_SIGN, 1001000),
        (APP_ID, APP_SIGN[1:], 1001001),
        (APP_ID, APP_SIGN + "0", 1001001),
        (APP_ID, "g" + APP_SIGN[1:], 1001002),
    ],
)
def test_credentials_that_cannot_be_make_no_engine(
    app_id: int, app_sign: str, code: int
) -> None:
    with pytest.raises(errors.IntercomError) as caught:
        Engine(EngineProfile(app_id, app_sign))
    assert caught.value.code == code
    if app_sign != APP_SIGN:
        assert app_sign not in str(caught.value)


@row("§13 ServerSecret of 32 characters")
@pytest.mark.parametrize("secret", [SECRET[1:], SECRET + "0", ""])
def test_a_server_needs_a_secret_of_32_characters(secret: str, tmp_path: Path) -> None:
    async def scene() -> None:
        secret_file = tmp_path / "server_secret"
        secret_file.write_text(secret)
        (app,) = server_config(tmp_path).apps
        app = AppSettings(app.id, app.sign_file, secret_file, True, TokenExpiry.KEEP)
        with pytest.raises(errors.ConfigInvalid, match="32 characters"):
            async with RoomServer(replace(server_config(tmp_path), apps=(app,))):
                pass

    run(scene())
