"""Sound from one rate to another, by soxr, piece by piece and soon. Pure."""

from __future__ import annotations

from functools import cache

import numpy as np
import soxr

from intercomd.audio.layout import Mono

# By the rates soxr works in blocks, which then come out up to 40 ms late, or steadily.
# Its engine for variable rates is always steady, but not always the sooner.
_ENGINES = (("LQ", False), ("HQ", True))
_PIECES_A_SECOND = 100
_TRIED_PIECES = 30
_SETTLED_PIECES = 10


class Resampler:
    """A stream of mono samples of `rate_in_hz`, as one of `rate_out_hz`."""

    def __init__(self, rate_in_hz: int, rate_out_hz: int) -> None:
        self._rates_hz = rate_in_hz, rate_out_hz
        self._stream = _stream(
            rate_in_hz, rate_out_hz, _soonest(rate_in_hz, rate_out_hz)
        )
        self._taken = self._given = 0

    @property
    def lag_s(self) -> float:
        """How much of what was put has not come out yet; nothing else is delayed."""
        rate_in_hz, rate_out_hz = self._rates_hz
        return self._taken / rate_in_hz - self._given / rate_out_hz

    def put(self, samples: Mono) -> Mono:
        """What comes out now. Hot path, in an audio thread."""
        out: Mono = self._stream.resample_chunk(samples)
        self._taken += len(samples)
        self._given += len(out)
        return out

    def clear(self) -> None:
        """Forget what has not come out: the sound goes on somewhere else."""
        self._stream.clear()
        self._taken = self._given = 0


def resampled(samples: Mono, rate_in_hz: int, rate_out_hz: int) -> Mono:
    """All of a sound at once, at soxr's high quality."""
    out: Mono = soxr.resample(samples, rate_in_hz, rate_out_hz)
    return out


def _stream(
    rate_in_hz: int, rate_out_hz: int, engine: tuple[str, bool]
) -> soxr.ResampleStream:
    quality, is_variable = engine
    return soxr.ResampleStream(
        rate_in_hz, rate_out_hz, 1, dtype="int16", quality=quality, vr=is_variable
    )


@cache
def _soonest(rate_in_hz: int, rate_out_hz: int) -> tuple[str, bool]:
    """The engine that keeps least back at these rates, by trial: some milliseconds."""
    return min(
        _ENGINES, key=lambda engine: _most_lag_s(rate_in_hz, rate_out_hz, engine)
    )


def _most_lag_s(rate_in_hz: int, rate_out_hz: int, engine: tuple[str, bool]) -> float:
    stream = _stream(rate_in_hz, rate_out_hz, engine)
    piece = np.zeros(rate_in_hz // _PIECES_A_SECOND, np.int16)
    given, most_s = 0, 0.0
    for number in range(1, _TRIED_PIECES + 1):
        given += len(stream.resample_chunk(piece))
        if number > _SETTLED_PIECES:
            most_s = max(most_s, number * len(piece) / rate_in_hz - given / rate_out_hz)
    return most_s
