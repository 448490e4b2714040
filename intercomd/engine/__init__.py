"""The engine: the Python SDK. `from intercomd.engine import Engine`."""

from intercomd.domain.processing import (
    EchoMode,
    NoiseMode,
    ProcessingSettings,
)
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
from intercomd.domain.room_messages import TransparentMessage, TransparentMessageMode
from intercomd.domain.sound import (
    AudioDeviceType,
    AudioSourceType,
    DeviceExceptionType,
    DeviceInfo,
    DeviceType,
    EngineState,
    MicState,
    PlayerMediaEvent,
    PublishChannel,
)
from intercomd.engine.absent_calls import AudioCaptureStereoMode
from intercomd.engine.engine import Engine, EngineStats
from intercomd.engine.log_file import LogConfig
from intercomd.engine.meter_calls import SoundLevelConfig
from intercomd.engine.processing_calls import AecMode, AnsMode
from intercomd.engine.profile import EngineConfig, EngineProfile, RoomConfig
from intercomd.engine.sound_settings import AudioConfig, AudioPreset
from intercomd.engine.talk_calls import TalkKey
from intercomd.engine.traffic_calls import TrafficFocus, TrafficProperty

__all__ = [
    "AecMode",
    "AnsMode",
    "AudioCaptureStereoMode",
    "AudioConfig",
    "AudioDeviceType",
    "AudioPreset",
    "AudioSourceType",
    "DeviceExceptionType",
    "DeviceInfo",
    "DeviceType",
    "EchoMode",
    "Engine",
    "EngineConfig",
    "EngineProfile",
    "EngineState",
    "EngineStats",
    "LogConfig",
    "MicState",
    "NoiseMode",
    "PlayerMediaEvent",
    "PlayerState",
    "ProcessingSettings",
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
    "TrafficFocus",
    "TrafficProperty",
    "TransparentMessage",
    "TransparentMessageMode",
    "UpdateType",
    "User",
]
