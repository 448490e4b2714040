"""Sound made shorter or longer by whole periods of itself, where it is not heard.

Waveform similarity (WSOLA; Verhelst and Roelands, 1993): jump to where the sound
goes on as it would have, and cross-fade. Pure; all sound is mono at 48 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from intercomd.domain.audio import FRAME_SAMPLES

LAG_MIN = 120
LAG_MAX = 960
"""Samples: 2.5 ms, a period of the highest voice, to 20 ms: in 10 to 20 ms there is
a multiple of any voice's period."""

OVERLAP = 240
"""Samples cross-faded: 5 ms."""

PAST = LAG_MAX + OVERLAP
"""Samples of sound already played that the search needs."""

_STEP = 6
_BEFORE = 120
_FAR_PENALTY = 0.1
_RISE = np.linspace(0.0, 1.0, OVERLAP, endpoint=False, dtype=np.float32)

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretched:
    """`pcm` is to be played in place of what was ahead; it is `samples` longer."""

    pcm: bytes
    samples: int


def stretched(
    past: bytes, ahead: bytes, wanted: int, likeness: float, quiet_dbov: float
) -> Stretched | None:
    """`ahead` made longer by about `wanted` samples, or shorter if it is below 0.

    None if no lag gives at least the `likeness` (1.0 is identical; with more, all but
    the quiet is refused), or if there is too little sound to tell. What is quieter
    than `quiet_dbov` is stretched by what is wanted, like itself or not. Shorter is
    never more than wanted; longer is no less, up to a frame, for only whole frames
    give packets more time. `past` is what was played last, PAST samples or more.
    About 0.1 ms of work.
    """
    sound = np.frombuffer(past[-2 * PAST :] + ahead, np.int16).astype(np.float32)
    room = sound.size - PAST - OVERLAP
    most = min(LAG_MAX, -wanted, room)
    if len(past) < 2 * PAST or room < 0 or (wanted < 0 and most < LAG_MIN):
        return None
    if _is_quiet(sound, quiet_dbov):
        lag = most if wanted < 0 else -min(max(LAG_MIN, wanted), LAG_MAX)
        match = 0.0
    elif likeness > 1.0:
        return None
    else:
        lag, match = _best(sound, _lags(wanted, most), -wanted)
        if match < likeness:
            return None
    return Stretched(_spliced(sound, lag, match), -lag)


def _is_quiet(sound: Samples, quiet_dbov: float) -> bool:
    here = sound[PAST - OVERLAP :]
    limit: float = 32768.0 * 10.0 ** (-quiet_dbov / 20.0)
    return float(here @ here) <= limit * limit * here.size


def _lags(wanted: int, most: int) -> NDArray[np.int_]:
    """Those that would do: above 0 they shorten, by at most `most`."""
    if wanted < 0:
        return np.arange(LAG_MIN, most + 1, _STEP)
    least = max(LAG_MIN, min(wanted, FRAME_SAMPLES))
    return np.arange(-LAG_MAX, 1 - least, _STEP)


def _best(sound: Samples, lags: NDArray[np.int_], wanted: int) -> tuple[int, float]:
    """The lag by which the sound repeats itself best, and how well.

    Of lags that are as good the one nearest to what is wanted is taken.
    """
    coarse = sound[: sound.size // _STEP * _STEP].reshape(-1, _STEP).mean(axis=1)
    likeness = _likeness(coarse, lags // _STEP, _STEP)
    far = np.abs(lags - wanted) * (_FAR_PENALTY / LAG_MAX)
    near = int(lags[np.argmax(likeness - far)])
    fine = np.arange(near - _STEP + 1, near + _STEP)
    fine = fine[(fine >= lags[0]) & (fine <= lags[-1])]
    likeness = _likeness(sound, fine, 1)
    best = int(np.argmax(likeness))
    return int(fine[best]), float(likeness[best])


def _likeness(sound: Samples, lags: NDArray[np.int_], step: int) -> Samples:
    """Normalised correlation of the sound round the seam with itself at each lag."""
    start, end = (PAST - _BEFORE) // step, (PAST + OVERLAP) // step
    here = sound[start:end]
    first = start + int(lags[0])
    there = sliding_window_view(sound[first : end + int(lags[-1])], end - start)
    powers = np.einsum("ij,ij->i", there, there) * (here @ here)
    likeness: Samples = (there @ here) / np.sqrt(powers + 1.0)
    return likeness


def _spliced(sound: Samples, lag: int, match: float) -> bytes:
    """What is ahead, cross-faded within OVERLAP into what is `lag` samples on.

    Where the two are unlike, the fade keeps their power instead of their sum.
    """
    here = sound[PAST : PAST + OVERLAP]
    there = sound[PAST + lag : PAST + lag + OVERLAP]
    fall = 1.0 - _RISE
    gain = fall * fall + _RISE * _RISE + 2.0 * max(0.0, match) * fall * _RISE
    seam = (here * fall + there * _RISE) / np.sqrt(gain)
    np.clip(seam, -32768, 32767, out=seam)
    rest = sound[PAST + lag + OVERLAP :]
    return np.concatenate((seam, rest)).astype(np.int16).tobytes()
