"""Rooms and who is in them: the rules, and nothing else.

One machine for the whole server, of six parts: coming and going (here), their
announcements, streams, information, chat and what the operator does. It knows sessions
by number and does not know sockets, packets or how a session proved who it is.
"""

from __future__ import annotations

from collections.abc import Callable

from intercomd.domain.errors import (
    IntercomError,
    KickedOut,
    LoggedInElsewhere,
    RoomCallsTooFrequent,
    RoomFull,
    TokenExpiredKickedOut,
)
from intercomd.protocol.announcements import Announcements
from intercomd.protocol.membership import Limited, Member, Room
from intercomd.protocol.messages import (
    Barrage,
    Broadcast,
    Command,
    Error,
    Kicked,
    LoggedIn,
    Logout,
    MicState,
    MutePlay,
    Ok,
    Play,
    Publish,
    Report,
    SetRoomExtraInfo,
    SetStreamExtraInfo,
    Stop,
    Transparent,
    Unpublish,
)
from intercomd.protocol.paging import paged
from intercomd.protocol.room_chat import RoomChat
from intercomd.protocol.room_events import (
    Adopt,
    CloseMedia,
    DeleteReason,
    Departed,
    Dropped,
    HangUp,
    Input,
    Joined,
    MediaChanged,
    Output,
    Requested,
    RoomRequest,
    Send,
    SessionId,
    Talking,
    TimePassed,
    TokenEnded,
)
from intercomd.protocol.room_information import RoomInformation
from intercomd.protocol.room_operator import RoomOperator
from intercomd.protocol.streams import Streams
from intercomd.protocol.wire import CloseCode


