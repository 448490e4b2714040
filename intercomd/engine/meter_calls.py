"""The engine's calls that start and stop meters."""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.errors import SoundLevelIntervalInvalid
from intercomd.engine.meters import Meters
from intercomd.engine.part import EnginePart

LEVEL_INTERVAL_MS = (100, 3000)


@dataclass(frozen=True, slots=True)
class SoundLevelConfig:
    """`startSoundLevelMonitor`'s argument: how often, 100 to 3000, and whether the
    microphone's level says if it is speech."""

    millisecond: int = 100
    enable_vad: bool = False


class MeterCalls(EnginePart):
    """A part of `Engine`."""

    _meters: Meters

    def start_sound_level_monitor(self, config: SoundLevelConfig | None = None) -> None:
        """Tell `captured_sound_level_info_update`, and while streams are played
        `remote_sound_level_update`, so often. Each level is the loudest 10 ms since
        the last. Raises `SoundLevelIntervalInvalid`."""
        self._check_alive()
        config = config or SoundLevelConfig()
        least, most = LEVEL_INTERVAL_MS
        if not least <= config.millisecond <= most:
            raise SoundLevelIntervalInvalid(f"{config.millisecond} ms")
        self._microphone.listen_for_speech(on=config.enable_vad)
        self._meters.monitor(config.millisecond / 1000)

    def stop_sound_level_monitor(self) -> None:
        """Tell levels no more."""
        self._check_alive()
        self._microphone.listen_for_speech(on=False)
        self._meters.monitor(None)
