"""The client's end: what the user wants, kept true over every connection.

It remembers the login, the published and the played streams, and asks for all of
them again after each loss. It knows no socket and no peer connection.

    OUT -> CONNECTING -> LOGGING_IN -> IN -> OUT
              ^   |  connection lost,  |
              |   |  no answer in time |
           WAITING <-------------------+
    a refusal or a kick: OUT, for good; no retry until the next login
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from intercomd.domain.errors import (
    ErrorCode,
    MessageRoomNotSame,
    NotLoggedIn,
    RoomCountExceeded,
    RoomIdIncorrect,
)
from intercomd.domain.events import RoomStateChanged, RoomTokenWillExpire
from intercomd.domain.room import RoomStateReason, Stream
from intercomd.protocol import messages as wire
from intercomd.protocol.authentication import proof
from intercomd.protocol.backoff import Backoff
from intercomd.protocol.client_calls import (
    BarrageWanted,
    BroadcastWanted,
    CallWanted,
    CommandWanted,
    RoomCalls,
    RoomExtraInfoWanted,
    unsent,
)
from intercomd.protocol.client_events import (
    AcceptMedia,
    CloseMedia,
    Connect,
    ConnectionLost,
    Disconnect,
    Input,
    LoginWanted,
    LogoutWanted,
    MediaChanged,
    MediaOffered,
    MediaSilent,
    MicStateWanted,
    MigrateMedia,
    MutePlayWanted,
    OpenMedia,
    Output,
    PlayWanted,
    ProbeConnection,
    PublishWanted,
    Received,
    RenewWanted,
    StopWanted,
    StreamExtraInfoWanted,
    TimePassed,
    TokenRenewed,
    Transmit,
    UnpublishWanted,
)
from intercomd.protocol.own_streams import OwnStreams, Play, Publication
from intercomd.protocol.own_token import OwnToken
from intercomd.protocol.roster import Roster

ANSWER_TIMEOUT_S = 5.0
MEDIA_TIMEOUT_S = 8.0
MIGRATION_S = 1.5
STABLE_S = 5.0
FIRST_RETRY_S = 0.25
RETRY_CAP_S = 1.0
MEDIA_RETRY_CAP_S = 5.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the server must accept. `app_sign` never leaves this process; where it
    is "", every login must bring a token."""

    app_id: int
    app_sign: str = field(repr=False)


