"""The echo filter and the suppressor once more, in numpy: what the compiled ones are
held against. After the same papers; slow, and short.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from intercomd.audio.echo_filter import BINS, BLOCK_SAMPLES
from intercomd.audio.echo_suppressor import DELAY_SAMPLES
from intercomd.domain.audio import FRAME_SAMPLES

Numbers: TypeAlias = NDArray[np.floating[Any]]

PARTITIONS = 16
CUT_EACH_BLOCK = 2
STAYS = 0.9998
UNSURE = 0.02
QUIET = 300_000.0
WORTH_LEARNING = 0.2
TAPS = 2 * DELAY_SAMPLES + 1


class ReferenceFilter:
    """As `EchoFilter`, while something is played."""

    def __init__(self) -> None:
        shape = PARTITIONS, BINS
        self._heard = np.zeros(shape, complex)
        self._room = np.zeros(shape, complex)
        self._doubt = np.full(shape, UNSURE)
        self._near: Numbers = np.full(BINS, QUIET)
        self._far: Numbers = np.zeros(2 * BLOCK_SAMPLES)
        self._next_cut = 0

    def process(self, near: Numbers, far: Numbers) -> tuple[Numbers, Numbers]:
        rest = np.empty(FRAME_SAMPLES, np.float32)
        residual: Numbers = np.zeros(BINS)
        for at in (0, BLOCK_SAMPLES):
            block = slice(at, at + BLOCK_SAMPLES)
            self._far = np.concatenate((self._far[BLOCK_SAMPLES:], far[block]))
            self._heard = np.roll(self._heard, 1, axis=0)
            self._heard[0] = np.fft.rfft(self._far)
            echo = np.fft.irfft((self._heard * self._room).sum(axis=0))
            rest[block] = near[block] - echo[BLOCK_SAMPLES:]
            residual = self._learn(rest[block])
        return rest, residual

    def _learn(self, rest: Numbers) -> Numbers:
        error = np.fft.rfft(np.concatenate((np.zeros(BLOCK_SAMPLES), rest)))
        power = np.abs(error) ** 2
        powers = np.abs(self._heard) ** 2
        self._near = np.maximum(0.5 * self._near + 0.5 * power, power)
        residual: Numbers = 0.5 * (powers * self._doubt).sum(axis=0)
        expected = residual + self._near + QUIET
        if (residual / expected).max() > WORTH_LEARNING:
            trust = self._doubt / expected
            self._room += trust * self._heard.conj() * error
            self._doubt *= 1 - 0.5 * trust * powers
            for _ in range(CUT_EACH_BLOCK):
                self._cut(self._next_cut)
                self._next_cut = (self._next_cut + 1) % PARTITIONS
        self._room *= STAYS
        self._doubt *= STAYS**2
        self._doubt += (1 - STAYS**2) * np.abs(self._room) ** 2
        return residual

    def _cut(self, partition: int) -> None:
        taps = np.fft.irfft(self._room[partition])
        taps[BLOCK_SAMPLES:] = 0.0
        self._room[partition] = np.fft.rfft(taps)


class ReferenceSuppressor:
    """As `EchoSuppressor`, while an echo may be left."""

    def __init__(self, *, strength: float, floor: float) -> None:
        self._strength, self._floor = strength, floor
        bins = FRAME_SAMPLES + 1
        self._frames: Numbers = np.zeros(2 * FRAME_SAMPLES)
        self._echo, self._power = np.zeros(bins), np.zeros(bins)
        self._noise = np.full(bins, 100.0)
        self._gains: Numbers = np.ones(bins)

    def process(self, frame: Numbers, residual: Numbers) -> Numbers:
        self._frames = np.concatenate((self._frames[FRAME_SAMPLES:], frame))
        sound = self._frames[FRAME_SAMPLES - 2 * DELAY_SAMPLES :]
        before = np.convolve(sound, _taps(self._gains), "valid")
        self._gains = self._next_gains(residual)
        after = np.convolve(sound, _taps(self._gains), "valid")
        fade = np.arange(FRAME_SAMPLES) / FRAME_SAMPLES
        return (before + fade * (after - before)).astype(np.float32)

    def _next_gains(self, residual: Numbers) -> Numbers:
        window = np.hanning(2 * FRAME_SAMPLES + 1)[:-1]
        power = np.abs(np.fft.rfft(window * self._frames)) ** 2
        echo = np.repeat(1.5 * residual, 2)[: len(power)]
        self._echo = np.maximum(0.6 * self._echo, echo)
        self._power += 0.7 * (power - self._power)
        lower = np.minimum(1.005 * self._noise, self._power)
        self._noise = np.maximum(lower, 100.0)
        loud = np.maximum(self._power, 100.0)
        least = np.maximum(self._floor, np.minimum(1.0, np.sqrt(self._noise / loud)))
        gains = np.maximum(least, 1.0 - self._strength * self._echo / loud)
        rising = gains > self._gains
        chosen: Numbers = np.where(rising, 0.5 * self._gains + 0.5 * gains, gains)
        return chosen


def _taps(gains: Numbers) -> Numbers:
    response = np.fft.irfft(gains)
    taps = np.concatenate((response[-DELAY_SAMPLES:], response[: DELAY_SAMPLES + 1]))
    tapered: Numbers = taps * np.hanning(TAPS + 2)[1:-1]
    return tapered
