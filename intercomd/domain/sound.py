"""Channels, microphones, devices and levels, as the reference numbers them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class PublishChannel(IntEnum):
    """One of the streams an engine can publish at once; also its send slot."""

    MAIN = 0
    AUX = 1
    THIRD = 2
    FOURTH = 3


PUBLISH_CHANNELS = (PublishChannel.MAIN, PublishChannel.AUX)
"""Those there are: each costs every connection an m-line, used or not."""


class AudioSourceType(IntEnum):
    """Where a channel's sound comes from (`set_audio_source`)."""

    DEFAULT = 0
    CUSTOM = 1
    MEDIA_PLAYER = 2
    NONE = 3
    MICROPHONE = 4
    MAIN_PUBLISH_CHANNEL = 5
    SCREEN_CAPTURE = 6


class EngineState(IntEnum):
    """Whether any sound runs (`engine_state_update`)."""

    START = 0
    STOP = 1


class MicState(IntEnum):
    """What a publisher's microphone is doing, for those who play it.

    DISABLE is `enable_audio_capture_device(False)`; MUTE is `mute_microphone` or
    `mute_publish_stream_audio`. Those from GENERIC_ERROR to MEDIA_SERVICES_LOST are
    the device's exceptions of the same number.
    """

    OPEN = 0
    GENERIC_ERROR = 1
    INVALID_ID = 2
    NO_AUTHORIZATION = 3
    ZERO_FPS = 4
    IN_USE_BY_OTHER = 5
    UNPLUGGED = 6
    REBOOT_REQUIRED = 7
    MEDIA_SERVICES_LOST = 8
    DISABLE = 9
    MUTE = 10
    INTERRUPTION = 11
    IN_BACKGROUND = 12
    MULTI_FOREGROUND_APP = 13
    BY_SYSTEM_PRESSURE = 14
    NOT_SUPPORT = 15


class DeviceExceptionType(IntEnum):
    """What is wrong with a device (`local_device_exception_occurred`)."""

    UNKNOWN = 0
    GENERIC = 1
    INVALID_ID = 2
    PERMISSION_NOT_GRANTED = 3
    ZERO_CAPTURE_FPS = 4
    DEVICE_OCCUPIED = 5
    DEVICE_UNPLUGGED = 6
    REBOOT_REQUIRED = 7
    MEDIA_SERVICES_LOST = 8
    SIRI_IS_RECORDING = 9
    SOUND_LEVEL_TOO_LOW = 10
    MAGNETIC_CASE = 11
    AUDIO_SESSION_DEACTIVATE = 12
    AUDIO_SESSION_CATEGORY_CHANGE = 13


def state_of(fault: DeviceExceptionType | None) -> MicState:
    """What a device does that has this fault, or None; speakers have the same."""
    if fault is None:
        return MicState.OPEN
    if fault > DeviceExceptionType.MEDIA_SERVICES_LOST:
        return MicState.GENERIC_ERROR
    return MicState(fault or MicState.GENERIC_ERROR)


class DeviceType(IntEnum):
    """Which kind of device that is."""

    UNKNOWN = 0
    CAMERA = 1
    MICROPHONE = 2
    SPEAKER = 3
    AUDIO_DEVICE = 4
    AUDIO_SESSION = 5


class AudioDeviceType(IntEnum):
    """Which way a sound card works, where it can be chosen."""

    INPUT = 0
    OUTPUT = 1


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A sound card that could be used. The ID is what it is opened by."""

    device_id: str
    device_name: str


class PlayerMediaEvent(IntEnum):
    """What the sound of a played stream does (`player_media_event`)."""

    AUDIO_BREAK_OCCUR = 0
    AUDIO_BREAK_RESUME = 1
    VIDEO_BREAK_OCCUR = 2
    VIDEO_BREAK_RESUME = 3


class StreamEvent(IntEnum):
    """How a stream goes (`publisher_stream_event`, `player_stream_event`)."""

    PUBLISH_START = 100
    PUBLISH_SUCCESS = 101
    PUBLISH_FAIL = 102
    RETRY_PUBLISH_START = 103
    RETRY_PUBLISH_SUCCESS = 104
    RETRY_PUBLISH_FAIL = 105
    PUBLISH_END = 106
    PLAY_START = 200
    PLAY_SUCCESS = 201
    PLAY_FAIL = 202
    RETRY_PLAY_START = 203
    RETRY_PLAY_SUCCESS = 204
    RETRY_PLAY_FAIL = 205
    PLAY_END = 206


class AudioVadType(IntEnum):
    """What a microphone hears."""

    NOISE = 0
    SPEECH = 1


class AudioVadStableStateMonitorType(IntEnum):
    """Where it is listened to."""

    CAPTURED = 0
    CUSTOM_PROCESSED = 1


@dataclass(frozen=True, slots=True)
class SoundLevelInfo:
    """The microphone's level, 0.0 to 100.0, and whether it is speech.

    `vad` is 0 noise or 1 speech; 0 while nobody asked for it.
    """

    sound_level: float
    vad: int = 0


LEVEL_RANGE_DB = 60.0
"""The decibels that the reference's 0 to 100 are spread over."""


def sound_level(dbov: float) -> float:
    """The reference's level for `dbov` decibels below full scale (0 loudest).

    Linear in decibels: 100 at full scale, 0 from 60 dB below it on down.
    """
    return min(100.0, max(0.0, 100.0 * (1.0 - dbov / LEVEL_RANGE_DB)))
