"""What happened to a room, its users and its streams, as values.

The engine turns each into the reference's callback; it adds nothing to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from intercomd.domain.errors import ErrorCode
from intercomd.domain.monitor_events import MonitorEvent
from intercomd.domain.quality import PlayStreamQuality, PublishStreamQuality
from intercomd.domain.room import (
    PlayerState,
    PublisherState,
    RoomStateReason,
    Stream,
    UpdateType,
    User,
)
from intercomd.domain.room_messages import (
    BarrageMessage,
    BroadcastMessage,
    RoomExtraInfo,
    TransparentMessage,
)
from intercomd.domain.sound import (
    DeviceExceptionType,
    DeviceType,
    EngineState,
    MicState,
    PlayerMediaEvent,
    PublishChannel,
    SoundLevelInfo,
)


@dataclass(frozen=True, slots=True)
class RoomStateChanged:
    """The room's connection changed; `reason.state` is the plain state."""

    room_id: str
    reason: RoomStateReason
    error_code: int = ErrorCode.SUCCESS
    extended_data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoomUserUpdate:
    """Other users came or went; never this user itself."""

    room_id: str
    update_type: UpdateType
    users: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class RoomStreamUpdate:
    """Streams of other users came or went."""

    room_id: str
    update_type: UpdateType
    streams: tuple[Stream, ...]
    extended_data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoomStreamExtraInfoUpdate:
    """The extra info of other users' streams changed."""

    room_id: str
    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class RoomOnlineUserCountUpdate:
    """So many users are in the room, this one included."""

    room_id: str
    count: int


@dataclass(frozen=True, slots=True)
class RoomExtraInfoUpdate:
    """Another user changed what the room keeps, or did before this one came."""

    room_id: str
    infos: tuple[RoomExtraInfo, ...]


@dataclass(frozen=True, slots=True)
class ImRecvBroadcastMessage:
    """Other users told the room something."""

    room_id: str
    messages: tuple[BroadcastMessage, ...]


@dataclass(frozen=True, slots=True)
class ImRecvBarrageMessage:
    """Other users told the room something of little weight."""

    room_id: str
    messages: tuple[BarrageMessage, ...]


@dataclass(frozen=True, slots=True)
class ImRecvCustomCommand:
    """Another user told this one, and perhaps others, what to do."""

    room_id: str
    from_user: User
    command: str


@dataclass(frozen=True, slots=True)
class RecvRoomTransparentMessage:
    """Another user sent this one, and perhaps others, some bytes."""

    room_id: str
    message: TransparentMessage


@dataclass(frozen=True, slots=True)
class PublisherStateUpdate:
    """One of this user's own streams changed state."""

    stream_id: str
    state: PublisherState
    error_code: int = ErrorCode.SUCCESS
    extended_data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlayerStateUpdate:
    """A stream this user plays changed state."""

    stream_id: str
    state: PlayerState
    error_code: int = ErrorCode.SUCCESS
    extended_data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublisherListenersUpdate:
    """The server counts so many users to whom it forwards this stream now.

    Ours, not the reference's: a light may be solid only while `count` > 0.
    """

    stream_id: str
    count: int


@dataclass(frozen=True, slots=True)
class RoomTokenWillExpire:
    """The token of this login will have expired in `remaining_s`: renew it."""

    room_id: str
    remaining_s: int


@dataclass(frozen=True, slots=True)
class EngineStateUpdate:
    """Sound began to run, or nothing of it runs any more."""

    state: EngineState


@dataclass(frozen=True, slots=True)
class RemoteMicStateUpdate:
    """The microphone behind a played stream does something else now."""

    stream_id: str
    state: MicState


@dataclass(frozen=True, slots=True)
class PublisherQualityUpdate:
    """How a published stream fared of late."""

    stream_id: str
    quality: PublishStreamQuality


@dataclass(frozen=True, slots=True)
class PlayerQualityUpdate:
    """How a played stream fared of late."""

    stream_id: str
    quality: PlayStreamQuality


@dataclass(frozen=True, slots=True)
class PublisherCapturedAudioFirstFrame:
    """The engine was given its first microphone frame since sound runs."""


@dataclass(frozen=True, slots=True)
class PublisherSendAudioFirstFrame:
    """The first packet of a published stream went out."""

    channel: PublishChannel


@dataclass(frozen=True, slots=True)
class PlayerRecvAudioFirstFrame:
    """The first packet of a played stream came in."""

    stream_id: str


@dataclass(frozen=True, slots=True)
class PlayerMediaEventTold:
    """The sound of a played stream broke off, or is back."""

    stream_id: str
    event: PlayerMediaEvent


@dataclass(frozen=True, slots=True)
class CapturedSoundLevelInfoUpdate:
    """How loud the microphone is."""

    info: SoundLevelInfo


@dataclass(frozen=True, slots=True)
class RemoteSoundLevelUpdate:
    """How loud each played stream is, 0.0 to 100.0."""

    levels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class LocalDeviceExceptionOccurred:
    """A microphone or loudspeaker does not work."""

    exception_type: DeviceExceptionType
    device_type: DeviceType
    device_id: str


@dataclass(frozen=True, slots=True)
class DebugError:
    """A call was wrong; `info` says what and what to do."""

    code: int
    function: str
    info: str


@dataclass(frozen=True, slots=True)
class ApiCalledResult:
    """A call of the engine ended, with 0 or the code of its error."""

    code: int
    function: str
    info: str


Event = (
    RoomStateChanged
    | RoomUserUpdate
    | RoomStreamUpdate
    | RoomStreamExtraInfoUpdate
    | RoomOnlineUserCountUpdate
    | RoomExtraInfoUpdate
    | ImRecvBroadcastMessage
    | ImRecvBarrageMessage
    | ImRecvCustomCommand
    | RecvRoomTransparentMessage
    | PublisherStateUpdate
    | PlayerStateUpdate
    | PublisherListenersUpdate
    | EngineStateUpdate
    | RemoteMicStateUpdate
    | PublisherQualityUpdate
    | PlayerQualityUpdate
    | PublisherCapturedAudioFirstFrame
    | PublisherSendAudioFirstFrame
    | PlayerRecvAudioFirstFrame
    | PlayerMediaEventTold
    | CapturedSoundLevelInfoUpdate
    | RemoteSoundLevelUpdate
    | LocalDeviceExceptionOccurred
    | DebugError
    | ApiCalledResult
    | RoomTokenWillExpire
    | MonitorEvent
)
