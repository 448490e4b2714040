"""Tokens over real sockets (reference, section 4): every mode, right, code and end.

The server's wall clock is set so that a token is as near to its end as a test wants.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from intercomd.domain.errors import (
    AppSignIncorrect,
    AuthenticationFailed,
    ErrorCode,
    IntercomError,
    NoToken,
    PublishAuthorizationFailed,
    RenewedTokenNoPublish,
    RoomIdIncorrect,
    TokenAppIdError,
    TokenExpired,
    TokenFormatError,
    TokenInnerError,
    TokenNonceTypeError,
    TokenUserIdError,
    TokenVersionError,
)
from intercomd.engine import (
    Engine,
    PublisherState,
    RoomConfig,
    RoomState,
    RoomStateReason,
    User,
)
from intercomd.protocol.admission import TokenExpiry
from intercomd.protocol.privileges import ALL, Privileges
from intercomd.protocol.token import Mode
from intercomd.server.app import RoomServer
from intercomd.server.config import AppSettings, ListenSettings, ServerConfig
from tests import room_server
from tests.engine.events import Diary
from tests.protocol.tokens import OTHER_SECRET, SECRET, inside, sealed, token_for
from tests.room_server import APP_ID, APP_SIGN, server_config
from tests.scenarios.clock import run
from tests.scenarios.rows import row

ALICE, BOB = User("alice"), User("bob")
EXPIRES_AT = 2_000_000_000
LISTENER = Privileges("lobby", may_publish=False)
OTHER_SIGN = "f" * 64


class Clock:
    """The server's wall clock; tokens expire at `EXPIRES_AT`."""

    def __init__(self, *, remaining_s: float) -> None:
        self.set(remaining_s)

    def set(self, remaining_s: float) -> None:
        """Let so much time remain from now on."""
        self._offset_s = EXPIRES_AT - remaining_s - time.monotonic()

    def __call__(self) -> float:
        return self._offset_s + time.monotonic()


@asynccontextmanager
async def serving(
    folder: Path,
    *,
    remaining_s: float = 1000.0,
    clock: Clock | None = None,
    required: bool = False,
    expiry: TokenExpiry = TokenExpiry.KEEP,
    secret: str = SECRET,
    port: int = 0,
) -> AsyncIterator[RoomServer]:
    secret_file = None
    if secret:
        secret_file = folder / "server_secret"
        secret_file.write_text(secret)
        secret_file.chmod(0o600)
    sign_file = server_config(folder).apps[0].sign_file
    app = AppSettings(APP_ID, sign_file, secret_file, required, expiry)
    config = ServerConfig(apps=(app,), listen=ListenSettings("127.0.0.1", port))
    wall_clock = clock or Clock(remaining_s=remaining_s)
    async with RoomServer(config, wall_clock=wall_clock) as server:
        yield server


def engine_of(server: RoomServer, *, app_sign: str = "") -> Engine:
    """An engine that has no AppSign, unless one is given."""
    return room_server.engine_of(server, app_sign=app_sign)


def token(
    user_id: str = "alice",
    *,
    privileges: Privileges = ALL,
    expires_at: int = EXPIRES_AT,
    app_id: int = APP_ID,
    secret: str = SECRET,
    mode: Mode = Mode.GCM,
) -> str:
    return token_for(
        user_id,
        app_id=app_id,
        expires_at=expires_at,
        privileges=privileges,
        secret=secret,
        mode=mode,
    )


def by(text: str) -> RoomConfig:
    return RoomConfig(is_user_status_notify=True, token=text)


# Modes


@row("§4.1 AppSign")
def test_by_app_sign(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path) as server,
            engine_of(server, app_sign=APP_SIGN) as alice,
        ):
            await alice.login_room("lobby", ALICE)
            await alice.start_publishing_stream("alice-1")

    run(scene())


