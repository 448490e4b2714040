"""Spoken test sentences, by espeak-ng."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave

import numpy as np

from tests.bench.signals import SAMPLE_RATE_HZ, Samples
from tests.bench.unavailable import BenchUnavailable


def speech(text: str, *, voice: str = "en", words_per_minute: int = 150) -> Samples:
    """`text` as 48 kHz samples with a peak of 0.5."""
    if not shutil.which("espeak-ng"):
        raise BenchUnavailable("espeak-ng not found: run 'apt-get install espeak-ng'")
    spoken = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(words_per_minute), "--stdout", text],
        check=True,
        capture_output=True,
    ).stdout
    # To a pipe espeak-ng writes a header with no length: take all that follows.
    with wave.open(io.BytesIO(spoken)) as reader:
        rate_hz = reader.getframerate()
    pcm = spoken[spoken.index(b"data") + 8 :]
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64)
    resampled = _resampled(samples, rate_hz)
    louder: Samples = 0.5 * resampled / np.abs(resampled).max()
    return louder


def _resampled(samples: Samples, rate_hz: int) -> Samples:
    """Band-limited, by cutting or padding the spectrum."""
    length = round(len(samples) * SAMPLE_RATE_HZ / rate_hz)
    resampled: Samples = np.fft.irfft(np.fft.rfft(samples), length)
    return resampled
