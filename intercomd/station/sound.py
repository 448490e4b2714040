"""Which sound a station has: its cards, or files in a simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from intercomd.audio.null import NullSink
from intercomd.audio.wav import WavSink, WavSource
from intercomd.domain.audio import FRAME_SAMPLES, AudioCounters, Deliver, Pull
from intercomd.domain.errors import DeviceUnavailable
from intercomd.engine import Engine
from intercomd.station.config import AudioSettings, Simulation
from intercomd.station.heartbeat import Pulse

SoundPart = AbstractAsyncContextManager[object]
"""A microphone, a loudspeaker or what looks after them: it works while entered."""


@runtime_checkable
class CardPart(Protocol):
    """A sound part that has a card, or has not got it."""

    @property
    def counters(self) -> AudioCounters: ...

    @property
    def is_open(self) -> bool: ...


MakeSound = Callable[[Engine, Deliver, Pull], Sequence[SoundPart]]
"""Makes a station's audio parts: for whoever takes what is heard and whoever has what
is to be played. The engine may ask for other cards."""


def cards(settings: AudioSettings) -> MakeSound:
    """The ALSA cards of the configuration."""

    def make(engine: Engine, deliver: Deliver, pull: Pull) -> Sequence[SoundPart]:
        # Here, for a simulation runs where there is no ALSA.
        from intercomd.station.cards import Cards

        return Cards(settings, engine, deliver, pull).parts

    return make


def is_card_missing(parts: Sequence[SoundPart]) -> bool:
    """Whether one of the cards cannot be used now."""
    return any(isinstance(part, CardPart) and not part.is_open for part in parts)


def pulses(parts: Sequence[SoundPart]) -> list[Pulse]:
    """How far the sound of each microphone and loudspeaker has come."""
    return [
        Pulse(part.is_open, part.counters.frames)
        for part in parts
        if isinstance(part, CardPart)
    ]


def flat_frames(parts: Sequence[SoundPart]) -> int:
    """How many of the newest frames of a microphone that has its card had no movement
    at all."""
    return max(
        (
            part.counters.flat_frames
            for part in parts
            if isinstance(part, CardPart) and part.is_open
        ),
        default=0,
    )


def default_cards_are_there() -> bool:
    """Whether this machine's default ALSA card can capture and play now."""
    from intercomd.audio.card import Card, Wanted
    from intercomd.audio.direction import Direction

    for direction in Direction:
        try:
            Card("default", direction, Wanted(FRAME_SAMPLES, 4)).close()
        except DeviceUnavailable:
            return False
    return True


def files(simulation: Simulation) -> MakeSound:
    """WAV files in the place of cards, which do not come and go."""

    def make(engine: Engine, deliver: Deliver, pull: Pull) -> Sequence[SoundPart]:
        del engine
        parts: list[SoundPart] = []
        if simulation.microphone is not None:
            parts.append(WavSource(simulation.microphone, deliver, loop=True))
        if simulation.speaker is not None:
            parts.append(WavSink(simulation.speaker, pull))
        else:
            parts.append(NullSink(pull))
        return parts

    return make
