"""The server's end of one connection: who is it, is it allowed, is it in order?

What passes is handed on to `rooms.Rooms`; it knows no room and no other session.

    GREETED --login that is admitted--> MEMBER --logout or kick--> (hung up)
       |  any other message, a wrong login, or silence: hung up
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from intercomd.domain.errors import (
    AppIdIncorrect,
    IntercomError,
    NotLoggedIn,
    RoomCountExceeded,
    TooManyCalls,
    WireMalformed,
)
from intercomd.domain.identifiers import (
    check_room_id,
    check_user_id,
    check_user_name,
)
from intercomd.protocol.admission import (
    NO_TOKENS,
    TokenExpiry,
    TokenRules,
    admit,
    check_token,
)
from intercomd.protocol.messages import (
    Barrage,
    Broadcast,
    ClientMessage,
    Command,
    Error,
    Hello,
    Login,
    Offer,
    Ok,
    Publish,
    RenewToken,
    SetRoomExtraInfo,
    TokenWillExpire,
    Transparent,
    UserEntry,
)
from intercomd.protocol.rate import TokenBucket
from intercomd.protocol.room_events import (
    HangUp,
    Joined,
    Requested,
    Send,
    SessionId,
    TokenEnded,
)
from intercomd.protocol.token import Token
from intercomd.protocol.token_watch import TokenWatch
from intercomd.protocol.wire import CloseCode, decode_client_message, request_id


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How much one connection may ask for."""

    messages_per_s: float = 50.0
    message_burst: int = 200
    login_s: float = 5.0
    offers_per_s: float = 0.5
    offer_burst: int = 5


@dataclass(frozen=True, slots=True)
class Negotiate:
    """Answer this offer of a media connection."""

    session: SessionId
    request_id: int
    sdp: str


_MAY_FAIL = (Broadcast, Barrage, Command, Transparent, SetRoomExtraInfo, Offer)
"""What the client gives up, or asks again, when it is refused."""

SessionOutput = Send | HangUp | Joined | Requested | Negotiate | TokenEnded


class SessionState(Enum):
    """Where a connection is."""

    GREETED = auto()
    MEMBER = auto()
    HUNG_UP = auto()


