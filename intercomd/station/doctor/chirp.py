"""A chirp, and what can be read from a recording made while it was played. Pure.

Samples are float64, -1..1, 48 kHz mono.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from intercomd.domain.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ

Samples = npt.NDArray[np.float64]

CHIRPS: Final = 4
GAP_S: Final = 0.6
AMPLITUDE: Final = 0.25

SILENT_DB = -120.0
"""What a level of nothing but zeros is told as."""

_CHIRP_S, _LOW_HZ, _HIGH_HZ, _EDGE_S = 0.2, 400.0, 4000.0, 0.02
_TAIL_S = 0.1
_HEARD_RATIO = 10.0  # of noise alone, 28,800 samples reach 6.5
_AGREED_S = 0.004
_FULL = 32768.0


def chirp() -> Samples:
    """One rising chirp with soft edges."""
    times = np.arange(round(_CHIRP_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    slope = (_HIGH_HZ - _LOW_HZ) / (2 * _CHIRP_S)
    tone = np.sin(2 * math.pi * (_LOW_HZ + slope * times) * times)
    edge = np.minimum(1.0, np.minimum(times, times[::-1]) / _EDGE_S)
    shaped: Samples = AMPLITUDE * tone * edge
    return shaped


def score() -> tuple[Samples, list[int]]:
    """What is played: `CHIRPS` chirps, and at which sample each begins."""
    starts = [round((n + 1) * GAP_S * SAMPLE_RATE_HZ) for n in range(CHIRPS)]
    length = round((CHIRPS + 2) * GAP_S * SAMPLE_RATE_HZ)
    samples = np.zeros(length - length % FRAME_SAMPLES)
    one = chirp()
    for start in starts:
        samples[start : start + len(one)] = one
    return samples, starts


@dataclass(frozen=True, slots=True)
class Level:
    """Of a recording in dBFS; a full-scale sine has an RMS of -3.

    floor_db  that of the quietest tenth of its 10 ms pieces
    offset    the mean, 1 is full scale
    clipped   how much of it, 0 to 1, is at full scale
    """

    rms_db: float
    floor_db: float
    peak_db: float
    offset: float
    clipped: float


def level(samples: Samples) -> Level:
    """The level of a recording of at least one frame."""
    offset = float(samples.mean())
    whole = len(samples) - len(samples) % FRAME_SAMPLES
    pieces = (samples[:whole] - offset).reshape(-1, FRAME_SAMPLES)
    powers = np.sort((pieces**2).mean(axis=1))
    peak = float(np.abs(samples).max())
    return Level(
        rms_db=_db(float(powers.mean())),
        floor_db=_db(float(powers[: max(1, len(powers) // 10)].mean())),
        peak_db=_db(peak**2),
        offset=offset,
        clipped=float((np.abs(samples) >= 1.0 - 1.5 / _FULL).mean()),
    )


@dataclass(frozen=True, slots=True)
class Echo:
    """What came back of the chirps.

    heard    how many of them
    delay_s  from being handed to the loudspeaker until read from the microphone
    loss_db  by how much it was quieter then; negative if louder
    """

    heard: int
    delay_s: float = 0.0
    loss_db: float = 0.0


def echo(recording: Samples, starts: list[int]) -> Echo:
    """Look for the chirps that were handed out at these samples of the recording."""
    one = chirp()
    response = _matched(recording, one)
    floor = float(np.median(response)) + 1e-9
    found: list[tuple[float, float]] = []
    for start in starts:
        window = response[start : start + round(GAP_S * SAMPLE_RATE_HZ)]
        if not len(window) or window.max() < _HEARD_RATIO * floor:
            continue
        # The first arrival, not the strongest reflection, is the delay.
        first = int(np.argmax(window >= 0.5 * window.max()))
        peak = first + int(window[first : first + FRAME_SAMPLES // 4].argmax())
        found.append((peak / SAMPLE_RATE_HZ, _loss_db(recording, start + peak, one)))
    if not found:
        return Echo(0)
    delay_s = float(np.median([delay for delay, _ in found]))
    agreed = [each for each in found if abs(each[0] - delay_s) < _AGREED_S]
    if len(agreed) < CHIRPS // 2:  # chance resemblances are each somewhere else
        return Echo(0)
    return Echo(len(agreed), delay_s, float(np.median([loss for _, loss in agreed])))


def _matched(recording: Samples, one: Samples) -> Samples:
    """How much of the chirp begins at each sample: its amplitude there, 1 as sent."""
    length = len(recording)
    size = 1 << (length + len(one)).bit_length()
    spectrum = np.fft.rfft(recording, size) * np.conj(np.fft.rfft(one, size))
    matched: Samples = np.abs(np.fft.irfft(spectrum, size)[:length])
    scaled: Samples = matched / float(one @ one)
    return scaled


def _loss_db(recording: Samples, at: int, one: Samples) -> float:
    """Energy sent over energy that came back, reflections and all, noise taken off."""
    length = len(one) + round(_TAIL_S * SAMPLE_RATE_HZ)
    back = recording[at : at + length]
    before = recording[max(0, at - length) : max(0, at - FRAME_SAMPLES)]
    noise = float((before**2).mean()) if len(before) else 0.0
    came = float((back**2).sum()) - noise * len(back)
    sent = float((one**2).sum())
    return 10 * math.log10(sent / max(came, 1e-12))


def _db(power: float) -> float:
    return max(SILENT_DB, 10 * math.log10(max(power, 1e-30)))
