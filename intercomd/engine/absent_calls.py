"""The reference's calls that there is nothing here to do for, each refused truly."""

from __future__ import annotations

from enum import IntEnum

from intercomd.domain.errors import ModuleMissing, UnsupportedPlatform
from intercomd.domain.sound import AudioDeviceType
from intercomd.engine.part import EnginePart

_SYSTEM_MIXER = "a card's own volume belongs to the system: see amixer"
_PHONES = "only phones have that"
_SERVER_MIXER = "the room server forwards streams and mixes none"


class AudioCaptureStereoMode(IntEnum):
    """Whether a microphone's two channels are kept."""

    NONE = 0
    ALWAYS = 1


class AbsentCalls(EnginePart):
    """A part of `Engine`."""

    def set_audio_capture_stereo_mode(self, mode: AudioCaptureStereoMode) -> None:
        """Accept NONE; raise `ModuleMissing` for ALWAYS: frames are mono."""
        self._check_alive()
        if mode is not AudioCaptureStereoMode.NONE:
            raise ModuleMissing("stereo: frames are mono")

    def set_audio_device_volume(
        self, device_type: AudioDeviceType, device_id: str, volume: int
    ) -> None:
        """Raise `UnsupportedPlatform`."""
        self._check_alive()
        del device_type, device_id, volume
        raise UnsupportedPlatform(_SYSTEM_MIXER)

    def get_audio_device_volume(
        self, device_type: AudioDeviceType, device_id: str
    ) -> int:
        """Raise `UnsupportedPlatform`."""
        self._check_alive()
        del device_type, device_id
        raise UnsupportedPlatform(_SYSTEM_MIXER)

    def mute_audio_device(
        self, device_type: AudioDeviceType, device_id: str, mute: bool
    ) -> None:
        """Raise `UnsupportedPlatform`; `mute_microphone` and `mute_speaker` work."""
        self._check_alive()
        del device_type, device_id, mute
        raise UnsupportedPlatform(_SYSTEM_MIXER)

    def set_audio_device_mode(self, device_mode: int) -> None:
        """Raise `UnsupportedPlatform`."""
        self._check_alive()
        del device_mode
        raise UnsupportedPlatform(_PHONES)

    def set_audio_route_to_speaker(self, to_speaker: bool) -> None:
        """Raise `UnsupportedPlatform`."""
        self._check_alive()
        del to_speaker
        raise UnsupportedPlatform(_PHONES)

    def start_mixer_task(self, task: object) -> None:
        """Raise `ModuleMissing`; `render` mixes what is played."""
        self._check_alive()
        del task
        raise ModuleMissing(_SERVER_MIXER)

    def stop_mixer_task(self, task: object) -> None:
        """Raise `ModuleMissing`."""
        self._check_alive()
        del task
        raise ModuleMissing(_SERVER_MIXER)

    def start_auto_mixer_task(self, task: object) -> None:
        """Raise `ModuleMissing`."""
        self._check_alive()
        del task
        raise ModuleMissing(_SERVER_MIXER)

    def stop_auto_mixer_task(self, task: object) -> None:
        """Raise `ModuleMissing`."""
        self._check_alive()
        del task
        raise ModuleMissing(_SERVER_MIXER)

    def upload_log(self) -> None:
        """Raise `ModuleMissing`: nobody collects logs; `set_log_config` keeps them."""
        self._check_alive()
        raise ModuleMissing("there is nobody to upload a log to")
