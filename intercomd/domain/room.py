"""Rooms, users, streams and their states, as the reference names them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


@dataclass(frozen=True, slots=True)
class User:
    """Somebody in a room. `user_id` is unique within an AppID."""

    user_id: str
    user_name: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """Sound that one user publishes. `stream_id` is unique within an AppID."""

    stream_id: str
    user: User
    extra_info: str = ""


class RoomState(IntEnum):
    """Whether a user is in a room (`room_state_update`)."""

    DISCONNECTED = 0
    CONNECTING = 1
    CONNECTED = 2


class RoomStateReason(IntEnum):
    """Why the state of a room changed (`room_state_changed`)."""

    LOGINING = 0
    LOGINED = 1
    LOGIN_FAILED = 2
    RECONNECTING = 3
    RECONNECTED = 4
    RECONNECT_FAILED = 5
    KICK_OUT = 6
    LOGOUT = 7
    LOGOUT_FAILED = 8

    @property
    def state(self) -> RoomState:
        """The `RoomState` a room is in once it changed for this reason."""
        match self:
            case RoomStateReason.LOGINING | RoomStateReason.RECONNECTING:
                return RoomState.CONNECTING
            case RoomStateReason.LOGINED | RoomStateReason.RECONNECTED:
                return RoomState.CONNECTED
            case _:
                return RoomState.DISCONNECTED


class RoomStreamListType(IntEnum):
    """Which streams of a room are asked for."""

    PLAY = 0
    ALL = 1


class UpdateType(IntEnum):
    """Whether the users or streams of an update came or went."""

    ADD = 0
    DELETE = 1


class PublisherState(IntEnum):
    """How far the publishing of a stream has come."""

    NO_PUBLISH = 0
    PUBLISH_REQUESTING = 1
    PUBLISHING = 2


class PlayerState(IntEnum):
    """How far the playing of a stream has come."""

    NO_PLAY = 0
    PLAY_REQUESTING = 1
    PLAYING = 2


class Scenario(Enum):
    """What the sound is for; it decides how the engine encodes it."""

    GENERAL = 0
    COMMUNICATION = 1
    LIVE = 2
    DEFAULT = 3
    STANDARD_VIDEO_CALL = 4
    HIGH_QUALITY_VIDEO_CALL = 5
    STANDARD_CHATROOM = 6
    HIGH_QUALITY_CHATROOM = 7
    BROADCAST = 8
    KARAOKE = 9
    STANDARD_VOICE_CALL = 10
