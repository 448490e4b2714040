"""A room with a loudspeaker and a microphone in it, and two who talk.

Simulated: an impulse response, sample by sample. Samples are -1..1, 48 kHz mono.
"""

from __future__ import annotations

import numpy as np

from tests.bench.signals import SAMPLE_RATE_HZ, Samples
from tests.bench.speech import speech

FAR_TEXT = (
    "The quick brown fox jumps over the lazy dog. She sells sea shells by the sea "
    "shore. Peter Piper picked a peck of pickled peppers. How much wood would a "
    "woodchuck chuck, if a woodchuck could chuck wood? All good men must come to the "
    "aid of the party, and the rain in Spain stays mainly in the plain."
)
NEAR_TEXT = (
    "A station stands at the gate and one in the kitchen. Please bring two cups of "
    "coffee to the north entrance before nine. The delivery has come early today, and "
    "nobody is here to open the door for them."
)

_NEAREST_MS = 3
_TAPS = 64
_WALLS = ((7, 0.3), (11, -0.25), (17, 0.2), (23, -0.12))


def far_voice(seconds: float) -> Samples:
    """Who talks in the loudspeaker, over and over."""
    once = speech(FAR_TEXT, voice="en-us+f3")
    return np.resize(once, round(seconds * SAMPLE_RATE_HZ))


def near_voice() -> Samples:
    """Who talks in the room."""
    return speech(NEAR_TEXT, voice="en+m3")


def noise(seconds: float, *, level_db: float = -70.0, seed: int = 3) -> Samples:
    """The microphone's own, white."""
    random = np.random.default_rng(seed)
    samples = random.standard_normal(round(seconds * SAMPLE_RATE_HZ))
    return samples * 10 ** (level_db / 20)


def impulse_response(*, path_ms: int = 60, gain: float = 0.5, seed: int = 1) -> Samples:
    """The way through the room: the nearest path 3 ms long, four walls, and a tail
    that has fallen by 60 dB after `path_ms`. `gain` is that of white noise."""
    length = path_ms * SAMPLE_RATE_HZ // 1000
    random = np.random.default_rng(seed)
    response = 0.1 * random.standard_normal(length)
    response *= 10 ** (-3 * np.arange(length) / length)
    response[: _at(_NEAREST_MS)] = 0.0
    response[_at(_NEAREST_MS)] = 0.6
    for wall_ms, strength in _WALLS:
        response[_at(wall_ms)] += strength
    scaled: Samples = gain * response / np.sqrt(np.sum(response**2))
    return scaled


def echo_of(far: Samples, response: Samples) -> Samples:
    """What of `far` reaches the microphone."""
    size = len(far) + len(response)
    spectrum = np.fft.rfft(far, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[: len(far)]


def values_at(samples: Samples, at_s: Samples) -> Samples:
    """Band-limited values between the samples; as another clock would read them."""
    places = at_s * SAMPLE_RATE_HZ
    whole = np.floor(places).astype(np.intp)
    values = np.zeros(len(places))
    for tap in range(1 - _TAPS // 2, 1 + _TAPS // 2):
        offset = places - whole - tap
        index = np.clip(whole + tap, 0, len(samples) - 1)
        values += samples[index] * np.sinc(offset) * np.cos(np.pi * offset / _TAPS) ** 2
    return values


def level_db(samples: Samples) -> float:
    """Of the mean square, against full scale."""
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-20))


def between(samples: Samples, begin_s: float, end_s: float) -> Samples:
    """That part of it."""
    return samples[_at(1000 * begin_s) : _at(1000 * end_s)]


def _at(milliseconds: float) -> int:
    return round(milliseconds * SAMPLE_RATE_HZ / 1000)
