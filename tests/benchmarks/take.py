"""A launch as it was heard: mouth and ear in one clock, cut where the script says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.bench.pulse import Recording
from tests.bench.signals import SAMPLE_RATE_HZ, Samples
from tests.benchmarks.script import Script

# What is said last in a stretch is heard within this time, or not at all.
_AFTER = SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Take:
    """The talker's mouth and the listener's ear, sample by sample."""

    mouth: Samples
    ear: Samples
    begin: int
    """Where the script begins."""

    def part(self, stretch: slice) -> tuple[Samples, Samples]:
        """A stretch of the script at the mouth; at the ear with what comes late."""
        first, last = self.begin + stretch.start, self.begin + stretch.stop
        return self.mouth[first:last], self.ear[first : last + _AFTER]


def taken(script: Script, mouth: Samples, ear: Samples) -> Take:
    """Find the script in what was recorded of the mouth."""
    return Take(mouth, ear, max(0, delay(script.talker, mouth)))


def in_one_clock(
    near: Recording, far: Recording, *, mouth: int, ear: int
) -> tuple[Samples, Samples]:
    """A channel of each recording; that of `far` as the clock of `near` has it."""
    if near is far:
        return near.channel(mouth), near.channel(ear)
    near_hz, near_first = near.clock()
    far_hz, far_first = far.clock()
    heard = far.channel(ear)
    heard = resampled(heard, round(len(heard) * near_hz / far_hz))
    later = round((far_first - near_first) * near_hz)
    heard = np.pad(heard, (later, 0)) if later > 0 else heard[-later:]
    return near.channel(mouth), heard


def delay(said: Samples, heard: Samples) -> int:
    """By how many samples `heard` is late (early: negative), where they match best."""
    size = 1 << (len(said) + len(heard)).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)))
    best = int(np.abs(match).argmax())
    return best if best < len(heard) else best - size


def resampled(samples: Samples, length: int) -> Samples:
    """The same sound in `length` samples, by cutting or padding the spectrum."""
    spectrum = np.fft.rfft(samples)
    changed: Samples = np.fft.irfft(spectrum, length) * (length / len(samples))
    return changed
