"""The server's end of a connection by token: who gets in, what he may do, how long."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import ErrorCode
from intercomd.protocol.admission import TokenExpiry, TokenRules
from intercomd.protocol.authentication import proof
from intercomd.protocol.messages import (
    ClientMessage,
    Error,
    Login,
    Ok,
    Play,
    Publish,
    RenewToken,
    ServerMessage,
    TokenWillExpire,
)
from intercomd.protocol.privileges import ALL, Privileges
from intercomd.protocol.room_events import HangUp, Joined, Requested, Send, TokenEnded
from intercomd.protocol.server_session import (
    ServerSession,
    SessionLimits,
    SessionOutput,
)
from intercomd.protocol.token import Mode
from intercomd.protocol.wire import CloseCode, encode
from tests.protocol.tokens import OTHER_SECRET, SECRET, token_for

SIGN, OTHER_SIGN = "0123456789abcdef" * 4, "fedcba9876543210" * 4
NONCE = "ab" * 32
SESSION = 7
WALL_S = 1_700_000_000
"""The unix time at the monotonic time 0."""

LISTENER = Privileges("lobby", may_publish=False)


def rules(
    *, is_required: bool = False, expiry: TokenExpiry = TokenExpiry.KEEP
) -> TokenRules:
    return TokenRules(SECRET, is_required, expiry)


def session(token_rules: TokenRules | None = None) -> ServerSession:
    return ServerSession(
        SESSION,
        app_signs={1: SIGN},
        nonce=NONCE,
        limits=SessionLimits(),
        now=0.0,
        token_rules={1: token_rules or rules()},
        wall_offset_s=WALL_S,
    )


def token(
    *,
    ttl_s: int = 100,
    user_id: str = "alice",
    app_id: int = 1,
    secret: str = SECRET,
    privileges: Privileges = ALL,
    mode: Mode = Mode.GCM,
) -> str:
    return token_for(
        user_id,
        app_id=app_id,
        expires_at=WALL_S + ttl_s,
        secret=secret,
        privileges=privileges,
        mode=mode,
    )


def login(text: str = "", *, app_sign: str = "", room_id: str = "lobby") -> Login:
    proved = ""
    if app_sign:
        proved = proof(
            app_sign, nonce=NONCE, app_id=1, room_id=room_id, user_id="alice"
        )
    return Login(
        id=1, app_id=1, room_id=room_id, user_id="alice", proof=proved, token=text
    )


def handled(
    machine: ServerSession, message: ClientMessage, now: float = 0.0
) -> list[SessionOutput]:
    return machine.handle(encode(message), now)


def member(
    text: str = "", token_rules: TokenRules | None = None, *, app_sign: str = ""
) -> ServerSession:
    machine = session(token_rules)
    (joined,) = handled(machine, login(text, app_sign=app_sign))
    assert isinstance(joined, Joined)
    return machine


def said(outputs: list[SessionOutput]) -> ServerMessage:
    (output,) = outputs
    assert isinstance(output, Send)
    return output.message


def refused(outputs: list[SessionOutput]) -> int:
    message = said(outputs)
    assert isinstance(message, Error)
    return message.code


def refused_login(outputs: list[SessionOutput]) -> int:
    reply, hang_up = outputs
    assert hang_up == HangUp(SESSION, CloseCode.LOGIN_REFUSED)
    return refused([reply])


@pytest.mark.parametrize("mode", list(Mode))
def test_a_right_token_opens_without_app_sign(mode: Mode) -> None:
    (joined,) = handled(session(), login(token(mode=mode)))
    assert isinstance(joined, Joined)
    assert joined.user.user_id == "alice"


def test_a_right_app_sign_opens_without_token() -> None:
    member(app_sign=SIGN)


def test_of_both_each_must_be_right_and_the_app_sign_is_checked_first() -> None:
    member(token(), app_sign=SIGN)
    outputs = handled(session(), login(token(ttl_s=-1), app_sign=OTHER_SIGN))
    assert refused_login(outputs) == ErrorCode.APP_SIGN_INCORRECT
    outputs = handled(session(), login(token(ttl_s=-1), app_sign=SIGN))
    assert refused_login(outputs) == ErrorCode.TOKEN_EXPIRED


def test_neither_is_no_token() -> None:
    assert refused_login(handled(session(), login())) == ErrorCode.NO_TOKEN


def test_where_tokens_are_required_the_app_sign_is_not_looked_at() -> None:
    required = rules(is_required=True)
    outputs = handled(session(required), login(app_sign=SIGN))
    assert refused_login(outputs) == ErrorCode.NO_TOKEN
    member(token(), required, app_sign=OTHER_SIGN)
    member(token(), required)


REFUSED = {
    "an expired token": (token(ttl_s=-1), ErrorCode.TOKEN_EXPIRED),
    "another user's": (token(user_id="bob"), ErrorCode.TOKEN_USER_ID_ERROR),
    "another app's": (token(app_id=2), ErrorCode.TOKEN_APP_ID_ERROR),
    "one of another secret": (
        token(secret=OTHER_SECRET),
        ErrorCode.AUTHENTICATION_FAILED,
    ),
    "another room's": (
        token(privileges=Privileges("kitchen")),
        ErrorCode.AUTHENTICATION_FAILED,
    ),
    "one without login": (
        token(privileges=Privileges("lobby", may_login=False)),
        ErrorCode.AUTHENTICATION_FAILED,
    ),
    "token03": ("03" + token()[2:], ErrorCode.TOKEN_VERSION_ERROR),
    "rubbish": ("04rubbish", ErrorCode.TOKEN_FORMAT_ERROR),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_token_is_refused_at_login_and_at_renewal(
    text: str, code: ErrorCode
) -> None:
    assert refused_login(handled(session(), login(text))) == code
    renewed = member(token())
    assert refused(handled(renewed, RenewToken(5, text))) == code
    assert isinstance(handled(renewed, Publish(6, "s"))[0], Requested)


def test_a_token_for_this_room_opens_it_only() -> None:
    text = token(privileges=Privileges("lobby"))
    member(text)
    outputs = handled(session(), login(text, room_id="kitchen"))
    assert refused_login(outputs) == ErrorCode.AUTHENTICATION_FAILED


def test_a_token_longer_than_the_wire_takes_is_malformed() -> None:
    outputs = handled(session(), login("04" + "A" * 4095))
    assert outputs[-1] == HangUp(SESSION, CloseCode.NOT_UNDERSTOOD)
    assert refused(outputs[:1]) == ErrorCode.WIRE_MALFORMED


def test_a_server_without_secret_cannot_check_tokens() -> None:
    machine = session(TokenRules())
    code = ErrorCode.TOKEN_INNER_ERROR
    assert refused_login(handled(machine, login(token()))) == code
    by_sign = member(token_rules=TokenRules(), app_sign=SIGN)
    assert refused(handled(by_sign, RenewToken(5, token()))) == code


# What it allows


def test_a_listener_may_play_and_not_publish() -> None:
    machine = member(token(privileges=LISTENER))
    code = ErrorCode.PUBLISH_AUTHORIZATION_FAILED
    assert refused(handled(machine, Publish(2, "s"))) == code
    assert isinstance(handled(machine, Play(3, "s", 0))[0], Requested)


def test_only_the_streams_of_the_list_may_be_published() -> None:
    privileges = Privileges("lobby", stream_ids=frozenset({"s1", "s2"}))
    machine = member(token(privileges=privileges))
    assert isinstance(handled(machine, Publish(2, "s2"))[0], Requested)
    code = ErrorCode.PUBLISH_AUTHORIZATION_FAILED
    assert refused(handled(machine, Publish(3, "s3"))) == code


def test_the_token_limits_who_has_the_app_sign_too() -> None:
    machine = member(token(privileges=LISTENER), app_sign=SIGN)
    code = ErrorCode.PUBLISH_AUTHORIZATION_FAILED
    assert refused(handled(machine, Publish(2, "s"))) == code


# Its end


def test_the_end_is_announced_30_s_before() -> None:
    machine = member(token(ttl_s=100))
    assert machine.deadline == 70.0
    assert machine.handle_deadline(69.9) == []
    assert said(machine.handle_deadline(70.0)) == TokenWillExpire(30)
    assert machine.deadline is None


def test_the_end_of_a_short_token_is_announced_at_once() -> None:
    machine = member(token(ttl_s=10))
    assert machine.deadline is not None
    assert machine.deadline <= 0.0
    assert said(machine.handle_deadline(0.5)) == TokenWillExpire(10)


def test_a_login_by_app_sign_has_no_end() -> None:
    machine = member(app_sign=SIGN, token_rules=rules(expiry=TokenExpiry.KICK))
    assert machine.deadline is None
    assert isinstance(handled(machine, Publish(2, "s"), 1e6)[0], Requested)


def test_who_stays_past_the_end_publishes_nothing_new_until_renewed() -> None:
    machine = member(token(ttl_s=100))
    machine.handle_deadline(70.0)
    assert isinstance(handled(machine, Publish(2, "s"), 100.0)[0], Requested)
    code = ErrorCode.PUBLISH_AUTHORIZATION_FAILED
    assert refused(handled(machine, Publish(3, "t"), 100.5)) == code
    assert isinstance(handled(machine, Play(4, "u", 0), 100.5)[0], Requested)
    assert said(handled(machine, RenewToken(5, token(ttl_s=200)), 150.0)) == Ok(5)
    assert isinstance(handled(machine, Publish(6, "t"), 150.0)[0], Requested)


def test_where_it_kicks_the_session_ends_with_its_token() -> None:
    machine = member(token(ttl_s=100), rules(expiry=TokenExpiry.KICK))
    machine.handle_deadline(70.0)
    assert machine.deadline == 100.0
    assert machine.handle_deadline(99.9) == []
    assert machine.handle_deadline(100.0) == [TokenEnded(SESSION)]
    assert machine.deadline is None
    assert machine.handle_deadline(101.0) == []


# Renewal


def test_a_renewed_token_is_watched_anew() -> None:
    machine = member(token(ttl_s=100), rules(expiry=TokenExpiry.KICK))
    machine.handle_deadline(70.0)
    assert said(handled(machine, RenewToken(5, token(ttl_s=300)), 80.0)) == Ok(5)
    assert machine.deadline == 270.0
    assert machine.handle_deadline(100.0) == []
    assert said(machine.handle_deadline(270.0)) == TokenWillExpire(30)
    assert machine.deadline == 300.0


def test_a_renewal_counts_for_the_next_publish() -> None:
    machine = member(token(privileges=LISTENER))
    assert said(handled(machine, RenewToken(5, token()))) == Ok(5)
    assert isinstance(handled(machine, Publish(6, "s"))[0], Requested)


def test_a_renewal_must_not_take_the_right_to_publish_away() -> None:
    for machine in (member(token()), member(app_sign=SIGN)):
        outputs = handled(machine, RenewToken(5, token(privileges=LISTENER)))
        assert refused(outputs) == ErrorCode.RENEWED_TOKEN_NO_PUBLISH
        assert isinstance(handled(machine, Publish(6, "s"))[0], Requested)


def test_a_listener_renews_as_a_listener() -> None:
    machine = member(token(privileges=LISTENER))
    outputs = handled(machine, RenewToken(5, token(privileges=LISTENER, ttl_s=500)))
    assert said(outputs) == Ok(5)
    assert machine.deadline == 470.0


def test_a_renewal_before_the_login_closes_the_connection() -> None:
    reply, hang_up = handled(session(), RenewToken(5, token()))
    assert refused([reply]) == ErrorCode.NOT_LOGGED_IN
    assert hang_up == HangUp(SESSION, CloseCode.NOT_UNDERSTOOD)


def test_nothing_tells_the_secret() -> None:
    assert SECRET not in repr(rules())
