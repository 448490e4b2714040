"""The client's token: with which one it logs in, and which it keeps."""

from __future__ import annotations

from typing import TypeVar

import pytest

from intercomd.domain.errors import (
    ErrorCode,
    NoToken,
    RoomIdIncorrect,
    TokenFormatError,
)
from intercomd.domain.events import RoomTokenWillExpire
from intercomd.domain.room import RoomStateReason, User
from intercomd.protocol.client_events import (
    ConnectionLost,
    LoginWanted,
    LogoutWanted,
    Output,
    Received,
    RenewWanted,
    TimePassed,
    TokenRenewed,
    Transmit,
)
from intercomd.protocol.client_session import ClientSession
from intercomd.protocol.credentials import Credentials
from intercomd.protocol.ladder import ClientState
from intercomd.protocol.messages import (
    Error,
    Hello,
    LoggedIn,
    Login,
    Ok,
    RenewToken,
    ServerMessage,
    TokenWillExpire,
)
from tests.protocol.handset import room_states

SIGN = "0123456789abcdef" * 4
_T = TypeVar("_T")
FIRST, SECOND = "04first", "04second"


class Phone:
    """A session by token, with a clock of its own."""

    def __init__(self, *, app_sign: str = "") -> None:
        self.session = ClientSession(
            Credentials(1, app_sign),
            receive_slots=8,
            retry_time_s=1200.0,
            chance=lambda: 0.5,
        )
        self.now = 0.0

    def hear(self, message: ServerMessage) -> list[Output]:
        return self.session.handle(Received(message), self.now)

    def log_in(self, token: str) -> Login:
        """Want to log in; return what the server is sent for it."""
        wish = LoginWanted("lobby", User("alice"), token=token)
        self.session.handle(wish, self.now)
        return self.greeted()

    def greeted(self) -> Login:
        (login,) = sent(Login, self.hear(Hello("ab" * 32)))
        return login

    def enter(self, token: str) -> None:
        self.hear(LoggedIn(self.log_in(token).id, "life-1"))
        assert self.session.state is ClientState.IN

    def renew(self, token: str) -> list[Output]:
        return self.session.handle(RenewWanted("lobby", token), self.now)

    def lose(self) -> list[Output]:
        return self.session.handle(ConnectionLost(), self.now)

    def come_back(self) -> Login:
        self.now += 10.0
        self.session.handle(TimePassed(), self.now)
        return self.greeted()


def sent(kind: type[_T], outputs: list[Output]) -> list[_T]:
    messages = [o.message for o in outputs if isinstance(o, Transmit)]
    return [message for message in messages if isinstance(message, kind)]


def renewals(outputs: list[Output]) -> list[int]:
    return [o.code for o in outputs if isinstance(o, TokenRenewed)]


def test_without_app_sign_the_login_has_the_token_and_no_proof() -> None:
    login = Phone().log_in(FIRST)
    assert (login.token, login.proof) == (FIRST, "")


def test_with_both_it_has_both() -> None:
    login = Phone(app_sign=SIGN).log_in(FIRST)
    assert login.token == FIRST
    assert len(login.proof) == 64


def test_with_neither_it_is_refused_at_once_and_nothing_happens() -> None:
    phone = Phone()
    with pytest.raises(NoToken):
        phone.session.handle(LoginWanted("lobby", User("alice")), 0.0)
    assert phone.session.state is ClientState.OUT
    assert phone.session.room_id is None


@pytest.mark.parametrize("token", ["04" + "A" * 4095, "04\ud800"])
def test_a_token_that_cannot_be_sent_is_refused_at_once(token: str) -> None:
    phone = Phone()
    with pytest.raises(TokenFormatError):
        phone.log_in(token)
    phone.enter(FIRST)
    with pytest.raises(TokenFormatError):
        phone.renew(token)
    phone.lose()
    assert phone.come_back().token == FIRST


def test_the_coming_end_is_told() -> None:
    phone = Phone()
    phone.enter(FIRST)
    assert phone.hear(TokenWillExpire(30)) == [RoomTokenWillExpire("lobby", 30)]


def test_a_renewal_is_sent_and_its_end_told() -> None:
    phone = Phone()
    phone.enter(FIRST)
    (request,) = sent(RenewToken, phone.renew(SECOND))
    assert request.token == SECOND
    assert renewals(phone.hear(Ok(request.id))) == [ErrorCode.SUCCESS]
    phone.lose()
    assert phone.come_back().token == SECOND


