"""Writes the spoken greeting of intercomd/audio/data (its README has the command)."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np

from tests.bench.signals import SAMPLE_RATE_HZ, Samples
from tests.bench.speech import speech

_SENTENCES = (
    "Hello, this is the front door.",
    "Can you hear me?",
    "I have a parcel for you.",
)
_PAUSE_S = 0.5


def greeting() -> Samples:
    """The sentences, each followed by a pause."""
    pause = np.zeros(round(_PAUSE_S * SAMPLE_RATE_HZ))
    return np.concatenate(
        [part for text in _SENTENCES for part in (speech(text), pause)]
    )


def write_greeting(path: Path) -> None:
    """Write `greeting()` as 48 kHz mono 16 bit."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes((greeting() * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    write_greeting(Path(sys.argv[1]))