@row(
    "§4.1 Token",
    "§4.2 token04 in CBC",
    "§4.2 token04 in GCM with its mode byte",
)
@pytest.mark.parametrize("mode", Mode)
def test_by_token_at_each_login(mode: Mode, tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as server, engine_of(server) as alice:
            await alice.login_room("lobby", ALICE, by(token(mode=mode)))
            await alice.start_publishing_stream("alice-1")
            await alice.logout_room()
            await alice.login_room("lobby", ALICE, by(token(mode=mode)))

    run(scene())


@row("§4.1 both given")
def test_of_both_the_app_sign_is_checked_first(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path) as server,
            engine_of(server, app_sign=APP_SIGN) as alice,
            engine_of(server, app_sign=OTHER_SIGN) as bob,
        ):
            await alice.login_room("lobby", ALICE, by(token()))
            with pytest.raises(AppSignIncorrect):
                await bob.login_room("lobby", BOB, by(token("bob")))

    run(scene())


@row("§4.1 forced Token", "§4.5 1002067", "§2.2 LoginFailed 1002067")
def test_where_tokens_are_forced_the_app_sign_opens_no_more(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path, required=True) as server,
            engine_of(server, app_sign=APP_SIGN) as alice,
        ):
            diary = Diary(alice)
            with pytest.raises(NoToken):
                await alice.login_room("lobby", ALICE)
            assert diary.of("room_state_changed")[-1][1:3] == (
                RoomStateReason.LOGIN_FAILED,
                ErrorCode.NO_TOKEN,
            )
            await alice.login_room("lobby", ALICE, by(token()))

    run(scene())


