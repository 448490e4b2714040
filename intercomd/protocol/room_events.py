"""What goes into `rooms.Rooms` and what comes out of it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from intercomd.protocol.messages import (
    Barrage,
    Broadcast,
    Command,
    Logout,
    MicState,
    MutePlay,
    Play,
    Publish,
    Report,
    ServerMessage,
    SetRoomExtraInfo,
    SetStreamExtraInfo,
    Stop,
    Transparent,
    Unpublish,
    UserEntry,
)
from intercomd.protocol.wire import CloseCode

SessionId = int
StreamKey = tuple[int, str]
RoomRequest = (
    Publish
    | Unpublish
    | Play
    | MutePlay
    | MicState
    | Report
    | Stop
    | SetStreamExtraInfo
    | SetRoomExtraInfo
    | Broadcast
    | Barrage
    | Command
    | Transparent
    | Logout
)


class DeleteReason(IntEnum):
    """Why a stream went (reference, section 6)."""

    PUBLISHER_STOPPED = 1
    HEARTBEAT_TIMEOUT = 2
    LOGGED_IN_AGAIN = 3
    KICKED = 4
    DISCONNECTED = 5
    REMOVED_BY_SERVER = 6

    @property
    def description(self) -> str:
        """The word that goes with it in `stream_delete_reason`."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    DeleteReason.PUBLISHER_STOPPED: "publisher_stop",
    DeleteReason.HEARTBEAT_TIMEOUT: "heartbeat_timeout",
    DeleteReason.LOGGED_IN_AGAIN: "user_relogin",
    DeleteReason.KICKED: "user_kickout",
    DeleteReason.DISCONNECTED: "user_disconnect",
    DeleteReason.REMOVED_BY_SERVER: "remove_by_server",
}


@dataclass(frozen=True, slots=True)
class Joined:
    """A session proved who it is and wants into a room."""

    session: SessionId
    request_id: int
    app_id: int
    room_id: str
    user: UserEntry
    is_user_status_notify: bool = False
    max_member_count: int = 0
    resume_key: str = ""


@dataclass(frozen=True, slots=True)
class TokenEnded:
    """A session's token expired, and its app wants such users out."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class Requested:
    """A session that is in a room asks for something."""

    session: SessionId
    request: RoomRequest


@dataclass(frozen=True, slots=True)
class Dropped:
    """A session's connection ended without a logout."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class Departed:
    """A session's client said that it goes, though it did not log out."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class MediaChanged:
    """A session's media connection has so many receive slots; None: there is none."""

    session: SessionId
    slots: int | None


@dataclass(frozen=True, slots=True)
class UsersKicked:
    """The operator puts these users out of a room; who is not in it is left out."""

    app_id: int
    room_id: str
    user_ids: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """The operator puts everybody out of a room."""

    app_id: int
    room_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StreamDeleted:
    """The operator strikes a stream off its room's list; its sound goes on."""

    app_id: int
    room_id: str
    stream_id: str


@dataclass(frozen=True, slots=True)
class UserForbidden:
    """The operator keeps a user out for so long, and puts it out if it is in.

    `room_id` "" is every room of the app; `seconds` 0 allows the user again.
    """

    app_id: int
    user_id: str
    seconds: float
    room_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StreamForbidden:
    """The operator lets nobody publish or play a stream for so long.

    It ends where it runs; `seconds` 0 allows it again.
    """

    app_id: int
    stream_id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The deadline has come."""


@dataclass(frozen=True, slots=True)
class Talking:
    """Who talks, and how loud in -dBov, by session and send slot. All others are
    silent."""

    levels: Mapping[tuple[SessionId, int], float]


AdminInput = UsersKicked | RoomClosed | StreamDeleted | UserForbidden | StreamForbidden
Input = (
    Joined
    | Requested
    | TokenEnded
    | Dropped
    | Departed
    | MediaChanged
    | Talking
    | AdminInput
    | TimePassed
)


@dataclass(frozen=True, slots=True)
class Send:
    """Send the session this message."""

    session: SessionId
    message: ServerMessage


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the session's connection, once all is sent."""

    session: SessionId
    code: CloseCode


@dataclass(frozen=True, slots=True)
class Adopt:
    """The connection of session `by` is `session`'s from now on; `by` is no more."""

    session: SessionId
    by: SessionId


@dataclass(frozen=True, slots=True)
class CloseMedia:
    """The session is no longer in a room: end its media connection."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class Route:
    """Forward one session's send slot to another's receive slot from now on."""

    source: SessionId
    source_slot: int
    target: SessionId
    target_slot: int


@dataclass(frozen=True, slots=True)
class Bind:
    """Tell a session that its receive slot carries this stream from now on."""

    session: SessionId
    slot: int
    stream_id: str


@dataclass(frozen=True, slots=True)
class Unroute:
    """Forward nothing to this receive slot any more."""

    target: SessionId
    target_slot: int


Output = Send | HangUp | Adopt | CloseMedia | Route | Bind | Unroute
