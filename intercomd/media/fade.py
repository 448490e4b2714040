"""Seams in sound that are not heard: ramps and blends of s16 PCM."""

from __future__ import annotations

import numpy as np


def blended(
    pcm: bytes, under: bytes | None, start: float, end: float, samples: int
) -> bytes:
    """`pcm` under a gain that goes from `start` to `end` within so many samples.

    `under`, if there is any, fills up what is lacking, as far as it goes.
    """
    sound = np.frombuffer(pcm, np.int16).astype(np.float32)
    share = np.full(sound.size, end, np.float32)
    ramp = min(samples, sound.size)
    share[:ramp] = np.linspace(start, end, ramp, dtype=np.float32)
    sound *= share
    if under is not None:
        size = min(sound.size, len(under) // 2)
        sound[:size] += np.frombuffer(under, np.int16)[:size] * (1.0 - share[:size])
    return sound.astype(np.int16).tobytes()
