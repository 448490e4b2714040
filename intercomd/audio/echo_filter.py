"""Takes the echo of a known sound out of a microphone's, without a library.

A state-space model of the room learns the way from loudspeaker to microphone as a
partitioned filter in the frequency domain, and how sure it is of it: G. Enzner,
P. Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control in
hands-free telephones", 2006; F. Kuech, E. Mabande, G. Enzner, "State-space
architecture of the partitioned-block-based acoustic echo controller", 2014.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intercomd.domain.audio import FRAME_SAMPLES

Samples = NDArray[np.float32]
Spectrum = NDArray[np.complex64]
Power = NDArray[np.float32]

BLOCK_SAMPLES = FRAME_SAMPLES // 2
"""Measured: blocks of a whole frame cost half, and learn a room far slower whose
loudest way ends late in a block."""

PARTITIONS = 16
"""Blocks the echo may last: 80 ms, of which the far end's lead takes 5."""

BINS = BLOCK_SAMPLES + 1

_STAYS = 0.9998  # how much of the room is the same a block later
_STAYS_SQUARED = np.float32(_STAYS * _STAYS)
_CHANGES = np.float32(1.0 - _STAYS * _STAYS)
_SMOOTHING = np.float32(0.5)
_HALF = np.float32(0.5)  # a block is half of its transform
_UNSURE = np.float32(0.02)
# What is fainter teaches nothing: a power in a block, of noise at -60 dBFS. Measured:
# without it a room is learnt slower, the more so the quieter the microphone.
_QUIET = np.float32(300_000.0)
# A block teaches something if at some frequency so much of it may be echo; the others
# are of who is near. Measured (tests/benchmarks/echo.py): to pass over those costs no
# echo, and of a call over headsets they are two thirds.
_WORTH_LEARNING = 0.2
_AUDIBLE = 4.0  # mean square of the loudspeaker's s16 that is worth a look


class EchoFilter:
    """A microphone frame and what the loudspeaker played, in; the rest, out.

    Linear: it changes nothing of who talks at the same time, adds no delay, and
    leaves what a loudspeaker distorts. The model learns while the loudspeaker plays
    and rests while somebody talks over it, by itself.
    """

    def __init__(self) -> None:
        shape = PARTITIONS, BINS
        self._heard: Spectrum = np.zeros(shape, np.complex64)
        self._powers: Power = np.zeros(shape, np.float32)
        self._room: Spectrum = np.zeros(shape, np.complex64)
        self._doubt: Power = np.full(shape, _UNSURE, np.float32)
        self._near_power: Power = np.full(BINS, _QUIET, np.float32)
        self._residual: Power = np.zeros(BINS, np.float32)
        self._far: Samples = np.zeros(2 * BLOCK_SAMPLES, np.float32)
        self._rest: Samples = np.zeros(2 * BLOCK_SAMPLES, np.float32)
        self._silent_blocks = PARTITIONS

    @property
    def is_idle(self) -> bool:
        """The loudspeaker is silent, and so is the room by now: no echo at all."""
        return self._silent_blocks >= PARTITIONS

    def process(self, near: Samples, far: Samples) -> tuple[Samples, Power]:
        """Return `near` without the echo of `far`, which is best a little ahead; and
        how much echo may be left in it: the power of each of BINS frequencies in a
        block, by the model's own doubt.

        Frames of FRAME_SAMPLES float32 in the values of s16. Hot path: some dozen
        small arrays, and next to nothing while nothing is played.
        """
        if self.is_idle and _is_silent(far):
            self._far[:] = far
            return near, self._residual
        first, last = slice(None, BLOCK_SAMPLES), slice(BLOCK_SAMPLES, None)
        rest = np.concatenate(
            (self._block(near[first], far[first]), self._block(near[last], far[last]))
        )
        return rest, self._residual

    def doubt(self) -> None:
        """Learn as at first: the loudspeaker's samples are not where they were."""
        np.maximum(self._doubt, _UNSURE, out=self._doubt)

    def _block(self, near: Samples, far: Samples) -> Samples:
        self._hear(far)
        if self.is_idle:
            return near
        echo = np.fft.irfft((self._heard * self._room).sum(axis=0))[BLOCK_SAMPLES:]
        rest = near - echo.astype(np.float32)
        self._learn(rest)
        return rest

    def _hear(self, far: Samples) -> None:
        self._silent_blocks = self._silent_blocks + 1 if _is_silent(far) else 0
        self._far[:BLOCK_SAMPLES] = self._far[BLOCK_SAMPLES:]
        self._far[BLOCK_SAMPLES:] = far
        if self.is_idle:
            self._heard[:] = 0.0
            self._powers[:] = 0.0
            self._residual = np.zeros(BINS, np.float32)
            return
        self._heard[1:] = self._heard[:-1]
        self._heard[0] = np.fft.rfft(self._far)
        self._powers[1:] = self._powers[:-1]
        self._powers[0] = _power(self._heard[0])

    def _learn(self, rest: Samples) -> None:
        self._rest[BLOCK_SAMPLES:] = rest
        error = np.fft.rfft(self._rest).astype(np.complex64)
        power = _power(error)
        self._near_power *= _SMOOTHING
        self._near_power += (1 - _SMOOTHING) * power
        np.maximum(self._near_power, power, out=self._near_power)
        self._residual = _HALF * (self._powers * self._doubt).sum(axis=0)
        expected = self._residual + self._near_power + _QUIET
        if float((self._residual / expected).max()) > _WORTH_LEARNING:
            trust = self._doubt / expected
            self._room += _causal(trust * self._heard.conj() * error)
            self._doubt *= 1 - _HALF * trust * self._powers
        self._room *= np.float32(_STAYS)
        self._doubt *= _STAYS_SQUARED
        self._doubt += _CHANGES * _power(self._room)


def _is_silent(far: Samples) -> bool:
    return float(far @ far) < _AUDIBLE * far.size


def _power(spectrum: Spectrum) -> Power:
    power: Power = spectrum.real**2 + spectrum.imag**2
    return power


def _causal(step: Spectrum) -> Spectrum:
    """The steps whose filters last no longer than a block each."""
    filters = np.fft.irfft(step, axis=1)
    filters[:, BLOCK_SAMPLES:] = 0.0
    spectrum: Spectrum = np.fft.rfft(filters, axis=1).astype(np.complex64)
    return spectrum
