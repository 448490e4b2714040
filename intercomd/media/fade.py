"""Seams in sound that are not heard: ramps and cross-fades of s16 PCM."""

from __future__ import annotations

import numpy as np

from intercomd.domain.audio import FRAME_SAMPLES, Frame


def ramped(pcm: bytes, start: float, end: float, samples: int) -> bytes:
    """`pcm` under a gain that goes from `start` to `end` within so many samples."""
    sound = np.frombuffer(pcm, np.int16).astype(np.float32)
    samples = min(samples, sound.size)
    sound[:samples] *= np.linspace(start, end, samples, dtype=np.float32)
    sound[samples:] *= end
    return sound.astype(np.int16).tobytes()


def crossfaded(first: Frame, second: Frame) -> Frame:
    """One frame that begins as `first` and ends as `second`."""
    rise = np.linspace(0.0, 1.0, FRAME_SAMPLES, dtype=np.float32)
    sound = np.frombuffer(first, np.int16) * (1.0 - rise)
    sound += np.frombuffer(second, np.int16) * rise
    return sound.astype(np.int16).tobytes()