@row("§4.5 1002067")
def test_neither_is_refused_before_anything_happens(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as server, engine_of(server) as alice:
            diary = Diary(alice)
            with pytest.raises(NoToken):
                await alice.login_room("lobby", ALICE)
            assert not diary.of("room_state_changed")
            await alice.login_room("lobby", ALICE, by(token()))

    run(scene())


@row("§2.4 switchRoom needs the token again")
def test_a_switch_without_a_token_is_refused_before_anything_happens(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as server, engine_of(server) as alice:
            await alice.login_room("lobby", ALICE, by(token()))
            diary = Diary(alice)
            with pytest.raises(NoToken):
                await alice.switch_room("lobby", "kitchen")
            assert not diary.of("room_state_changed")
            await alice.switch_room("lobby", "kitchen", by(token()))
            assert diary.of("room_state_changed")[-1][:2] == (
                "kitchen",
                RoomStateReason.LOGINED,
            )

    run(scene())


# Codes

WRONG: dict[str, tuple[str, type[IntercomError]]] = {
    "1002033 another secret": (token(secret=OTHER_SECRET), AuthenticationFailed),
    "1002075 no layout": ("04AAAA", TokenFormatError),
    "1002075 payload": (
        sealed(
            inside(app_id=APP_ID, user_id="alice", expire=EXPIRES_AT, payload="x"),
            expires_at=EXPIRES_AT,
        ),
        TokenFormatError,
    ),
    "1002076 another app": (token(app_id=APP_ID + 1), TokenAppIdError),
    "1002077 another user": (token("bob"), TokenUserIdError),
    "1002078 expired": (token(expires_at=EXPIRES_AT - 2000), TokenExpired),
    "1002079 token03": ("03" + token()[2:], TokenVersionError),
    "1002080 nonce": (
        sealed(
            inside(app_id=APP_ID, user_id="alice", expire=EXPIRES_AT, nonce="1"),
            expires_at=EXPIRES_AT,
        ),
        TokenNonceTypeError,
    ),
}


@row(
    "§15 an expired token at login: 1002078",
    "§2.2 LoginFailed 1002033",
    "§2.2 LoginFailed 1002074 to 1002080",
    "§4.1 the login's userID is the token's",
    "§4.5 1002033",
    "§4.5 1002075",
    "§4.5 1002076",
    "§4.5 1002077",
    "§4.5 1002078",
    "§4.5 1002079",
    "§4.5 1002080",
)
@pytest.mark.parametrize(("text", "error"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_token_fails_the_login_with_its_code(
    text: str, error: type[IntercomError], tmp_path: Path
) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as server, engine_of(server) as alice:
            diary = Diary(alice)
            with pytest.raises(error):
                await alice.login_room("lobby", ALICE, by(text))
            assert diary.of("room_state_changed")[-1][1:3] == (
                RoomStateReason.LOGIN_FAILED,
                error.code,
            )
            await alice.login_room("lobby", ALICE, by(token()))

    run(scene())


@row("§4.5 1002074", "§2.2 LoginFailed 1002074 to 1002080")
def test_a_server_without_secret_cannot_check_a_token(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path, secret="") as server, engine_of(server) as alice:
            with pytest.raises(TokenInnerError):
                await alice.login_room("lobby", ALICE, by(token()))

    run(scene())


# Privileges


@row("§4.3 room_id")
def test_a_token_opens_its_room_only(tmp_path: Path) -> None:
    async def scene() -> None:
        text = token(privileges=Privileges("lobby"))
        async with serving(tmp_path) as server, engine_of(server) as alice:
            with pytest.raises(AuthenticationFailed):
                await alice.login_room("kitchen", ALICE, by(text))
            await alice.login_room("lobby", ALICE, by(text))

    run(scene())


@row("§4.3 privilege 1")
def test_a_token_without_login_opens_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        text = token(privileges=Privileges("lobby", may_login=False))
        async with serving(tmp_path) as server, engine_of(server) as alice:
            with pytest.raises(AuthenticationFailed):
                await alice.login_room("lobby", ALICE, by(text))

    run(scene())


@row("§4.3 privilege 2", "§4.5 1003072")
def test_a_listener_may_not_publish(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as server, engine_of(server) as alice:
            diary = Diary(alice)
            await alice.login_room("lobby", ALICE, by(token(privileges=LISTENER)))
            with pytest.raises(PublishAuthorizationFailed):
                await alice.start_publishing_stream("alice-1")
            assert diary.of("publisher_state_update")[-1][1:3] == (
                PublisherState.NO_PUBLISH,
                ErrorCode.PUBLISH_AUTHORIZATION_FAILED,
            )
            await alice.start_playing_stream("bob-1")

    run(scene())


@row("§4.3 stream_id_list")
def test_only_the_listed_streams_may_be_published(tmp_path: Path) -> None:
    async def scene() -> None:
        listed = Privileges("lobby", stream_ids=frozenset({"alice-1"}))
        async with serving(tmp_path) as server, engine_of(server) as alice:
            await alice.login_room("lobby", ALICE, by(token(privileges=listed)))
            with pytest.raises(PublishAuthorizationFailed):
                await alice.start_publishing_stream("alice-2")
            await alice.start_publishing_stream("alice-1")

    run(scene())


# The end, and renewal


@row("§4.4 roomTokenWillExpire")
def test_the_end_is_announced_30_s_before_and_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path, remaining_s=30.6) as server,
            engine_of(server) as alice,
        ):
            diary = Diary(alice)
            await alice.login_room("lobby", ALICE, by(token()))
            assert not diary.of("room_token_will_expire")
            await diary.until(lambda d: bool(d.of("room_token_will_expire")))
            assert diary.of("room_token_will_expire") == [("lobby", 30)]

    run(scene())


@row("§4.4 renewToken 1002002")
def test_a_renewal_needs_a_login_to_that_room(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as server, engine_of(server) as alice:
            with pytest.raises(RoomIdIncorrect):
                await alice.renew_token("lobby", token())
            await alice.login_room("lobby", ALICE, by(token()))
            with pytest.raises(RoomIdIncorrect):
                await alice.renew_token("kitchen", token())

    run(scene())


@row("§4.4 renewToken affects the next only")
def test_a_renewal_counts_for_the_next_publish(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as server, engine_of(server) as alice:
            await alice.login_room("lobby", ALICE, by(token(privileges=LISTENER)))
            with pytest.raises(PublishAuthorizationFailed):
                await alice.start_publishing_stream("alice-1")
            only = Privileges("lobby", stream_ids=frozenset({"alice-1"}))
            await alice.renew_token("lobby", token(privileges=only))
            await alice.start_publishing_stream("alice-1")
            other = Privileges("lobby", stream_ids=frozenset({"alice-2"}))
            diary = Diary(alice)
            await alice.renew_token("lobby", token(privileges=other))
            assert diary.of("publisher_state_update") == [], "it runs on"

    run(scene())


@row("§4.4 renewToken 1002082", "§4.5 1002082")
def test_a_renewal_must_not_take_the_right_to_publish_away(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as server, engine_of(server) as alice:
            await alice.login_room("lobby", ALICE, by(token()))
            with pytest.raises(RenewedTokenNoPublish):
                await alice.renew_token("lobby", token(privileges=LISTENER))
            await alice.start_publishing_stream("alice-1")

    run(scene())


@row("§4.4 expired default", "§4.5 1003072", "§4.5 1002078")
def test_by_default_who_has_expired_stays_and_publishes_nothing_new(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path, remaining_s=1.0) as server,
            engine_of(server) as alice,
            engine_of(server) as bob,
        ):
            diary = Diary(alice)
            await alice.login_room("lobby", ALICE, by(token()))
            await alice.start_publishing_stream("alice-1")
            # Bob is refused as soon as the token they both have the time of is dead.
            while True:
                try:
                    await bob.login_room("lobby", BOB, by(token("bob")))
                except TokenExpired:
                    break
                await bob.logout_room()
                await asyncio.sleep(0.1)
            states = [call[1] for call in diary.of("publisher_state_update")]
            assert states[-1] is PublisherState.PUBLISHING
            await alice.stop_publishing_stream()
            with pytest.raises(PublishAuthorizationFailed):
                await alice.start_publishing_stream("alice-1")
            await alice.renew_token("lobby", token(expires_at=EXPIRES_AT + 100))
            await alice.start_publishing_stream("alice-1")
            reasons = [call[1] for call in diary.of("room_state_changed")]
            assert reasons == [RoomStateReason.LOGINING, RoomStateReason.LOGINED]

    run(scene())


@row(
    "§15 1002056: kicked as the token expired",
    "§4.4 expired kick 1002056",
    "§2.2 KickOut 1002056",
    "§12 1002056",
)
def test_where_it_is_so_set_who_has_expired_is_kicked(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path, remaining_s=1.0, expiry=TokenExpiry.KICK) as server,
            engine_of(server) as alice,
            engine_of(server, app_sign=APP_SIGN) as bob,
        ):
            diary, bobs = Diary(alice), Diary(bob)
            await bob.login_room("lobby", BOB, RoomConfig(is_user_status_notify=True))
            await alice.login_room("lobby", ALICE, by(token()))
            await alice.start_publishing_stream("alice-1")
            await diary.until(
                lambda d: d.of("room_state_changed")[-1][1] is RoomStateReason.KICK_OUT
            )
            code = ErrorCode.TOKEN_EXPIRED_KICKED_OUT
            assert diary.of("room_state_changed")[-1][2] == code
            assert diary.of("room_state_update")[-1][1:3] == (
                RoomState.DISCONNECTED,
                code,
            )
            published = diary.of("publisher_state_update")[-1]
            assert published[1:3] == (PublisherState.NO_PUBLISH, code)
            await bobs.until(lambda d: len(d.of("room_user_update")) == 2)
            assert len(bobs.of("room_stream_update")) == 2

    run(scene())


@row("§4.4 renewToken affects the next only")
def test_after_a_reconnect_the_newest_token_opens(tmp_path: Path) -> None:
    async def scene() -> None:
        clock = Clock(remaining_s=1000.0)
        async with serving(tmp_path, clock=clock) as server:
            port = server.address[1]
            alice = engine_of(server)
            diary = Diary(alice)
            await alice.login_room("lobby", ALICE, by(token()))
            await alice.renew_token("lobby", token(expires_at=EXPIRES_AT + 500))
        clock.set(-100.0)  # the first token is dead by now
        async with alice, serving(tmp_path, clock=clock, port=port):
            await diary.until(
                lambda d: (
                    d.of("room_state_changed")[-1][1] is RoomStateReason.RECONNECTED
                )
            )
        reasons = [call[1] for call in diary.of("room_state_changed")]
        assert RoomStateReason.RECONNECT_FAILED not in reasons

    run(scene())
