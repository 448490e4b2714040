"""What the monitors tell: levels, loads, cards, and the course of each stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from intercomd.domain.performance import PerformanceStatus
from intercomd.domain.quality import QualityLevel, RtcStats
from intercomd.domain.room import UpdateType
from intercomd.domain.sound import (
    AudioDeviceType,
    AudioVadStableStateMonitorType,
    AudioVadType,
    DeviceInfo,
    MicState,
    StreamEvent,
)


@dataclass(frozen=True, slots=True)
class PublisherStreamEvent:
    """How the publishing of a stream goes, 100 to 106."""

    event: StreamEvent
    stream_id: str
    extra_info: str = ""


@dataclass(frozen=True, slots=True)
class PlayerStreamEvent:
    """How the playing of a stream goes, 200 to 206."""

    event: StreamEvent
    stream_id: str
    extra_info: str = ""


@dataclass(frozen=True, slots=True)
class NetworkQuality:
    """How a user's ways to and from the server are; "" is this user."""

    user_id: str
    upstream: QualityLevel
    downstream: QualityLevel


@dataclass(frozen=True, slots=True)
class RtcStatsTold:
    """What the whole media connection carried of late."""

    stats: RtcStats


@dataclass(frozen=True, slots=True)
class RemoteSpeakerStateUpdate:
    """The loudspeaker of a played stream's publisher does something else now."""

    stream_id: str
    state: MicState


@dataclass(frozen=True, slots=True)
class CapturedAudioSpectrumUpdate:
    """The microphone's spectrum: the power in each band, 0 to 2**30."""

    spectrum: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RemoteAudioSpectrumUpdate:
    """Each played stream's spectrum: the power in each band, 0 to 2**30."""

    spectrums: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class AudioVadStateUpdate:
    """The microphone has heard nothing but speech, or but noise, for a while."""

    monitor: AudioVadStableStateMonitorType
    state: AudioVadType


@dataclass(frozen=True, slots=True)
class PerformanceStatusUpdate:
    """How busy this process and this machine are."""

    status: PerformanceStatus


@dataclass(frozen=True, slots=True)
class AudioDeviceStateChanged:
    """A sound card was plugged in or pulled out."""

    update_type: UpdateType
    device_type: AudioDeviceType
    device: DeviceInfo


MonitorEvent = (
    PublisherStreamEvent
    | PlayerStreamEvent
    | NetworkQuality
    | RtcStatsTold
    | RemoteSpeakerStateUpdate
    | CapturedAudioSpectrumUpdate
    | RemoteAudioSpectrumUpdate
    | AudioVadStateUpdate
    | PerformanceStatusUpdate
    | AudioDeviceStateChanged
)
