"""What is done to the microphone's sound before it is published."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class EchoMode(Enum):
    """How hard an echo is fought, and so how much of who talks over it is kept.

    AGGRESSIVE leaves nothing of the echo, and little of who talks at the same time;
    MEDIUM keeps who talks at the same time; SOFT leaves a faint echo besides.
    """

    AGGRESSIVE = "aggressive"
    MEDIUM = "medium"
    SOFT = "soft"


class NoiseMode(Enum):
    """How far steady noise is pushed down: about 4, 7 or 12 dB."""

    SOFT = "soft"
    MEDIUM = "medium"
    AGGRESSIVE = "aggressive"


@dataclass(frozen=True, slots=True)
class ProcessingSettings:
    """`echo` takes what the loudspeaker plays out of the sound, `noise` pushes steady
    noise down, `gain` levels voices, `high_pass` takes rumble out."""

    echo: bool = True
    echo_mode: EchoMode = EchoMode.MEDIUM
    noise: bool = True
    noise_mode: NoiseMode = NoiseMode.MEDIUM
    gain: bool = False
    high_pass: bool = True

    @property
    def is_on(self) -> bool:
        """Whether anything is done at all."""
        return self.echo or self.noise or self.gain or self.high_pass


UNPROCESSED = ProcessingSettings(echo=False, noise=False, gain=False, high_pass=False)
"""The sound as the card gives it."""
