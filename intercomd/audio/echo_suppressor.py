"""Turns down, frequency by frequency, what echo a filter has left.

It knows no far end: how much echo may be left is told with each frame.
"""

from __future__ import annotations

import numpy as np

from intercomd.audio.echo_filter import Power, Samples
from intercomd.domain.audio import FRAME_SAMPLES

DELAY_SAMPLES = 64

_TAPS = 2 * DELAY_SAMPLES + 1
_LINGERS = np.float32(0.6)
_QUICK = np.float32(0.7)
_RISES = np.float32(0.5)
_LEAST_POWER = np.float32(100.0)
_NOISE_RISES = np.float32(1.005)
_WINDOW_POWER = np.float32(1.5)  # of the Hann window over two frames, against a block


class EchoSuppressor:
    """One for each microphone. `strength` is how many times the told echo is taken
    off, `floor` the least gain; it never goes below the microphone's own noise, so
    that the noise does not pump.
    """

    def __init__(self, *, strength: float, floor: float) -> None:
        self._strength = np.float32(strength)
        self._floor = np.float32(floor)
        bins = FRAME_SAMPLES + 1
        self._window = np.hanning(2 * FRAME_SAMPLES + 1)[:-1].astype(np.float32)
        self._taper = np.hanning(_TAPS + 2)[1:-1].astype(np.float32)
        self._fade = (np.arange(FRAME_SAMPLES) / FRAME_SAMPLES).astype(np.float32)
        self._frames = np.zeros(2 * FRAME_SAMPLES, np.float32)
        self._echo = np.zeros(bins, np.float32)
        self._power = np.zeros(bins, np.float32)
        self._noise = np.full(bins, _LEAST_POWER, np.float32)
        self._gains = np.ones(bins, np.float32)
        self._filter = self._designed(self._gains)
        self._is_open = True

    def process(self, frame: Samples, residual: Power, *, is_idle: bool) -> Samples:
        """Return the frame DELAY_SAMPLES later, with less of the echo.

        `residual` as `EchoFilter.process` returns it; `is_idle` promises that it is all
        zero. Hot path: some dozen small arrays, three while idle.
        """
        self._frames[:FRAME_SAMPLES] = self._frames[FRAME_SAMPLES:]
        self._frames[FRAME_SAMPLES:] = frame
        if is_idle and self._is_open:
            return self._frames[FRAME_SAMPLES - DELAY_SAMPLES : -DELAY_SAMPLES].copy()
        old = self._filter
        self._filter = self._designed(self._next_gains(residual))
        if is_idle and self._gains.min() > 0.99:
            self._filter = self._designed(np.ones_like(self._gains))
            self._is_open = True
        else:
            self._is_open = False
        sound = self._frames[FRAME_SAMPLES - 2 * DELAY_SAMPLES :]
        before = np.convolve(sound, old, "valid")
        after = np.convolve(sound, self._filter, "valid")
        return before + self._fade * (after - before)

    def _next_gains(self, residual: Power) -> Power:
        spectrum = np.fft.rfft(self._window * self._frames)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        echo = np.repeat(_WINDOW_POWER * residual, 2)[: len(power)]
        self._echo = np.maximum(_LINGERS * self._echo, echo)
        self._power += _QUICK * (power - self._power)
        smallest = np.minimum(self._noise * _NOISE_RISES, self._power)
        self._noise = np.maximum(smallest, _LEAST_POWER)
        loud = np.maximum(self._power, _LEAST_POWER)
        least = np.maximum(self._floor, np.minimum(1.0, np.sqrt(self._noise / loud)))
        gains = np.maximum(least, 1.0 - self._strength * self._echo / loud)
        rising = gains > self._gains
        self._gains = np.where(
            rising, (1 - _RISES) * self._gains + _RISES * gains, gains
        )
        return self._gains

    def _designed(self, gains: Power) -> Samples:
        """A filter of linear phase with these gains, smoothed over the frequencies."""
        response = np.fft.irfft(gains)
        taps = np.concatenate(
            (response[-DELAY_SAMPLES:], response[: DELAY_SAMPLES + 1])
        )
        return (taps * self._taper).astype(np.float32)
