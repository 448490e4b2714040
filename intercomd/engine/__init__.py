"""The engine: the Python SDK. `from intercomd.engine import Engine`."""

from intercomd.domain.room import (
    PlayerState,
    PublisherState,
    RoomState,
    RoomStateReason,
    RoomStreamListType,
    Scenario,
    Stream,
    UpdateType,
    User,
)
from intercomd.domain.sound import (
    DeviceExceptionType,
    DeviceType,
    EngineState,
    MicState,
    PlayerMediaEvent,
    PublishChannel,
)
from intercomd.engine.engine import Engine, EngineStats
from intercomd.engine.meter_calls import SoundLevelConfig
from intercomd.engine.profile import EngineConfig, EngineProfile, RoomConfig
from intercomd.engine.sound_settings import AudioConfig, AudioPreset
from intercomd.engine.talk_calls import TalkKey

__all__ = [
    "AudioConfig",
    "AudioPreset",
    "DeviceExceptionType",
    "DeviceType",
    "Engine",
    "EngineConfig",
    "EngineProfile",
    "EngineState",
    "EngineStats",
    "MicState",
    "PlayerMediaEvent",
    "PlayerState",
    "PublishChannel",
    "PublisherState",
    "RoomConfig",
    "RoomState",
    "RoomStateReason",
    "RoomStreamListType",
    "Scenario",
    "SoundLevelConfig",
    "Stream",
    "TalkKey",
    "UpdateType",
    "User",
]
