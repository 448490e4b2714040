"""Takes the echo of a known sound out of a microphone's.

A state-space model of the room learns the way from loudspeaker to microphone as a
partitioned filter in the frequency domain, and how sure it is of it: G. Enzner,
P. Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control in
hands-free telephones", 2006; F. Kuech, E. Mabande, G. Enzner, "State-space
architecture of the partitioned-block-based acoustic echo controller", 2014. Filters
are cut to their blocks in turn, as J.-S. Soo and K. K. Pang have it ("Multidelay block
frequency domain adaptive filter", 1990).
"""

from __future__ import annotations

import weakref

import numpy as np

from intercomd.audio.echo_kernel import address, kernel, made
from intercomd.audio.samples import Floats, Samples
from intercomd.domain.audio import FRAME_SAMPLES

BLOCK_SAMPLES = FRAME_SAMPLES // 2
"""Measured: blocks of a whole frame cost half, and learn a room far slower whose
loudest way ends late in a block."""

BINS = BLOCK_SAMPLES + 1


class EchoFilter:
    """A microphone frame and what the loudspeaker played, in; the rest, out.

    Linear: it changes nothing of who talks at the same time, adds no delay, and
    leaves what a loudspeaker distorts. The model learns while the loudspeaker plays
    and rests while somebody talks over it, by itself. An echo may last 80 ms, of which
    the far end's lead takes 5.
    """

    def __init__(self) -> None:
        """Raise `LibraryMissing`."""
        self._kernel = kernel()
        self._state = made(self._kernel.echo_new())
        weakref.finalize(self, self._kernel.echo_free, self._state)
        self._near = np.zeros(FRAME_SAMPLES, np.float32)
        self._far = np.zeros(FRAME_SAMPLES, np.float32)
        self._rest = np.zeros(FRAME_SAMPLES, np.float32)
        self._residual = np.zeros(BINS, np.float32)
        buffers = self._near, self._far, self._rest, self._residual
        self._arguments = self._state, *map(address, buffers)

    @property
    def is_idle(self) -> bool:
        """The loudspeaker is silent, and so is the room by now: no echo at all."""
        return bool(self._kernel.echo_is_idle(self._state))

    def process(self, near: Samples, far: Floats) -> tuple[Floats, Floats]:
        """Return `near` without the echo of `far`, which is best a little ahead; and
        how much echo may be left in it: the power of each of BINS frequencies in a
        block, by the model's own doubt. Both are good until the next call.

        Frames of FRAME_SAMPLES. Hot path: one call, and next to nothing while nothing
        is played.
        """
        self._near[:] = near
        self._far[:] = far
        self._kernel.echo_process(*self._arguments)
        return self._rest, self._residual

    def doubt(self) -> None:
        """Learn as at first: the loudspeaker's samples are not where they were."""
        self._kernel.echo_doubt(self._state)
