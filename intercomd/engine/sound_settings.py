"""What scenarios and presets mean for Opus: one table, and nothing else.

The reference publishes no numbers for its scenarios; these are our choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, IntEnum

from intercomd.domain.errors import BitrateInvalid, ModuleMissing
from intercomd.domain.room import Scenario
from intercomd.media.opus import Application, Encoder

KBPS_MIN = 6
KBPS_MAX = 192
LONGEST_MS = 60
_VOICE_BELOW_KBPS = 24
"""CELT alone, which low delay means, is poor below this: voice coding takes over."""


_HEADER_BYTES = 66
"""IPv4 20, UDP 8, RTP with both extensions 24, SRTP 10 and what RTCP adds."""

_LENGTHS = {10: (_VOICE_BELOW_KBPS, 32), 20: (10, 16), LONGEST_MS: (0, 0)}
"""For packets of so many ms: how many kbit/s are enough to stay, and to come back."""


class AudioChannel(IntEnum):
    """How many channels a stream has; `capture` takes one."""

    UNKNOWN = 0
    MONO = 1
    STEREO = 2


class AudioCodec(IntEnum):
    """The reference's codec IDs. Each of them is Opus here."""

    DEFAULT = 0
    NORMAL = 1
    NORMAL2 = 2
    NORMAL3 = 3
    LOW = 4
    LOW2 = 5
    LOW3 = 6


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """`setAudioConfig`'s argument; the bitrate in kbit/s, 6 to 192."""

    bitrate_kbps: int = 48
    channel: AudioChannel = AudioChannel.MONO
    codec_id: AudioCodec = AudioCodec.DEFAULT


class AudioPreset(Enum):
    """The reference's presets; `value` is their `AudioConfig`."""

    BASIC_QUALITY = AudioConfig(16)
    STANDARD_QUALITY = AudioConfig(48)
    STANDARD_QUALITY_STEREO = AudioConfig(56, AudioChannel.STEREO)
    HIGH_QUALITY = AudioConfig(128)
    HIGH_QUALITY_STEREO = AudioConfig(192, AudioChannel.STEREO)


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """How a published stream is encoded. `frame_ms` is 10, 20 or 60."""

    bitrate_kbps: int
    application: Application
    complexity: int
    frame_ms: int

    @property
    def path_kbps(self) -> float:
        """What it takes of a path, with the headers of each packet."""
        return self.bitrate_kbps + headers_kbps(self.frame_ms)

    def encoder(self) -> Encoder:
        """A new encoder of these settings."""
        return Encoder(
            application=self.application,
            bitrate_bps=1000 * self.bitrate_kbps,
            complexity=self.complexity,
        )


# What tests/benchmarks/codec.py measured: at 48 speech is worse by 0.6 of PESQ, at 128
# better by less than 0.1. Complexity 8 is 0.15 to 0.3 better than 5, and the best.
_CALL = SoundSettings(96, Application.LOW_DELAY, 8, 10)
_CHAT = SoundSettings(32, Application.VOIP, 5, 20)
_MUSIC = SoundSettings(64, Application.AUDIO, 5, 20)

SCENARIOS: dict[Scenario, SoundSettings] = {
    Scenario.GENERAL: _CALL,
    Scenario.COMMUNICATION: _CALL,
    Scenario.LIVE: _MUSIC,
    Scenario.DEFAULT: _CALL,
    Scenario.STANDARD_VIDEO_CALL: _CALL,
    Scenario.HIGH_QUALITY_VIDEO_CALL: replace(_CALL, bitrate_kbps=128),
    Scenario.STANDARD_CHATROOM: _CHAT,
    Scenario.HIGH_QUALITY_CHATROOM: _MUSIC,
    Scenario.BROADCAST: replace(_MUSIC, bitrate_kbps=96),
    Scenario.KARAOKE: replace(_CALL, bitrate_kbps=128),
    Scenario.STANDARD_VOICE_CALL: _CALL,
}


def configured(settings: SoundSettings, config: AudioConfig) -> SoundSettings:
    """A scenario's settings under an application's own configuration.

    Raises `BitrateInvalid`, and `ModuleMissing` for stereo.
    """
    if config.channel is AudioChannel.STEREO:
        raise ModuleMissing("stereo: frames are mono")
    kbps = config.bitrate_kbps
    if not KBPS_MIN <= kbps <= KBPS_MAX:
        raise BitrateInvalid(f"{kbps} kbit/s; {KBPS_MIN} to {KBPS_MAX}")
    return _at(settings, kbps, settings.frame_ms)


def fitted(
    wanted: SoundSettings, path_kbps: float, least_kbps: int, used: SoundSettings
) -> SoundSettings:
    """What comes closest to `wanted` on a path that bears so much, after `used`.

    Below 24 kbit/s in packets of 10 ms a call goes over to voice coding in packets of
    20 ms, and where these leave less than 10 kbit/s for sound, of 60 ms: there
    headers would take the most. Back it goes with some room to spare.
    """
    if path_kbps >= wanted.path_kbps:
        return wanted
    for frame_ms, (enough_kbps, ample_kbps) in _LENGTHS.items():
        bound_kbps = ample_kbps if used.frame_ms > frame_ms else enough_kbps
        kbps = int(path_kbps - headers_kbps(frame_ms))
        if frame_ms >= wanted.frame_ms and kbps >= min(bound_kbps, wanted.bitrate_kbps):
            break
    kbps = min(max(kbps, least_kbps), wanted.bitrate_kbps)
    return _at(wanted, kbps, frame_ms)


def headers_kbps(frame_ms: int) -> float:
    """What packets of so much sound take besides it."""
    return 8 * _HEADER_BYTES / frame_ms


def _at(settings: SoundSettings, kbps: int, frame_ms: int) -> SoundSettings:
    is_call = settings.application is Application.LOW_DELAY
    if (kbps < _VOICE_BELOW_KBPS and is_call) or frame_ms > settings.frame_ms:
        settings = _CHAT
    frame_ms = max(frame_ms, settings.frame_ms)
    return replace(settings, bitrate_kbps=kbps, frame_ms=frame_ms)
