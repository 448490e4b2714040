"""The engine's calls that concern the microphone's processing.

The engine processes nothing itself: whoever owns the card does, and is told how.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum

from intercomd.domain.errors import ModuleMissing
from intercomd.domain.processing import EchoMode, NoiseMode, ProcessingSettings
from intercomd.engine.part import EnginePart


class AecMode(IntEnum):
    """The reference's modes of echo control. The AI ones are not in this build."""

    AGGRESSIVE = 0
    MEDIUM = 1
    SOFT = 2
    AI = 3
    AI_AGGRESSIVE = 4
    AI_BALANCED = 5


class AnsMode(IntEnum):
    """The reference's modes of noise suppression. No AI ones in this build."""

    SOFT = 0
    MEDIUM = 1
    AGGRESSIVE = 2
    AI = 3
    AI_BALANCED = 4
    AI_LOW_LATENCY = 5
    AI_AGGRESSIVE = 6


_ECHO_MODES = {
    AecMode.AGGRESSIVE: EchoMode.AGGRESSIVE,
    AecMode.MEDIUM: EchoMode.MEDIUM,
    AecMode.SOFT: EchoMode.SOFT,
}
_NOISE_MODES = {
    AnsMode.SOFT: NoiseMode.SOFT,
    AnsMode.MEDIUM: NoiseMode.MEDIUM,
    AnsMode.AGGRESSIVE: NoiseMode.AGGRESSIVE,
}


class ProcessingCalls(EnginePart):
    """A part of `Engine`. All may be called at any time, while
    publishing too, and work within some ten milliseconds.

    on_processing  called with the settings at each change; set by whoever owns the
                   microphone's card
    """

    def __init__(self) -> None:
        super().__init__()
        self.on_processing: Callable[[ProcessingSettings], None] | None = None
        self._processing = ProcessingSettings()

    @property
    def processing(self) -> ProcessingSettings:
        """How the microphone's sound is to be processed."""
        return self._processing

    def enable_aec(self, enable: bool) -> None:
        """Take what this engine plays out of what the microphone hears, or not."""
        self.process(replace(self._processing, echo=enable))

    def set_aec_mode(self, mode: AecMode) -> None:
        """Say how hard; `EchoMode` tells what each means. Raises `ModuleMissing` for
        the AI modes."""
        if mode not in _ECHO_MODES:
            raise ModuleMissing(f"echo control by {AecMode(mode).name}")
        self.process(replace(self._processing, echo_mode=_ECHO_MODES[mode]))

    def enable_headphone_aec(self, enable: bool) -> None:
        """Accept the reference's call. No station can tell headphones from a
        loudspeaker, so `enable_aec` counts for both, whatever this says."""
        del enable
        self._check_alive()

    def enable_agc(self, enable: bool) -> None:
        """Bring quiet and loud voices to one level, or not."""
        self.process(replace(self._processing, gain=enable))

    def enable_ans(self, enable: bool) -> None:
        """Push steady noise down, or not."""
        self.process(replace(self._processing, noise=enable))

    def set_ans_mode(self, mode: AnsMode) -> None:
        """Say how far; `NoiseMode` tells what each means. Raises `ModuleMissing` for
        the AI modes."""
        if mode not in _NOISE_MODES:
            raise ModuleMissing(f"noise suppression by {AnsMode(mode).name}")
        self.process(replace(self._processing, noise_mode=_NOISE_MODES[mode]))

    def enable_transient_ans(self, enable: bool) -> None:
        """Accept False. Raises `ModuleMissing` for True: no key clicks are removed."""
        self._check_alive()
        if enable:
            raise ModuleMissing("suppression of transient noise")

    def process(self, settings: ProcessingSettings) -> None:
        """Process so from now on: everything at once."""
        self._check_alive()
        if settings == self._processing:
            return
        self._processing = settings
        if self.on_processing is not None:
            self.on_processing(settings)
