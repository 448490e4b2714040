"""Turns down, frequency by frequency, what echo a filter has left.

It knows no far end: how much echo may be left is told with each frame.
"""

from __future__ import annotations

import weakref

import numpy as np

from intercomd.audio.echo_filter import BINS
from intercomd.audio.echo_kernel import address, kernel, made
from intercomd.audio.samples import Floats, Samples
from intercomd.domain.audio import FRAME_SAMPLES

DELAY_SAMPLES = 64


class EchoSuppressor:
    """One for each microphone. `strength` is how many times the told echo is taken
    off, `floor` the least gain; it never goes below the microphone's own noise, so
    that the noise does not pump.
    """

    def __init__(self, *, strength: float, floor: float) -> None:
        """Raise `LibraryMissing`."""
        self._kernel = kernel()
        self._state = made(self._kernel.suppressor_new(strength, floor))
        weakref.finalize(self, self._kernel.suppressor_free, self._state)
        self._frame = np.zeros(FRAME_SAMPLES, np.float32)
        self._residual = np.zeros(BINS, np.float32)
        self._out = np.zeros(FRAME_SAMPLES, np.int16)
        self._in = address(self._frame), address(self._residual)
        self._address = address(self._out)

    def process(self, frame: Floats, residual: Floats, *, is_idle: bool) -> Samples:
        """Return the frame DELAY_SAMPLES later, with less of the echo; it is good until
        the next call.

        `residual` as `EchoFilter.process` returns it; `is_idle` promises that it is all
        zero. Hot path: one call, and next to nothing while idle.
        """
        self._frame[:] = frame
        self._residual[:] = residual
        self._kernel.suppressor_process(self._state, *self._in, is_idle, self._address)
        return self._out
