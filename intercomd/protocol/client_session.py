"""The client's end: in the room as long as the user wishes, over every connection.

It logs in and out, passes on what the room says, and joins its parts: `ladder` (the
signalling connection), `media_ladder`, `wishes` (streams) and `client_calls`
(messages). It knows no socket and no peer connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from intercomd.domain.errors import (
    ErrorCode,
    MessageRoomNotSame,
    NotLoggedIn,
    RoomCountExceeded,
    RoomIdIncorrect,
)
from intercomd.domain.events import RoomStateChanged, RoomTokenWillExpire
from intercomd.domain.room import RoomStateReason, RoomStreamListType, Stream
from intercomd.protocol import messages as wire
from intercomd.protocol.client_calls import (
    CallWanted,
    RoomCalls,
    RoomExtraInfoWanted,
    RoomNews,
    unsent,
)
from intercomd.protocol.client_events import (
    AcceptMedia,
    ConnectionLost,
    Disconnect,
    Happening,
    Input,
    LoginWanted,
    LoginWish,
    LogoutWanted,
    MediaChanged,
    MediaOffered,
    MediaSilent,
    Output,
    PlayWanted,
    PublishWanted,
    Received,
    RenewWanted,
    StreamWish,
    TimePassed,
    TokenRenewed,
)
from intercomd.protocol.credentials import Credentials
from intercomd.protocol.ladder import ClientState, Fate, Ladder
from intercomd.protocol.media_ladder import MediaLadder
from intercomd.protocol.open_requests import OpenRequests
from intercomd.protocol.own_token import OwnToken
from intercomd.protocol.paging import joined
from intercomd.protocol.roster import Roster, RosterNews
from intercomd.protocol.wishes import StreamNews, Wishes

Answered = wire.Ok | wire.MessageSent | wire.Answer


class ClientSession:
    """The machine. Only the wishes of the user raise an `IntercomError`.

    deadline  when `TimePassed` must be handled, or None
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        receive_slots: int,
        retry_time_s: float,
        chance: Callable[[], float],
    ) -> None:
        """`retry_time_s` is the reference's `room_retry_time`; `chance` returns a
        number of [0, 1)."""
        self._credentials = credentials
        self._out: list[Output] = []
        self._login: LoginWanted | None = None
        self._arriving: wire.LoggedIn | None = None
        self._token = OwnToken()
        self._held_renewals: list[str] = []
        self._roster = Roster("")
        self._calls = RoomCalls()
        self._requests = OpenRequests(self._emit)
        self._ladder = Ladder(self._emit, retry_time_s=retry_time_s, chance=chance)
        self._media = MediaLadder(
            self._emit, signalling=self._ladder, requests=self._requests, chance=chance
        )
        self._wishes = Wishes(
            self._emit,
            signalling=self._ladder,
            media=self._media,
            requests=self._requests,
            receive_slots=receive_slots,
        )

    @property
    def state(self) -> ClientState:
        """Where the connection is."""
        return self._ladder.state

    @property
    def deadline(self) -> float | None:
        """The earlier of what is awaited of the signalling and of the media."""
        awaited = (self._ladder.deadline, self._media.deadline)
        return min((at for at in awaited if at is not None), default=None)

    @property
    def room_id(self) -> str | None:
        """The room that is, or is to be, logged in to."""
        return self._login.room_id if self._login else None

    def room_streams(
        self, room_id: str, list_type: RoomStreamListType
    ) -> tuple[Stream, ...]:
        """The others' streams as last told, and one's own after them where all are
        asked for; raise `RoomIdIncorrect` when the room is another."""
        if self._login is None or room_id != self._login.room_id:
            raise RoomIdIncorrect(f"room {room_id}")
        if list_type is RoomStreamListType.PLAY:
            return self._roster.streams
        return self._roster.streams + self._wishes.published(self._login.user)

    def handle(self, event: Input, now: float) -> list[Output]:
        """Apply `event`; return what is to be done, in this order."""
        try:
            if isinstance(event, StreamWish):
                self._want_of_stream(event)
            elif isinstance(event, CallWanted):
                self._want_call(event)
            else:
                self._dispatch(event, now)
            return self._out[:]
        finally:
            self._out.clear()

    def _dispatch(self, event: LoginWish | Happening, now: float) -> None:
        match event:
            case LoginWanted():
                self._want_login(event, now)
            case RenewWanted(room_id, token):
                self._want_renewal(room_id, token)
            case LogoutWanted(room_id):
                self._want_logout(room_id)
            case Received(message):
                self._receive(message, now)
            case ConnectionLost():
                self._lose_connection(now)
            case MediaOffered(sdp):
                if self._ladder.is_in:
                    self._requests.ask(wire.Offer(self._requests.next_id(), sdp))
            case MediaChanged(is_up):
                self._media.change(now, is_up=is_up)
                self._wishes.settle()
            case MediaSilent():
                self._media.mend(now)
                self._wishes.settle()
            case TimePassed():
                self._pass_time(now)

    # Wishes

    def _want_login(self, wish: LoginWanted, now: float) -> None:
        if self._login is not None:
            raise RoomCountExceeded(f"room {self._login.room_id}")
        has_app_sign = bool(self._credentials.app_sign)
        self._token.begin(wish.token, has_app_sign=has_app_sign)
        self._login = wish
        self._roster = Roster(wish.room_id)
        self._calls.forget_room()
        self._tell_room(RoomStateReason.LOGINING)
        self._ladder.begin(now)

    def _want_renewal(self, room_id: str, token: str) -> None:
        if self._login is None or room_id != self._login.room_id:
            raise RoomIdIncorrect(f"room {room_id}")
        self._token.renew(token)
        match self.state:
            case ClientState.IN:
                self._ask_renewal(token)
            case ClientState.LOGGING_IN:  # the login went without it
                self._held_renewals.append(token)
            case _:  # it goes with the login that is to come
                self._emit(TokenRenewed(ErrorCode.SUCCESS))

    def _want_logout(self, room_id: str | None) -> None:
        if room_id not in (None, self.room_id):
            raise RoomIdIncorrect(f"room {room_id}")
        if self._login is None:
            return
        if self.state in (ClientState.LOGGING_IN, ClientState.IN):
            self._requests.ask(wire.Logout(self._requests.next_id()))
        self._leave(RoomStateReason.LOGOUT, ErrorCode.SUCCESS)

    def _want_of_stream(self, wish: StreamWish) -> None:
        if isinstance(wish, PublishWanted | PlayWanted) and self._login is None:
            raise NotLoggedIn
        self._wishes.want(wish)

    def _want_call(self, wish: CallWanted) -> None:
        if wish.room_id != self._room_wanted:
            if isinstance(wish, RoomExtraInfoWanted):
                raise RoomIdIncorrect(f"room {wish.room_id}")
            raise MessageRoomNotSame(f"room {wish.room_id}")
        if self._ladder.is_in:
            self._requests.ask(self._calls.ask(wish, self._requests.next_id()))
        else:
            self._emit(unsent(wish))

    @property
    def _room_wanted(self) -> str:
        if self._login is None:
            raise NotLoggedIn
        return self._login.room_id

    # The connection comes and goes

    def _lose_connection(self, now: float) -> None:
        if self.state in (ClientState.OUT, ClientState.WAITING):
            return
        if self._ladder.is_in:
            self._tell_room(RoomStateReason.RECONNECTING, ErrorCode.CONNECTION_BROKEN)
        self._ladder.lose(now)
        self._end_requests(ErrorCode.SUCCESS)  # a new token goes with the next login
        # The media connection, and what the server confirmed, outlive the signalling:
        # the session may be resumed within the server's heartbeat timeout.

    def _pass_time(self, now: float) -> None:
        self._media.pass_time(now)
        match self._ladder.pass_time(now):
            case Fate.UNANSWERED:
                self._emit(Disconnect())
                self._lose_connection(now)
            case Fate.GIVEN_UP:
                self._leave(self._failure, ErrorCode.RETRY_TIMEOUT)
            case Fate.GOES_ON:
                pass

    @property
    def _failure(self) -> RoomStateReason:
        if self._ladder.was_in:
            return RoomStateReason.RECONNECT_FAILED
        return RoomStateReason.LOGIN_FAILED

    def _leave(
        self,
        reason: RoomStateReason,
        code: int,
        extended_data: Mapping[str, object] | None = None,
    ) -> None:
        """Be out of the room for good: the streams end first, then the room."""
        publish_code = code
        if code == ErrorCode.RETRY_TIMEOUT:
            publish_code = ErrorCode.PUBLISH_RETRY_TIMEOUT
        self._wishes.end(publish_code, code)
        self._media.close()
        self._emit(Disconnect())
        self._tell_room(reason, code, extended_data)
        self._ladder.leave()
        self._login = None
        self._end_requests(code or ErrorCode.ROOM_ID_INCORRECT)

    # What the server says

    def _receive(self, message: wire.ServerMessage, now: float) -> None:
        match message:
            case wire.Hello(nonce) if self.state is ClientState.CONNECTING:
                self._send_login(nonce, now)
            case wire.LoggedIn(id) if self._is_logging_in(id):
                self._arrive(message, now)
            case wire.LoggedInMore(id) if self._arriving and self._is_logging_in(id):
                self._arrive(joined(self._arriving, message), now)
            case wire.Error() if self._login is not None:
                self._refused(message, now)
            case wire.Kicked(code, text) if self._ladder.is_in:
                extended = {"custom_kickout_message": text}
                self._leave(RoomStateReason.KICK_OUT, code, extended)
            case _ if self._ladder.is_in:
                self._receive_in_room(message)
            case _:
                pass  # the last words of a connection that is over

    def _arrive(self, reply: wire.LoggedIn, now: float) -> None:
        """The lists of a large room come in several messages: wait for the last."""
        self._arriving = reply if reply.more else None
        if reply.more:
            self._ladder.greeted(now)
        else:
            self._logged_in(reply, now)

    def _is_logging_in(self, request_id: int) -> bool:
        return self.state is ClientState.LOGGING_IN and self._requests.has(request_id)

    def _receive_in_room(self, message: wire.ServerMessage) -> None:
        if isinstance(message, RosterNews):
            self._tell(self._roster.update(message))
        elif isinstance(message, RoomNews):
            self._tell(self._calls.receive(self._room_wanted, message))
        elif isinstance(message, StreamNews):
            self._wishes.receive(message)
        elif isinstance(message, wire.TokenWillExpire):
            told = RoomTokenWillExpire(self._room_wanted, message.remaining_s)
            self._emit(told)
        elif isinstance(message, Answered):
            self._answered(message)
        else:
            match message:
                case wire.Hello() | wire.LoggedIn() | wire.LoggedInMore():
                    pass  # of another login
                case wire.Error() | wire.Kicked():
                    pass  # said already

    def _answered(self, answer: Answered) -> None:
        request = self._requests.answered(answer.id)
        match answer:
            case wire.Ok(id):
                self._granted(request)
                self._tell(self._calls.settle(id))
            case wire.MessageSent(id, message_id):
                self._tell(self._calls.settle(id, message_id=message_id))
            case wire.Answer(_, sdp) if request is not None:
                self._emit(AcceptMedia(sdp))
            case wire.Answer():
                pass  # to an offer that another has replaced

    def _send_login(self, nonce: str, now: float) -> None:
        assert self._login is not None
        self._arriving = None
        self._ladder.greeted(now)
        message = self._credentials.login(
            self._login,
            request_id=self._requests.next_id(),
            nonce=nonce,
            token=self._token.newest,
            resume_key=self._ladder.resume_key,
        )
        self._requests.ask(message)

    def _logged_in(self, reply: wire.LoggedIn, now: float) -> None:
        login = self._requests.answered(reply.id)
        assert isinstance(login, wire.Login)
        is_back = self._ladder.was_in
        self._ladder.enter(now, resume_key=reply.resume_key)
        self._token.accept(login.token)
        self._tell_room(
            RoomStateReason.RECONNECTED if is_back else RoomStateReason.LOGINED,
            extended_data={"room_session_id": reply.room_session_id},
        )
        self._ask_held_renewals()
        self._tell(self._roster.renew(reply.users, reply.streams))
        self._wishes.enter(reply, is_back=is_back)
        self._media.enter(now)
        self._wishes.ask_all()

    def _ask_held_renewals(self) -> None:
        held, self._held_renewals = self._held_renewals, []
        for token in held:
            self._ask_renewal(token)

    def _ask_renewal(self, token: str) -> None:
        self._requests.ask(wire.RenewToken(self._requests.next_id(), token))

    def _refused(self, error: wire.Error, now: float) -> None:
        request = self._requests.answered(error.id)
        match request:
            case wire.Login() if error.code == ErrorCode.ROOM_CALLS_TOO_FREQUENT:
                self._emit(Disconnect())
                self._lose_connection(now)  # the one refusal that is about the moment
            case wire.Login():
                self._leave(self._failure, error.code, {"message": error.message})
            case wire.Publish() | wire.Play():
                self._wishes.refused(request, error.code)
            case wire.Offer():
                self._media.change(now, is_up=False)
                self._wishes.settle()
            case (
                wire.Broadcast(id)
                | wire.Barrage(id)
                | wire.Command(id)
                | wire.Transparent(id)
                | wire.SetRoomExtraInfo(id)
            ):
                self._tell(self._calls.settle(id, error.code, error.message))
            case wire.RenewToken(_, token):
                self._token.refuse(token)
                self._emit(TokenRenewed(error.code, error.message))
            case _:
                pass  # nothing that is still wanted

    def _granted(self, request: wire.ClientMessage | None) -> None:
        match request:
            case wire.RenewToken(_, token):
                self._token.accept(token)
                self._emit(TokenRenewed(ErrorCode.SUCCESS))
            case _:
                self._wishes.granted(request)

    def _end_requests(self, renewal_code: int) -> None:
        """Nothing that was asked for will be answered any more."""
        self._tell(self._calls.fail_all())
        asked = self._requests.end()
        renewals = sum(isinstance(request, wire.RenewToken) for request in asked)
        for _ in range(renewals + len(self._held_renewals)):
            self._emit(TokenRenewed(renewal_code))
        self._held_renewals.clear()

    # Telling

    def _tell_room(
        self,
        reason: RoomStateReason,
        code: int = ErrorCode.SUCCESS,
        extended_data: Mapping[str, object] | None = None,
    ) -> None:
        room_id = self._room_wanted
        self._emit(RoomStateChanged(room_id, reason, code, extended_data or {}))

    def _tell(self, outputs: Iterable[Output]) -> None:
        self._out += outputs

    def _emit(self, output: Output) -> None:
        self._out.append(output)
