"""The engine's calls that start and stop meters."""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.errors import (
    IllegalParameter,
    PerformanceIntervalInvalid,
    SoundLevelIntervalInvalid,
    SpectrumIntervalInvalid,
    VadTypeInvalid,
)
from intercomd.domain.sound import AudioVadStableStateMonitorType
from intercomd.engine.meters import Meters
from intercomd.engine.part import EnginePart
from intercomd.engine.performance_monitor import PerformanceMonitor
from intercomd.engine.spectrum_monitor import SpectrumMonitor

LEVEL_INTERVAL_MS = (100, 3000)
SPECTRUM_INTERVAL_MS = 10
STABLE_STATE_MS = (200, 10_000)
PERFORMANCE_INTERVAL_MS = (1000, 10_000)


@dataclass(frozen=True, slots=True)
class SoundLevelConfig:
    """`startSoundLevelMonitor`'s argument: how often, 100 to 3000, and whether the
    microphone's level says if it is speech."""

    millisecond: int = 100
    enable_vad: bool = False


class MeterCalls(EnginePart):
    """A part of `Engine`."""

    _meters: Meters
    _spectrum: SpectrumMonitor
    _performance: PerformanceMonitor

    def start_sound_level_monitor(self, config: SoundLevelConfig | None = None) -> None:
        """Tell `captured_sound_level_info_update`, and while streams are played
        `remote_sound_level_update`, so often. Each level is the loudest 10 ms since
        the last. Raises `SoundLevelIntervalInvalid`."""
        self._check_alive()
        config = config or SoundLevelConfig()
        least, most = LEVEL_INTERVAL_MS
        if not least <= config.millisecond <= most:
            raise SoundLevelIntervalInvalid(f"{config.millisecond} ms")
        self._meters.monitor(config.millisecond / 1000, vad=config.enable_vad)

    def stop_sound_level_monitor(self) -> None:
        """Tell levels no more."""
        self._check_alive()
        self._meters.monitor(None)

    def start_audio_spectrum_monitor(self, millisecond: int = 500) -> None:
        """Tell `captured_audio_spectrum_update`, and while streams are played
        `remote_audio_spectrum_update`, so often: 64 bands of 375 Hz, the power of
        the newest 10 ms. Raises `SpectrumIntervalInvalid` below 10 ms."""
        self._check_alive()
        if millisecond < SPECTRUM_INTERVAL_MS:
            raise SpectrumIntervalInvalid(f"{millisecond} ms")
        self._spectrum.start(millisecond / 1000)

    def stop_audio_spectrum_monitor(self) -> None:
        """Tell spectrums no more."""
        self._check_alive()
        self._spectrum.stop()

    def start_audio_vad_stable_state_monitor(
        self,
        kind: AudioVadStableStateMonitorType = AudioVadStableStateMonitorType.CAPTURED,
        millisecond: int = 3000,
    ) -> None:
        """Tell `audio_vad_state_update` once the microphone has heard nothing but
        speech, or but noise, for so long: 200 to 10000.

        Raises `IllegalParameter`, and `VadTypeInvalid` for anything but CAPTURED:
        sound of the application's own is not processed here.
        """
        self._check_alive()
        _check_captured(kind)
        least, most = STABLE_STATE_MS
        if not least <= millisecond <= most:
            raise IllegalParameter(f"{millisecond} ms; {least} to {most}")
        self._meters.watch_speech(millisecond / 1000)

    def stop_audio_vad_stable_state_monitor(
        self,
        kind: AudioVadStableStateMonitorType = AudioVadStableStateMonitorType.CAPTURED,
    ) -> None:
        """Tell it no more. Raises `VadTypeInvalid`."""
        self._check_alive()
        _check_captured(kind)
        self._meters.watch_speech(None)

    # The machine

    def start_performance_monitor(self, millisecond: int = 2000) -> None:
        """Tell `performance_status_update` so often, 1000 to 10000. Raises
        `PerformanceIntervalInvalid`."""
        self._check_alive()
        least, most = PERFORMANCE_INTERVAL_MS
        if not least <= millisecond <= most:
            raise PerformanceIntervalInvalid(f"{millisecond} ms")
        self._performance.start(millisecond / 1000)

    def stop_performance_monitor(self) -> None:
        """Tell it no more."""
        self._check_alive()
        self._performance.stop()


def _check_captured(kind: AudioVadStableStateMonitorType) -> None:
    if kind is not AudioVadStableStateMonitorType.CAPTURED:
        raise VadTypeInvalid(kind.name)