def test_after_a_refused_renewal_the_last_token_counts() -> None:
    phone = Phone()
    phone.enter(FIRST)
    (request,) = sent(RenewToken, phone.renew(SECOND))
    code = ErrorCode.RENEWED_TOKEN_NO_PUBLISH
    assert renewals(phone.hear(Error(code, "no", request.id))) == [code]
    assert phone.session.state is ClientState.IN
    phone.lose()
    assert phone.come_back().token == FIRST


def test_a_renewal_on_the_way_when_the_connection_broke_goes_with_the_login() -> None:
    phone = Phone()
    phone.enter(FIRST)
    phone.renew(SECOND)
    assert renewals(phone.lose()) == [ErrorCode.SUCCESS]
    assert phone.come_back().token == SECOND


def test_a_renewal_while_the_connection_is_lost_goes_with_the_login() -> None:
    phone = Phone()
    phone.enter(FIRST)
    phone.lose()
    outputs = phone.renew(SECOND)
    assert renewals(outputs) == [ErrorCode.SUCCESS]
    assert not sent(RenewToken, outputs)
    assert phone.come_back().token == SECOND


def test_a_renewal_during_a_login_is_sent_once_it_is_through() -> None:
    phone = Phone()
    login = phone.log_in(FIRST)
    assert phone.renew(SECOND) == []
    outputs = phone.hear(LoggedIn(login.id, "life-1"))
    (request,) = sent(RenewToken, outputs)
    assert request.token == SECOND
    assert renewals(outputs) == []
    assert renewals(phone.hear(Ok(request.id))) == [ErrorCode.SUCCESS]
    phone.lose()
    assert phone.come_back().token == SECOND


def test_a_renewal_during_a_login_is_not_accepted_with_the_login() -> None:
    phone = Phone()
    login = phone.log_in(FIRST)
    phone.renew(SECOND)
    (request,) = sent(RenewToken, phone.hear(LoggedIn(login.id, "life-1")))
    code = ErrorCode.TOKEN_EXPIRED
    assert renewals(phone.hear(Error(code, "no", request.id))) == [code]
    phone.lose()
    assert phone.come_back().token == FIRST


def test_a_renewal_during_a_login_that_is_lost_goes_with_the_next_once() -> None:
    phone = Phone()
    phone.log_in(FIRST)
    phone.renew(SECOND)
    assert renewals(phone.lose()) == [ErrorCode.SUCCESS]
    login = phone.come_back()
    assert login.token == SECOND
    outputs = phone.hear(LoggedIn(login.id, "life-1"))
    assert not sent(RenewToken, outputs)
    assert renewals(outputs) == []


def test_a_renewal_during_a_login_that_is_refused_has_failed() -> None:
    phone = Phone()
    login = phone.log_in(FIRST)
    phone.renew(SECOND)
    code = ErrorCode.TOKEN_EXPIRED
    assert renewals(phone.hear(Error(code, "expired", login.id))) == [code]


def test_a_renewal_needs_that_room_and_a_token() -> None:
    phone = Phone()
    with pytest.raises(RoomIdIncorrect):
        phone.renew(FIRST)
    phone.enter(FIRST)
    with pytest.raises(RoomIdIncorrect):
        phone.session.handle(RenewWanted("kitchen", SECOND), 0.0)
    with pytest.raises(NoToken):
        phone.renew("")


def test_a_logout_ends_a_renewal() -> None:
    phone = Phone()
    phone.enter(FIRST)
    phone.renew(SECOND)
    outputs = phone.session.handle(LogoutWanted(), 0.0)
    assert renewals(outputs) == [ErrorCode.ROOM_ID_INCORRECT]


def test_a_reconnect_with_a_dead_token_fails_for_good() -> None:
    phone = Phone()
    phone.enter(FIRST)
    phone.lose()
    login = phone.come_back()
    code = ErrorCode.TOKEN_EXPIRED
    outputs = phone.hear(Error(code, "expired", login.id))
    assert room_states(outputs) == [(RoomStateReason.RECONNECT_FAILED, code)]
    assert phone.session.state is ClientState.OUT


def test_each_login_has_the_token_it_was_given() -> None:
    phone = Phone(app_sign=SIGN)
    phone.enter(FIRST)
    phone.renew(SECOND)
    phone.session.handle(LogoutWanted(), 0.0)
    assert phone.log_in("").token == ""


def test_no_wish_shows_its_token() -> None:
    for wish in (
        LoginWanted("lobby", User("alice"), token=FIRST),
        RenewWanted("lobby", FIRST),
    ):
        assert FIRST not in repr(wish)
