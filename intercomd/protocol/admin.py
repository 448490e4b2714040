"""Every message of `intercom.admin.v1`, by which the operator rules over rooms.

JSON text as `intercom.v1`, and the same way in: a proof over the server's nonce.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

from msgspec import Meta, Struct

from intercomd.protocol.messages import Count, Error, Hello, Ok, RequestId, Text

ADMIN_PROTOCOL = "intercom.admin.v1"
KICKED_USERS_MAX = 5
REASON_BYTES = 256

AppId = Annotated[int, Meta(ge=1, le=2**32 - 1)]
Seconds = Annotated[int, Meta(ge=0, le=365 * 86_400)]
Kicked = Annotated[tuple[Text, ...], Meta(min_length=1, max_length=KICKED_USERS_MAX)]


class AdminLogin(Struct, frozen=True, tag="login"):
    """Prove to be the operator: `admin_proof` of the nonce."""

    id: RequestId
    proof: Annotated[str, Meta(max_length=64)]


class ListRooms(Struct, frozen=True, tag="list_rooms"):
    """Ask for all rooms of all apps."""

    id: RequestId


class ShowRoom(Struct, frozen=True, tag="show_room"):
    """Ask who is in a room and does what."""

    id: RequestId
    app_id: AppId
    room_id: Text


class KickUsers(Struct, frozen=True, tag="kick_users"):
    """Put users out of a room; who is not in it is left out."""

    id: RequestId
    app_id: AppId
    room_id: Text
    user_ids: Kicked
    reason: Text = ""


class CloseRoom(Struct, frozen=True, tag="close_room"):
    """Put everybody out of a room."""

    id: RequestId
    app_id: AppId
    room_id: Text
    reason: Text = ""


class DeleteStream(Struct, frozen=True, tag="delete_stream"):
    """Strike a stream off its room's list; its sound goes on."""

    id: RequestId
    app_id: AppId
    room_id: Text
    stream_id: Text


class ForbidUser(Struct, frozen=True, tag="forbid_user"):
    """Put a user out and keep it out for so long, 0 lets it in again."""

    id: RequestId
    app_id: AppId
    user_id: Text
    seconds: Seconds
    room_id: Text = ""
    reason: Text = ""


class ForbidStream(Struct, frozen=True, tag="forbid_stream"):
    """Let nobody publish or play a stream for so long, 0 allows it again."""

    id: RequestId
    app_id: AppId
    stream_id: Text
    seconds: Seconds


class RoomSummary(Struct, frozen=True):
    """A room, inside other messages."""

    app_id: AppId
    room_id: Text
    room_session_id: Text
    users: Count
    streams: Count


class MemberSummary(Struct, frozen=True):
    """A user of a room, inside other messages."""

    user_id: Text
    user_name: Text
    is_connected: bool
    published: tuple[Text, ...]
    played: tuple[Text, ...]


class RoomList(Struct, frozen=True, tag="rooms"):
    """The rooms, in the order they came to be."""

    id: RequestId
    rooms: tuple[RoomSummary, ...]


class RoomDetails(Struct, frozen=True, tag="room"):
    """A room and its users, in the order they came."""

    id: RequestId
    room: RoomSummary
    users: tuple[MemberSummary, ...]


AdminRequest = (
    ListRooms
    | ShowRoom
    | KickUsers
    | CloseRoom
    | DeleteStream
    | ForbidUser
    | ForbidStream
)
AdminMessage = AdminLogin | AdminRequest
AdminReply = Hello | Ok | Error | RoomList | RoomDetails


def admin_proof(secret: str, nonce: str) -> str:
    """The hexadecimal proof that goes with the operator's `login`.

    `secret` is 64 hexadecimal digits and the key is the 32 bytes they name.
    """
    key = bytes.fromhex(secret)
    return hmac.new(
        key, f"{ADMIN_PROTOCOL}\n{nonce}".encode(), hashlib.sha256
    ).hexdigest()
