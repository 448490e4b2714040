"""How good speech is at the ear: PESQ (ITU-T P.862.2, wideband) and STOI."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pesq
import pystoi

from tests.bench.signals import SAMPLE_RATE_HZ, Samples
from tests.benchmarks.take import delay, resampled

_RATE_HZ = 16_000
_QUIET = 0.001
_OUTLINE = SAMPLE_RATE_HZ // 1000


@dataclass(frozen=True, slots=True)
class Quality:
    """PESQ-WB, 1.0 to 4.64, and STOI, 0 to 1."""

    pesq: float
    stoi: float


def quality(mouth: Samples, ear: Samples) -> Quality | None:
    """How much of what the mouth said is at the ear; None when there is no speech."""
    if np.abs(ear).max() < _QUIET:
        return None  # for which PESQ has no answer
    late = max(0, delay(_outline(mouth), _outline(ear)) * _OUTLINE)
    heard = ear[late : late + len(mouth)]
    heard = np.pad(heard, (0, len(mouth) - len(heard)))
    length = len(mouth) * _RATE_HZ // SAMPLE_RATE_HZ
    said, heard = resampled(mouth, length), resampled(heard, length)
    try:
        score = pesq.pesq(_RATE_HZ, said, heard, "wb")
    except pesq.PesqError:  # as it says that it found no utterances
        return None
    return Quality(
        round(float(score), 3), round(float(pystoi.stoi(said, heard, _RATE_HZ)), 3)
    )


def _outline(samples: Samples) -> Samples:
    """The loudness of every millisecond, around 0.

    It finds the delay where waves would not: one that changes meanwhile makes them
    match best a period of the voice away.
    """
    blocks = samples[: len(samples) // _OUTLINE * _OUTLINE].reshape(-1, _OUTLINE)
    loudness: Samples = np.sqrt((blocks * blocks).mean(axis=1))
    loudness -= loudness.mean()
    return loudness
