"""Between what a card has and 48 kHz, mono, 16 bit: nothing where they are the same.

It knows no card, only its layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from intercomd.audio.layout import OURS, Layout
from intercomd.domain.audio import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from intercomd.audio.resampler import Resampler


class FromCard:
    """A microphone's bytes, as ours."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._resampler = _resampler(layout.rate_hz, SAMPLE_RATE_HZ)

    @property
    def lag_s(self) -> float:
        """How much of what was converted is still to come out."""
        return 0.0 if self._resampler is None else self._resampler.lag_s

    def convert(self, pcm: bytes) -> bytes:
        """Hot path: the same bytes where nothing is to be converted."""
        if self._layout == OURS:
            return pcm
        samples = self._layout.to_mono(pcm)
        if self._resampler is not None:
            samples = self._resampler.put(samples)
        return samples.tobytes()

    def begin_anew(self) -> None:
        """What comes next does not continue what came before."""
        if self._resampler is not None:
            self._resampler.clear()


class ToCard:
    """Our bytes, as a loudspeaker's."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._resampler = _resampler(SAMPLE_RATE_HZ, layout.rate_hz)

    @property
    def lag_s(self) -> float:
        """How much of what was converted is still to come out."""
        return 0.0 if self._resampler is None else self._resampler.lag_s

    def convert(self, pcm: bytes) -> bytes:
        """Hot path: the same bytes where nothing is to be converted."""
        if self._layout == OURS:
            return pcm
        samples = np.frombuffer(pcm, "<i2")
        if self._resampler is not None:
            samples = self._resampler.put(samples)
        return self._layout.from_mono(samples)


def _resampler(rate_in_hz: int, rate_out_hz: int) -> Resampler | None:
    if rate_in_hz == rate_out_hz:
        return None
    # Here, for most stations have no need of it, nor of its memory.
    from intercomd.audio.resampler import Resampler

    return Resampler(rate_in_hz, rate_out_hz)
