"""The server's end of an operator's connection: is it the operator?

GREETED --login with the right proof--> OPERATOR --> (the operator hangs up)
   |  anything else: refused and hung up; one attempt a connection
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.errors import (
    AuthenticationFailed,
    IllegalParameter,
    IntercomError,
    NotLoggedIn,
    RoomNotFound,
    StreamNotFound,
    WireMalformed,
)
from intercomd.domain.identifiers import check_stream_id
from intercomd.protocol.admin import (
    ADMIN_PROTOCOL,
    REASON_BYTES,
    AdminLogin,
    AdminReply,
    AdminRequest,
    CloseRoom,
    DeleteStream,
    ForbidStream,
    ForbidUser,
    KickUsers,
    ListRooms,
    MemberSummary,
    RoomDetails,
    RoomList,
    RoomSummary,
    ShowRoom,
    admin_proof,
)
from intercomd.protocol.authentication import is_proof
from intercomd.protocol.membership import Member, Room
from intercomd.protocol.messages import Error, Hello, Ok
from intercomd.protocol.room_events import (
    AdminInput,
    RoomClosed,
    StreamDeleted,
    StreamForbidden,
    UserForbidden,
    UsersKicked,
)
from intercomd.protocol.rooms import Rooms
from intercomd.protocol.wire import CloseCode, decode_admin_message, request_id


@dataclass(frozen=True, slots=True)
class Handled:
    """What follows from a frame: at most one deed, one reply, perhaps the end."""

    reply: AdminReply
    deed: AdminInput | None = None
    close: CloseCode | None = None


class AdminSession:
    """One operator's connection. It reads the rooms and changes nothing itself."""

    def __init__(self, *, secret: str, nonce: str, rooms: Rooms) -> None:
        """`nonce` must never have been used."""
        self.hello = Hello(nonce, ADMIN_PROTOCOL)
        self.is_operator = False
        self._secret = secret
        self._rooms = rooms

    def handle(self, text: str | bytes) -> Handled:
        """Handle one frame."""
        try:
            message = decode_admin_message(text)
            if isinstance(message, AdminLogin):
                return self._log_in(message)
            if not self.is_operator:
                raise NotLoggedIn
            return self._carry_out(message)
        except IntercomError as error:
            close = None
            if not self.is_operator:
                is_malformed = isinstance(error, WireMalformed | NotLoggedIn)
                close = CloseCode.LOGIN_REFUSED
                close = CloseCode.NOT_UNDERSTOOD if is_malformed else close
            reply = Error(error.code, str(error), request_id(text))
            return Handled(reply, close=close)

    def _log_in(self, login: AdminLogin) -> Handled:
        if not is_proof(login.proof, admin_proof(self._secret, self.hello.nonce)):
            self.is_operator = False
            raise AuthenticationFailed
        self.is_operator = True
        return Handled(Ok(login.id))

    def _carry_out(self, request: AdminRequest) -> Handled:
        match request:
            case ListRooms(id):
                rooms = self._rooms.rooms()
                return Handled(RoomList(id, tuple(_summary(room) for room in rooms)))
            case ShowRoom(id, app_id, room_id):
                room = self._room(app_id, room_id)
                users = tuple(_member(member) for member in room.members.values())
                return Handled(RoomDetails(id, _summary(room), users))
            case KickUsers(id, app_id, room_id, user_ids, reason):
                self._room(app_id, room_id)
                _check_reason(reason)
                return Handled(
                    Ok(id), UsersKicked(app_id, room_id, tuple(user_ids), reason)
                )
            case CloseRoom(id, app_id, room_id, reason):
                self._room(app_id, room_id)
                _check_reason(reason)
                return Handled(Ok(id), RoomClosed(app_id, room_id, reason))
            case DeleteStream(id, app_id, room_id, stream_id):
                _check_stream(self._room(app_id, room_id), stream_id)
                return Handled(Ok(id), StreamDeleted(app_id, room_id, stream_id))
            case ForbidUser(id, app_id, user_id, seconds, room_id, reason):
                _check_reason(reason)
                deed = UserForbidden(app_id, user_id, seconds, room_id, reason)
                return Handled(Ok(id), deed)
            case ForbidStream(id, app_id, stream_id, seconds):
                check_stream_id(stream_id)
                return Handled(Ok(id), StreamForbidden(app_id, stream_id, seconds))

    def _room(self, app_id: int, room_id: str) -> Room:
        room = self._rooms.room(app_id, room_id)
        if room is None:
            raise RoomNotFound(f"room {room_id}")
        return room


def _check_stream(room: Room, stream_id: str) -> None:
    for member in room.members.values():
        publication = member.publications.get(stream_id)
        if publication is not None and publication.is_listed:
            return
    raise StreamNotFound(f"stream {stream_id}")


def _check_reason(reason: str) -> None:
    if len(reason.encode()) > REASON_BYTES:
        raise IllegalParameter(f"the reason is longer than {REASON_BYTES} bytes")


def _summary(room: Room) -> RoomSummary:
    members = room.members.values()
    streams = sum(len(member.publications) for member in members)
    return RoomSummary(
        room.app_id, room.room_id, room.session_id, len(members), streams
    )


def _member(member: Member) -> MemberSummary:
    return MemberSummary(
        member.user.user_id,
        member.user.user_name,
        member.lost_at is None,
        tuple(member.publications),
        tuple(member.plays),
    )