class Rooms:
    """All rooms of a server, as one machine.

    state     a session is unknown, present, or lost (present, but its connection
              is gone; it is put out `heartbeat_timeout_s` later)
    deadline  when the session lost longest must be put out, or a room be told how
              many are in it; None while there is no room
    """

    def __init__(
        self,
        *,
        heartbeat_timeout_s: float,
        max_members: int,
        announced_members: int,
        plays_max: int,
        present_max: int = 0,
        new_id: Callable[[], str],
        new_key: Callable[[], str],
        wall_ms: Callable[[], int],
    ) -> None:
        """`announced_members` of a room hear of each other, later ones of nobody;
        there and in the other limits 0 means none. Whoever is lost longest gives way to
        one who comes when `present_max` are in the rooms. `new_id` names each life of a
        room, and `new_key` makes keys to resume by that nobody can guess; `wall_ms`
        is the time that messages are stamped with, of Unix, in ms. Each user may play
        `plays_max` streams."""
        self._heartbeat_timeout_s = heartbeat_timeout_s
        self._max_members = max_members
        self._present_max = present_max
        self._announced_members = announced_members
        self._new_id = new_id
        self._new_key = new_key
        self._rooms: dict[tuple[int, str], Room] = {}
        self._members: dict[SessionId, Member] = {}
        self._by_user: dict[tuple[int, str], Member] = {}
        self._lost: dict[SessionId, Member] = {}
        self._announcements = Announcements(self._emit)
        self._streams = Streams(self._emit, self._announcements, plays_max=plays_max)
        self._information = RoomInformation(self._emit, wall_ms)
        self._chat = RoomChat(self._emit, wall_ms)
        self._operator = RoomOperator(
            self._rooms, self._by_user, self._streams, self._put_out
        )
        self._out: list[Output] = []

    @property
    def deadline(self) -> float | None:
        """The time at which `TimePassed` must be handled."""
        awaited = (
            self._lost_deadline,
            self._information.deadline,
            self._announcements.deadline,
        )
        return min((at for at in awaited if at is not None), default=None)

    @property
    def is_contested(self) -> bool:
        """Whether `Talking` is of interest to anybody now."""
        return self._streams.is_contested

    def has(self, session: SessionId) -> bool:
        """Whether the session is in a room."""
        return session in self._members

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many rooms, users and streams there are."""
        return len(self._rooms), len(self._members), len(self._streams.publications)

    def rooms(self) -> list[Room]:
        """The rooms there are, to be read and not changed, in the order they came."""
        return list(self._rooms.values())

    def room(self, app_id: int, room_id: str) -> Room | None:
        """One of them, or None if there is no such room now."""
        return self._rooms.get((app_id, room_id))

    def handle(self, event: Input, now: float) -> list[Output]:
        """Apply `event`; return what is to be done, in this order."""
        match event:
            case Joined():
                self._join(event, now)
            case Requested(session, request):
                self._request(session, request, now)
            case Dropped(session):
                self._drop(session, now)
            case Departed(session):
                self._depart(session)
            case TokenEnded(session):
                self._end_token(session)
            case MediaChanged(session, slots):
                member = self._members.get(session)
                if member is not None:
                    self._streams.media_changed(member, slots)
            case Talking():
                self._streams.hear(event, now)
            case TimePassed():
                self._put_out_lost(now)
                self._announcements.settle(now)  # who went, before how many are left
                self._information.pass_time(now)
            case _:
                self._operator.administer(event, now)
        self._announcements.settle(now)
        out = self._out[:]
        self._out.clear()
        return out

    # Coming

    def _join(self, event: Joined, now: float) -> None:
        app_id, user = event.app_id, event.user
        previous = self._by_user.get((app_id, user.user_id))
        key = (app_id, event.room_id)
        room = self._rooms.get(key) or Room(
            app_id, event.room_id, self._new_id(), event.max_member_count
        )
        if not room.allowances.take(Limited.LOGIN, now):
            self._turn_away(event, RoomCallsTooFrequent("logins"))
            return
        try:
            self._operator.check_login(event, now)
            self._check_seats(room, without=previous)
        except IntercomError as error:
            self._turn_away(event, error)
            return
        if previous is not None and event.resume_key:
            self._resume(previous, event)
            return
        if previous is not None:
            self._replace(previous)
        self._make_way()
        # Only now: a user who was alone comes back to the same life of the room.
        self._rooms[key] = room
        self._information.open(room, now)
        member = Member(event.session, app_id, user, room, event.is_user_status_notify)
        member.is_announced = self._is_to_be_announced(room)
        self._say_logged_in(event, member, resumed=False)
        self._announcements.user_came(member)
        room.members[member.session] = member
        self._members[member.session] = member
        self._by_user[app_id, user.user_id] = member
        self._information.welcome(member, resumed=False)

    def _is_to_be_announced(self, room: Room) -> bool:
        announced = sum(member.is_announced for member in room.members.values())
        return self._announced_members == 0 or announced < self._announced_members

    def _check_seats(self, room: Room, *, without: Member | None) -> None:
        limits = [n for n in (room.max_members, self._max_members) if n]
        others = sum(member is not without for member in room.members.values())
        if limits and others >= min(limits):
            raise RoomFull(f"room {room.room_id}")

    def _resume(self, member: Member, event: Joined) -> None:
        """The same client is back on another connection: nobody else notices.

        Another client of that user, or one that was away while another came, is
        refused: else the two would put each other out for ever.
        """
        is_same_room = member.room.room_id == event.room_id
        if not (is_same_room and member.may_resume(event.resume_key)):
            self._turn_away(event, LoggedInElsewhere())
            return
        self._emit(Adopt(member.session, event.session))
        self._lost.pop(member.session, None)
        member.lost_at = None
        member.is_user_status_notify = event.is_user_status_notify
        self._say_logged_in(event, member, resumed=True)
        self._streams.remind_of_listeners(member)
        self._information.welcome(member, resumed=True)

    def _turn_away(self, event: Joined, error: IntercomError) -> None:
        """Refuse a login. Only one that came with too many others may be repeated."""
        may_retry = isinstance(error, RoomCallsTooFrequent)
        close = CloseCode.TOO_MANY_MESSAGES if may_retry else CloseCode.LOGIN_REFUSED
        self._refuse(event.session, event.request_id, error)
        self._emit(HangUp(event.session, close))

    def _say_logged_in(self, event: Joined, member: Member, *, resumed: bool) -> None:
        room, others = member.room, member.room.others(member)
        self._announcements.forget(member)
        shown = (event.resume_key,) if event.resume_key else ()
        member.resume_keys = (self._new_key(), *shown)
        reply = LoggedIn(
            id=event.request_id,
            room_session_id=room.session_id,
            users=tuple(m.user for m in others if member.hears_of(m)),
            streams=tuple(
                p.entry for m in others for p in m.publications.values() if p.is_listed
            ),
            resume_key=member.resume_keys[0],
            resumed=resumed,
            published=tuple(member.publications),
            played=self._streams.played(member),
        )
        for page in paged(reply):
            self._emit(Send(member.session, page))

    def _replace(self, previous: Member) -> None:
        """The same user logs in again: the earlier session is kicked or forgotten."""
        if previous.lost_at is not None:
            self._remove(previous, DeleteReason.LOGGED_IN_AGAIN)
        else:
            error = KickedOut()
            self._put_out(previous, error, str(error))

    def _make_way(self) -> None:
        """Those who are lost have no connection that could be counted."""
        if self._lost and 0 < self._present_max <= len(self._members):
            longest = next(iter(self._lost.values()))
            self._remove(longest, DeleteReason.HEARTBEAT_TIMEOUT)

    # Going

    def _drop(self, session: SessionId, now: float) -> None:
        member = self._members.get(session)
        if member is not None and member.lost_at is None:
            member.lost_at = now
            self._lost[session] = member

    def _depart(self, session: SessionId) -> None:
        member = self._members.get(session)
        if member is not None:
            self._remove(member, DeleteReason.DISCONNECTED)

    def _end_token(self, session: SessionId) -> None:
        member = self._members.get(session)
        if member is not None:
            error = TokenExpiredKickedOut()
            self._put_out(member, error, str(error))

    @property
    def _lost_deadline(self) -> float | None:
        for member in self._lost.values():
            assert member.lost_at is not None
            return member.lost_at + self._heartbeat_timeout_s
        return None

    def _put_out_lost(self, now: float) -> None:
        while (deadline := self._lost_deadline) is not None and deadline <= now:
            member = next(iter(self._lost.values()))
            self._remove(member, DeleteReason.HEARTBEAT_TIMEOUT)

    def _put_out(self, member: Member, error: IntercomError, text: str) -> None:
        """Kick a member; the client shows `text` as the reason."""
        self._remove(member, DeleteReason.KICKED)
        self._emit(Send(member.session, Kicked(error.code, text)))
        self._emit(HangUp(member.session, CloseCode.KICKED))

    def _remove(self, member: Member, reason: DeleteReason) -> None:
        """Take a member out of everything, telling those who stay."""
        room = member.room
        self._streams.stop_all(member)
        del room.members[member.session]
        self._announcements.forget(member)
        self._streams.end_all(member, reason)
        self._announcements.user_went(member)
        del self._members[member.session]
        del self._by_user[member.app_id, member.user.user_id]
        self._lost.pop(member.session, None)
        if not room.members:
            del self._rooms[room.app_id, room.room_id]
            self._information.close(room)
            self._announcements.close(room)
        self._emit(CloseMedia(member.session))

    # Requests

    def _request(self, session: SessionId, request: RoomRequest, now: float) -> None:
        member = self._members.get(session)
        if member is None:
            return  # kicked while the request was under way: its reply was `kicked`
        try:
            self._carry_out(member, request, now)
        except IntercomError as error:
            self._refuse(session, request.id, error)

    def _carry_out(self, member: Member, request: RoomRequest, now: float) -> None:
        match request:
            case Publish(_, stream_id):
                self._operator.bans.check_publish((member.app_id, stream_id), now)
                self._streams.publish(member, request)
            case Unpublish():
                self._streams.unpublish(member, request)
            case Play(_, stream_id):
                self._operator.bans.check_play((member.app_id, stream_id), now)
                self._streams.play(member, request)
            case MutePlay():
                self._streams.mute_play(member, request)
            case MicState():
                self._streams.set_mic_state(member, request)
            case Report():
                self._streams.report(member, request)
            case Stop():
                self._streams.stop(member, request)
            case SetStreamExtraInfo():
                self._streams.set_extra_info(member, request)
            case SetRoomExtraInfo():
                self._information.set_extra_info(member, request, now)
            case Broadcast():
                self._chat.broadcast(member, request, now)
            case Barrage():
                self._chat.barrage(member, request, now)
            case Command():
                self._chat.command(member, request, now)
            case Transparent():
                self._chat.transparent(member, request, now)
            case Logout():
                self._remove(member, DeleteReason.PUBLISHER_STOPPED)
                self._emit(Send(member.session, Ok(request.id)))
                self._emit(HangUp(member.session, CloseCode.NORMAL))

    # Telling

    def _refuse(
        self, session: SessionId, request_id: int, error: IntercomError
    ) -> None:
        self._emit(Send(session, Error(error.code, str(error), request_id)))

    def _emit(self, output: Output) -> None:
        self._out.append(output)
