"""Which sound a station has: its cards, or files in a simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from intercomd.audio.null import NullSink
from intercomd.audio.wav import WavSink, WavSource
from intercomd.domain.audio import (
    FRAME_SAMPLES,
    AudioSink,
    AudioSource,
    Deliver,
    Pull,
)
from intercomd.domain.errors import DeviceUnavailable
from intercomd.domain.sound import DeviceExceptionType, DeviceType
from intercomd.station.config import AudioSettings, Simulation

ReportDevice = Callable[[DeviceType, DeviceExceptionType | None, str], None]
"""Is told when a card does not work, and with None when it works again."""

MakeSound = Callable[[Deliver, Pull, ReportDevice], Sequence[AudioSource | AudioSink]]
"""Makes a station's audio parts for the frames it takes and gives."""


def cards(settings: AudioSettings) -> MakeSound:
    """The ALSA cards of the configuration."""
    # Here, for a simulation runs where there is no ALSA.
    from intercomd.audio.capture import AlsaCapture
    from intercomd.audio.playback import AlsaPlayback

    def make(
        deliver: Deliver, pull: Pull, report: ReportDevice
    ) -> Sequence[AudioSource | AudioSink]:
        parts: list[AudioSource | AudioSink] = []
        if settings.capture is not None:
            told = _teller(report, DeviceType.MICROPHONE, settings.capture)
            parts.append(AlsaCapture(settings.capture, deliver, on_state=told))
        if settings.playback is not None:
            told = _teller(report, DeviceType.SPEAKER, settings.playback)
            parts.append(AlsaPlayback(settings.playback, pull, on_state=told))
        else:
            parts.append(NullSink(pull))
        return parts

    return make


def _teller(
    report: ReportDevice, device: DeviceType, name: str
) -> Callable[[bool, str], None]:
    """A part's `on_state`: a card that is gone, for whatever reason, is unplugged."""

    def told(is_open: bool, text: str) -> None:  # noqa: FBT001 - `on_state` has it so
        del text
        exception = None if is_open else DeviceExceptionType.DEVICE_UNPLUGGED
        report(device, exception, name)

    return told


def default_cards_are_there() -> bool:
    """Whether this machine's default ALSA card can capture and play now."""
    from intercomd.audio.card import Card, Direction, Wanted

    for direction in Direction:
        try:
            Card("default", direction, Wanted(FRAME_SAMPLES, 4)).close()
        except DeviceUnavailable:
            return False
    return True


def files(simulation: Simulation) -> MakeSound:
    """WAV files in the place of cards."""

    def make(
        deliver: Deliver, pull: Pull, report: ReportDevice
    ) -> Sequence[AudioSource | AudioSink]:
        del report  # files do not come and go
        parts: list[AudioSource | AudioSink] = []
        if simulation.microphone is not None:
            parts.append(WavSource(simulation.microphone, deliver, loop=True))
        if simulation.speaker is not None:
            parts.append(WavSink(simulation.speaker, pull))
        else:
            parts.append(NullSink(pull))
        return parts

    return make