class ClientState(Enum):
    """Where the connection is; see the drawing above."""

    OUT = auto()
    CONNECTING = auto()
    LOGGING_IN = auto()
    IN = auto()
    WAITING = auto()


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
        self.state = ClientState.OUT
        self._credentials = credentials
        self._retry_time_s = retry_time_s
        self._backoff = Backoff(first_s=FIRST_RETRY_S, cap_s=RETRY_CAP_S, chance=chance)
        self._media_backoff = Backoff(
            first_s=FIRST_RETRY_S, cap_s=MEDIA_RETRY_CAP_S, chance=chance
        )
        self._login: LoginWanted | None = None
        self._token = OwnToken()
        self._roster = Roster("")
        self._own = OwnStreams(receive_slots=receive_slots)
        self._calls = RoomCalls()
        self._requests: dict[int, wire.ClientMessage] = {}
        self._request_id = 0
        self._was_in = False
        self._in_since = 0.0
        self._resume_key = ""
        self._media_up = False
        self._deadline: float | None = None
        self._media_deadline: float | None = None
        self._give_up_at = 0.0
        self._out: list[Output] = []

    @property
    def deadline(self) -> float | None:
        """The earlier of what is awaited of the signalling and of the media."""
        awaited = (self._deadline, self._media_deadline)
        return min((at for at in awaited if at is not None), default=None)

    @property
    def room_id(self) -> str | None:
        """The room that is, or is to be, logged in to."""
        return self._login.room_id if self._login else None

    def room_streams(self, room_id: str) -> tuple[Stream, ...]:
        """The others' streams as last told; raise `RoomIdIncorrect` when the room
        is another."""
        if room_id != self.room_id:
            raise RoomIdIncorrect(f"room {room_id}")
        return self._roster.streams

    def handle(self, event: Input, now: float) -> list[Output]:
        """Apply `event`; return what is to be done, in this order."""
        try:
            self._dispatch(event, now)
        finally:
            out, self._out = self._out, []
        return out

    def _dispatch(self, event: Input, now: float) -> None:
        match event:
            case LoginWanted():
                self._want_login(event, now)
            case RenewWanted(room_id, token):
                self._want_renewal(room_id, token)
            case LogoutWanted(room_id):
                self._want_logout(room_id)
            case PublishWanted():
                self._want_publish(event)
            case UnpublishWanted(slot):
                self._want_unpublish(slot)
            case MicStateWanted(slot, mic_state):
                self._want_mic_state(slot, mic_state)
            case PlayWanted(stream_id, is_muted):
                self._want_play(stream_id, is_muted=is_muted)
            case MutePlayWanted(stream_id, is_muted):
                self._want_play_muted(stream_id, is_muted=is_muted)
            case StopWanted(stream_id):
                self._want_stop(stream_id)
            case StreamExtraInfoWanted(slot, extra_info):
                self._want_stream_extra_info(slot, extra_info)
            case BroadcastWanted() | BarrageWanted() | CommandWanted():
                if event.room_id != self._room_wanted:
                    raise MessageRoomNotSame(f"room {event.room_id}")
                self._want_call(event)
            case RoomExtraInfoWanted():
                if event.room_id != self._room_wanted:
                    raise RoomIdIncorrect(f"room {event.room_id}")
                self._want_call(event)
            case Received(message):
                self._receive(message, now)
            case ConnectionLost():
                self._lose_connection(now)
            case MediaOffered(sdp):
                if self.state is ClientState.IN:
                    self._request(wire.Offer(self._next_id(), sdp))
            case MediaChanged(is_up):
                self._change_media(now, is_up=is_up)
            case MediaSilent():
                self._mend_media(now)
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
        self._was_in = False
        self._resume_key = ""
        self._give_up_at = now + self._retry_time_s
        self._backoff.reset()
        self._tell_room(RoomStateReason.LOGINING)
        self._connect(now)

    def _want_renewal(self, room_id: str, token: str) -> None:
        if self._login is None or room_id != self._login.room_id:
            raise RoomIdIncorrect(f"room {room_id}")
        self._token.renew(token)
        if self.state is ClientState.IN:
            self._request(wire.RenewToken(self._next_id(), token))
        else:  # it goes with the login that is to come
            self._out.append(TokenRenewed(ErrorCode.SUCCESS))

    def _want_logout(self, room_id: str | None) -> None:
        if room_id not in (None, self.room_id):
            raise RoomIdIncorrect(f"room {room_id}")
        if self._login is None:
            return
        if self.state in (ClientState.LOGGING_IN, ClientState.IN):
            self._request(wire.Logout(self._next_id()))
        self._leave(RoomStateReason.LOGOUT, ErrorCode.SUCCESS)

    def _want_publish(self, wish: PublishWanted) -> None:
        if self._login is None:
            raise NotLoggedIn
        self._out += self._own.publish(wish.stream_id, wish.slot, wish.mic_state)
        self._ask_publish(self._own.publications[wish.slot])

    def _want_unpublish(self, slot: int) -> None:
        publication = self._own.publications.get(slot)
        if publication is not None and self.state is ClientState.IN:
            stream_id = publication.stream_id
            self._forget(
                lambda request: (
                    isinstance(request, wire.Publish) and request.stream_id == stream_id
                )
            )
            self._request(wire.Unpublish(self._next_id(), stream_id))
        self._out += self._own.unpublish(slot)

    def _want_mic_state(self, slot: int, state: int) -> None:
        publication = self._own.publications.get(slot)
        if publication is None or publication.mic_state == state:
            return
        publication.mic_state = state
        if self.state is ClientState.IN:
            stream_id = publication.stream_id
            self._request(wire.MicState(self._next_id(), stream_id, state))

    def _want_play(self, stream_id: str, *, is_muted: bool) -> None:
        if self._login is None:
            raise NotLoggedIn
        if stream_id not in self._own.plays:
            self._out += self._own.play(stream_id, is_muted=is_muted)
            self._ask_play(self._own.plays[stream_id])

    def _want_play_muted(self, stream_id: str, *, is_muted: bool) -> None:
        play = self._own.plays.get(stream_id)
        if play is None or play.is_muted == is_muted:
            return
        play.is_muted = is_muted
        if self.state is ClientState.IN:
            self._request(wire.MutePlay(self._next_id(), stream_id, is_muted))

    def _want_stop(self, stream_id: str) -> None:
        self._out += self._own.stop(stream_id)
        if self.state is ClientState.IN:
            self._forget(
                lambda request: (
                    isinstance(request, wire.Play) and request.stream_id == stream_id
                )
            )
            self._request(wire.Stop(self._next_id(), stream_id))

    def _want_stream_extra_info(self, slot: int, extra_info: str) -> None:
        self._own.extra_infos[slot] = extra_info
        publication = self._own.publications.get(slot)
        if publication is not None and self.state is ClientState.IN:
            stream_id = publication.stream_id
            self._request(
                wire.SetStreamExtraInfo(self._next_id(), stream_id, extra_info)
            )

    @property
    def _room_wanted(self) -> str:
        if self._login is None:
            raise NotLoggedIn
        return self._login.room_id

    def _want_call(self, wish: CallWanted) -> None:
        if self.state is ClientState.IN:
            self._request(self._calls.ask(wish, self._next_id()))
        else:
            self._out.append(unsent(wish))

    # The connection

    def _connect(self, now: float) -> None:
        self.state = ClientState.CONNECTING
        self._deadline = now + ANSWER_TIMEOUT_S
        self._out.append(Connect())

    def _lose_connection(self, now: float) -> None:
        if self.state in (ClientState.OUT, ClientState.WAITING):
            return
        if self.state is ClientState.IN:
            self._give_up_at = now + self._retry_time_s
            if now - self._in_since >= STABLE_S:
                self._backoff.reset()
            self._tell_room(RoomStateReason.RECONNECTING, ErrorCode.CONNECTION_BROKEN)
        self.state = ClientState.WAITING
        self._deadline = now + self._backoff.next_s()
        self._end_requests(ErrorCode.SUCCESS)  # a new token goes with the next login
        # The media connection, and what the server confirmed, outlive the signalling:
        # the session may be resumed within the server's heartbeat timeout.

    def _pass_time(self, now: float) -> None:
        if self._media_deadline is not None and self._media_deadline <= now:
            self._media_deadline = None
            if self.state is ClientState.IN:
                self._open_media(now)
        if self._deadline is None or now < self._deadline:
            return
        match self.state:
            case ClientState.WAITING if now >= self._give_up_at:
                self._leave(self._failure, ErrorCode.RETRY_TIMEOUT)
            case ClientState.WAITING:
                self._connect(now)
            case ClientState.CONNECTING | ClientState.LOGGING_IN:
                self._out.append(Disconnect())
                self._lose_connection(now)
            case ClientState.OUT | ClientState.IN:
                self._deadline = None

    @property
    def _failure(self) -> RoomStateReason:
        if self._was_in:
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
        self._out += self._own.end(publish_code, code)
        self._close_media()
        self._out.append(Disconnect())
        self._tell_room(reason, code, extended_data)
        self.state = ClientState.OUT
        self._deadline = None
        self._login = None
        self._end_requests(code or ErrorCode.ROOM_ID_INCORRECT)

    # What the server says

    def _receive(self, message: wire.ServerMessage, now: float) -> None:
        match message:
            case wire.Hello(nonce) if self.state is ClientState.CONNECTING:
                self._send_login(nonce, now)
            case wire.LoggedIn(id) if self._is_logging_in(id):
                self._logged_in(message, now)
            case wire.Error() if self._login is not None:
                self._refused(message, now)
            case wire.Kicked(code, text) if self.state is ClientState.IN:
                extended = {"custom_kickout_message": text}
                self._leave(RoomStateReason.KICK_OUT, code, extended)
            case _ if self.state is ClientState.IN:
                self._receive_in_room(message)
            case _:
                pass  # the last words of a connection that is over

    def _is_logging_in(self, request_id: int) -> bool:
        return self.state is ClientState.LOGGING_IN and request_id in self._requests

    def _receive_in_room(self, message: wire.ServerMessage) -> None:
        match message:
            case wire.Ok(id):
                self._granted(self._requests.pop(id, None))
                self._out += self._calls.settle(id)
            case wire.MessageSent(id, message_id):
                self._requests.pop(id, None)
                self._out += self._calls.settle(id, message_id=message_id)
            case wire.Answer(id, sdp):
                if self._requests.pop(id, None) is not None:
                    self._out.append(AcceptMedia(sdp))
            case wire.UserUpdate():
                self._out += self._roster.update_users(message)
            case wire.StreamUpdate():
                self._out += self._roster.update_streams(message)
            case wire.StreamExtraInfo(streams):
                self._out += self._roster.update_extra_infos(streams)
            case (
                wire.OnlineUserCount()
                | wire.RoomExtraInfo()
                | wire.BroadcastMessages()
                | wire.BarrageMessages()
                | wire.CustomCommand()
            ):
                self._out += self._calls.receive(self._room_wanted, message)
            case wire.PlayState(stream_id, playing, mic_state):
                if playing:
                    self._out += self._own.note_mic_state(stream_id, mic_state)
                play = self._own.plays.get(stream_id)
                if play is not None and play.is_accepted:
                    play.is_forwarded = playing
                    self._settle()
            case wire.MicStateUpdate(stream_id, mic_state):
                self._out += self._own.note_mic_state(stream_id, mic_state)
            case wire.TokenWillExpire(remaining_s):
                assert self._login is not None
                told = RoomTokenWillExpire(self._login.room_id, remaining_s)
                self._out.append(told)
            case wire.Listeners(stream_id, count):
                self._out += self._own.count_listeners(stream_id, count)
            case wire.Hello() | wire.LoggedIn() | wire.Error() | wire.Kicked():
                pass  # said already

    def _send_login(self, nonce: str, now: float) -> None:
        login = self._login
        assert login is not None
        self.state = ClientState.LOGGING_IN
        self._deadline = now + ANSWER_TIMEOUT_S
        app_id, user = self._credentials.app_id, login.user
        message = wire.Login(
            id=self._next_id(),
            app_id=app_id,
            room_id=login.room_id,
            user_id=user.user_id,
            user_name=user.user_name,
            proof=self._proof(nonce, login),
            token=self._token.newest,
            is_user_status_notify=login.is_user_status_notify,
            max_member_count=login.max_member_count,
            resume_key=self._resume_key,
        )
        self._request(message)

    def _proof(self, nonce: str, login: LoginWanted) -> str:
        app_id, app_sign = self._credentials.app_id, self._credentials.app_sign
        if not app_sign:
            return ""
        return proof(
            app_sign,
            nonce=nonce,
            app_id=app_id,
            room_id=login.room_id,
            user_id=login.user.user_id,
        )

    def _logged_in(self, reply: wire.LoggedIn, now: float) -> None:
        self._requests.pop(reply.id, None)
        self.state = ClientState.IN
        self._deadline = None
        self._in_since = now
        self._media_backoff.reset()
        reason = (
            RoomStateReason.RECONNECTED if self._was_in else RoomStateReason.LOGINED
        )
        is_back, self._was_in = self._was_in, True
        self._token.accept(self._token.newest)
        extended = {"room_session_id": reply.room_session_id}
        self._tell_room(reason, extended_data=extended)
        self._out += self._roster.renew(reply.users, reply.streams)
        if reply.resumed:
            self._reconcile(reply)
        elif is_back:  # the server knows nothing of before any more
            self._close_media()
            self._out += self._own.forget_confirmations()
        self._resume_key = reply.resume_key
        self._settle()
        if not self._media_up:
            self._open_media(now)
        for publication in self._own.publications.values():
            if not publication.is_accepted:
                self._ask_publish(publication)
        for play in self._own.plays.values():
            if not play.is_accepted:
                self._ask_play(play)

    def _reconcile(self, reply: wire.LoggedIn) -> None:
        """Ask for what was wished, and for the end of what was unwished, meanwhile."""
        unwished, unplayed = self._own.resume(reply.published, reply.played)
        for stream_id in unwished:
            self._request(wire.Unpublish(self._next_id(), stream_id))
        for stream_id in unplayed:
            self._request(wire.Stop(self._next_id(), stream_id))
        for slot, publication in self._own.publications.items():
            if publication.is_accepted:
                stream_id, state = publication.stream_id, publication.mic_state
                self._request(wire.MicState(self._next_id(), stream_id, state))
                extra = self._own.extra_infos.get(slot, "")
                self._request(
                    wire.SetStreamExtraInfo(self._next_id(), stream_id, extra)
                )
        for play in self._own.plays.values():
            if play.is_accepted:
                message = wire.MutePlay(self._next_id(), play.stream_id, play.is_muted)
                self._request(message)

    def _refused(self, error: wire.Error, now: float) -> None:
        request = None if error.id is None else self._requests.pop(error.id, None)
        match request:
            case wire.Login():
                self._leave(self._failure, error.code, {"message": error.message})
            case wire.Publish(_, stream_id, slot) if self._publishes(stream_id):
                self._out += self._own.unpublish(slot, error.code)
            case wire.Play(_, stream_id) if stream_id in self._own.plays:
                self._out += self._own.stop(stream_id, error.code)
            case wire.Offer():
                self._change_media(now, is_up=False)
            case wire.Broadcast() | wire.Barrage() | wire.Command():
                self._settle_refused(error)
            case wire.SetRoomExtraInfo():
                self._settle_refused(error)
            case wire.RenewToken(_, token):
                self._token.refuse(token)
                self._out.append(TokenRenewed(error.code, error.message))
            case _:
                pass  # nothing that is still wanted

    def _settle_refused(self, error: wire.Error) -> None:
        assert error.id is not None
        self._out += self._calls.settle(error.id, error.code, error.message)

    def _granted(self, request: wire.ClientMessage | None) -> None:
        match request:
            case wire.Publish(_, stream_id):
                publication = self._own.publication_of(stream_id)
                if publication is not None:
                    publication.is_accepted = True
                    self._settle()
            case wire.Play(_, stream_id) if stream_id in self._own.plays:
                self._own.plays[stream_id].is_accepted = True
            case wire.RenewToken(_, token):
                self._token.accept(token)
                self._out.append(TokenRenewed(ErrorCode.SUCCESS))
            case _:
                pass  # the others are confirmed by what follows them

    # Media

    def _open_media(self, now: float) -> None:
        self._media_deadline = now + MEDIA_TIMEOUT_S
        self._forget(lambda request: isinstance(request, wire.Offer))
        self._out.append(OpenMedia())

    def _change_media(self, now: float, *, is_up: bool) -> None:
        if self.state is ClientState.OUT:
            return
        self._media_up = is_up
        self._media_deadline = None
        if is_up:
            self._media_backoff.reset()
        elif self.state is ClientState.IN:
            self._media_deadline = now + self._media_backoff.next_s()
        self._settle()

    def _mend_media(self, now: float) -> None:
        """First another path for the same connection; a new one if that fails.

        Whatever took the path may have taken the signalling, too: that is looked
        into at once, long before its own keep-alive would notice.
        """
        if self.state is ClientState.OUT or not self._media_up:
            return
        self._media_up = False
        self._media_deadline = now + MIGRATION_S
        self._out += [MigrateMedia(), ProbeConnection()]
        self._settle()

    def _close_media(self) -> None:
        self._media_up = False
        self._media_deadline = None
        self._out.append(CloseMedia())

    # Asking and telling

    def _ask_publish(self, publication: Publication) -> None:
        if self.state is ClientState.IN:
            message = wire.Publish(
                self._next_id(),
                publication.stream_id,
                publication.slot,
                mic_state=publication.mic_state,
                extra_info=self._own.extra_infos.get(publication.slot, ""),
            )
            self._request(message)

    def _ask_play(self, play: Play) -> None:
        if self.state is ClientState.IN:
            stream_id, slot, is_muted = play.stream_id, play.slot, play.is_muted
            self._request(wire.Play(self._next_id(), stream_id, slot, is_muted))

    def _publishes(self, stream_id: str) -> bool:
        return self._own.publication_of(stream_id) is not None

    def _settle(self) -> None:
        self._out += self._own.settle(media_up=self._media_up)

    def _tell_room(
        self,
        reason: RoomStateReason,
        code: int = ErrorCode.SUCCESS,
        extended_data: Mapping[str, object] | None = None,
    ) -> None:
        assert self._login is not None
        room_id = self._login.room_id
        self._out.append(RoomStateChanged(room_id, reason, code, extended_data or {}))

    def _request(self, message: wire.ClientMessage) -> None:
        self._requests[message.id] = message
        self._out.append(Transmit(message))

    def _end_requests(self, renewal_code: int) -> None:
        """Nothing that was asked for will be answered any more."""
        self._out += self._calls.fail_all()
        for request in self._requests.values():
            if isinstance(request, wire.RenewToken):
                self._out.append(TokenRenewed(renewal_code))
        self._requests.clear()

    def _forget(self, is_moot: Callable[[wire.ClientMessage], bool]) -> None:
        """What is still answered to such requests concerns nobody any more."""
        for request in [r for r in self._requests.values() if is_moot(r)]:
            del self._requests[request.id]

    def _next_id(self) -> int:
        self._request_id = self._request_id % (2**31 - 1) + 1
        return self._request_id