class ServerSession:
    """One connection's machine; see the table above.

    deadline  until when it must have logged in, then what its token awaits, or None
    """

    def __init__(
        self,
        session: SessionId,
        *,
        app_signs: Mapping[int, str],
        nonce: str,
        limits: SessionLimits,
        now: float,
        token_rules: Mapping[int, TokenRules] | None = None,
        wall_offset_s: float = 0.0,
    ) -> None:
        """`app_signs` maps AppID to AppSign, `token_rules` AppID to how tokens are
        used, where they are; `nonce` must never have been used. `wall_offset_s`
        added to any `now` is the unix time.
        """
        self.session = session
        self.state = SessionState.GREETED
        self._login_deadline: float | None = now + limits.login_s
        self.hello = Hello(nonce)
        self._app_signs = app_signs
        self._token_rules = token_rules or {}
        self._wall_offset_s = wall_offset_s
        self._member: tuple[Joined, TokenWatch] | None = None
        self._bucket = TokenBucket(
            rate_per_s=limits.messages_per_s, burst=limits.message_burst, now=now
        )
        # As much again is borne of what can be refused one by one.
        self._patience = TokenBucket(
            rate_per_s=limits.messages_per_s, burst=limits.message_burst, now=now
        )
        # An offer costs a socket and some 10 ms, a hundred times any other message.
        self._offers = TokenBucket(
            rate_per_s=limits.offers_per_s, burst=limits.offer_burst, now=now
        )

    def handle(self, text: str | bytes, now: float) -> list[SessionOutput]:
        """Handle one frame; every frame gives at least one output until hung up."""
        if self.state is SessionState.HUNG_UP:
            return []
        if not self._bucket.take(now):
            return self._restrain(text, now)
        try:
            message = decode_client_message(text)
        except WireMalformed as error:
            close = None if self._is_member else CloseCode.NOT_UNDERSTOOD
            return self._refuse(request_id(text), error, close)
        return self._accept(message, now)

    def _restrain(self, text: str | bytes, now: float) -> list[SessionOutput]:
        """Refuse one message too many; hang up if it must not be lost, or for a flood.

        What is lost of the others would leave both ends with different streams.
        """
        error = TooManyCalls()
        if self._is_member and self._patience.take(now):
            with contextlib.suppress(WireMalformed):
                message = decode_client_message(text)
                if isinstance(message, _MAY_FAIL):
                    return self._refuse(message.id, error, None)
        return self._refuse(None, error, CloseCode.TOO_MANY_MESSAGES)

    @property
    def deadline(self) -> float | None:
        """The time at which `handle_deadline` must be called."""
        if self._member is not None:
            return self._member[1].deadline
        return self._login_deadline

    def handle_deadline(self, now: float) -> list[SessionOutput]:
        """Hang up on a client that did not log in in time; see to a member's token."""
        if self.deadline is None or now < self.deadline:
            return []
        if self._member is not None:
            return self._see_to_token(self._member[1], now)
        return self._refuse(
            None, NotLoggedIn("no login in time"), CloseCode.LOGIN_TIMEOUT
        )

    @property
    def _is_member(self) -> bool:
        return self.state is SessionState.MEMBER

    def _accept(self, message: ClientMessage, now: float) -> list[SessionOutput]:
        match message:
            case Login() if self._is_member:
                return self._refuse(message.id, RoomCountExceeded(), None)
            case Login():
                return self._log_in(message, now)
            case _ if not self._is_member:
                close = CloseCode.NOT_UNDERSTOOD
                return self._refuse(message.id, NotLoggedIn(), close)
            case Offer(id, sdp):
                if not self._offers.take(now):
                    return self._refuse(id, TooManyCalls("offers"), None)
                return [Negotiate(self.session, id, sdp)]
            case RenewToken():
                return self._renew_token(message, now)
            case Publish(id, stream_id) if self._member is not None:
                try:
                    self._member[1].check_publish(stream_id, now)
                except IntercomError as error:
                    return self._refuse(id, error, None)
                return [Requested(self.session, message)]
            case _:
                return [Requested(self.session, message)]

    def _log_in(self, login: Login, now: float) -> list[SessionOutput]:
        try:
            token = self._check(login, now)
        except IntercomError as error:
            return self._refuse(login.id, error, CloseCode.LOGIN_REFUSED)
        self.state = SessionState.MEMBER
        self._login_deadline = None
        joined = Joined(
            session=self.session,
            request_id=login.id,
            app_id=login.app_id,
            room_id=login.room_id,
            user=UserEntry(login.user_id, login.user_name),
            is_user_status_notify=login.is_user_status_notify,
            max_member_count=login.max_member_count,
            resume_key=login.resume_key,
        )
        expiry = self._rules(login.app_id).expiry
        watch = TokenWatch(token, expiry, wall_offset_s=self._wall_offset_s)
        self._member = joined, watch
        return [joined]

    def _check(self, login: Login, now: float) -> Token | None:
        """The token it is by, if any. Raise what keeps this login out; who it is is
        checked before the IDs."""
        app_sign = self._app_signs.get(login.app_id)
        if app_sign is None:
            raise AppIdIncorrect(f"AppID {login.app_id}")
        token = admit(
            login,
            app_sign=app_sign,
            rules=self._rules(login.app_id),
            nonce=self.hello.nonce,
            unix_now=now + self._wall_offset_s,
        )
        check_room_id(login.room_id)
        check_user_id(login.user_id)
        check_user_name(login.user_name)
        return token

    # The token of a member

    def _renew_token(self, request: RenewToken, now: float) -> list[SessionOutput]:
        assert self._member is not None
        joined, watch = self._member
        try:
            token = check_token(
                request.token,
                self._rules(joined.app_id),
                app_id=joined.app_id,
                room_id=joined.room_id,
                user_id=joined.user.user_id,
                unix_now=now + self._wall_offset_s,
            )
            watch.renew(token)
        except IntercomError as error:
            return self._refuse(request.id, error, None)
        return [Send(self.session, Ok(request.id))]

    def _see_to_token(self, watch: TokenWatch, now: float) -> list[SessionOutput]:
        match watch.handle_deadline(now):
            case TokenWillExpire() as warning:
                return [Send(self.session, warning)]
            case TokenExpiry.KICK:
                return [TokenEnded(self.session)]
            case _:
                return []

    def _rules(self, app_id: int) -> TokenRules:
        return self._token_rules.get(app_id, NO_TOKENS)

    def _refuse(
        self, request: int | None, error: IntercomError, close: CloseCode | None
    ) -> list[SessionOutput]:
        reply = Send(self.session, Error(error.code, str(error), request))
        if close is None:
            return [reply]
        self.state = SessionState.HUNG_UP
        self._login_deadline = None
        self._member = None
        return [reply, HangUp(self.session, close)]
