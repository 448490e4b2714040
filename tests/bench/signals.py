"""Test sounds, and what can be read back from a recording of them.

Everything is float64 samples, -1..1, 48 kHz mono. It knows no sound system.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 48_000

Samples = npt.NDArray[np.float64]

_CHIRP_S = 0.06
_CHIRP_HZ = (500.0, 3000.0)
_EDGE_S = 0.008
_ENVELOPE_S = 0.010
_FLOOR_RATIO = 6.0
_LEAST_SIMILARITY = 0.45
_QUIETEST_CHIRP = 0.02


@dataclass(frozen=True, slots=True)
class ChirpTrain:
    """A train of chirps and where each begins, in samples."""

    samples: Samples
    starts: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Latencies:
    """Mouth-to-ear milliseconds, one per chirp said; None where it was not heard."""

    each_ms: tuple[float | None, ...]

    @property
    def heard_ms(self) -> tuple[float, ...]:
        return tuple(each for each in self.each_ms if each is not None)

    @property
    def missed(self) -> int:
        return len(self.each_ms) - len(self.heard_ms)

    @property
    def median_ms(self) -> float:
        return float(np.median(self.heard_ms))

    @property
    def p95_ms(self) -> float:
        return float(np.percentile(self.heard_ms, 95))


@dataclass(frozen=True, slots=True)
class Match:
    """How alike two envelopes are (-1..1) at the delay that suits them best."""

    correlation: float
    delay_s: float


def chirp_train(
    count: int = 20,
    *,
    gap_s: float = 0.8,
    jitter_s: float = 0.2,
    lead_s: float = 0.5,
    rest_s: float = 1.0,
    amplitude: float = 0.4,
    seed: int = 1,
    falling: bool = False,
) -> ChirpTrain:
    """`count` chirps, `gap_s` to `gap_s + jitter_s` apart; `rest_s` from the last
    one's beginning to the end.

    The spacing is pseudo-random so that frames of any length are met in all
    their phases. Rising and falling chirps are nearly orthogonal: two talkers at
    once take one each.
    """
    generator = np.random.default_rng(seed)
    gaps = gap_s + jitter_s * generator.random(count - 1)
    onsets_s = lead_s + np.cumsum(np.concatenate(([0.0], gaps)))
    starts = np.round(onsets_s * SAMPLE_RATE_HZ).astype(np.int64)
    samples = np.zeros(int(starts[-1] + rest_s * SAMPLE_RATE_HZ))
    chirp = amplitude * _chirp(falling=falling)
    for start in starts:
        samples[start : start + len(chirp)] += chirp
    return ChirpTrain(samples, starts)


def chirp_latencies(
    mouth: Samples,
    ear: Samples,
    *,
    falling: bool = False,
    early_s: float = 0.05,
    window_s: float = 0.75,
) -> Latencies:
    """The delay of every chirp at the mouth until it is at the ear.

    A chirp counts as heard when its matched-filter response stands out of the
    ear's floor and the ear's sound resembles a chirp. Resolution ~0.02 ms.
    `window_s` must be less than the train's `gap_s`.
    """
    response = _matched_filter(ear, falling=falling)
    floor = float(np.median(response)) + 1e-6
    length = len(_chirp(falling=falling))
    each: list[float | None] = []
    for start in _chirp_starts(mouth, falling=falling):
        first = max(0, int(start - early_s * SAMPLE_RATE_HZ))
        last = min(len(response), int(start + window_s * SAMPLE_RATE_HZ))
        if last - first < length:
            continue
        peak = first + int(response[first:last].argmax())
        energy = float(np.linalg.norm(ear[peak : peak + length])) + 1e-9
        stands_out = response[peak] >= _FLOOR_RATIO * floor
        if stands_out and response[peak] / energy >= _LEAST_SIMILARITY:
            each.append((_refined(response, peak) - start) / SAMPLE_RATE_HZ * 1000)
        else:
            each.append(None)
    return Latencies(tuple(each))


def chirp_times_s(samples: Samples, *, falling: bool = False) -> list[float]:
    """When chirps begin in what was heard, however close to each other they are.

    Their loudness does not matter, as long as they are no quieter than a fiftieth of
    full scale.
    """
    if len(samples) < len(_chirp(falling=falling)):
        return []
    response = _matched_filter(samples, falling=falling)
    length = len(_chirp(falling=falling))
    sums = np.concatenate(([0.0], np.cumsum(samples**2), np.zeros(length)))
    sums[len(samples) + 1 :] = sums[len(samples)]
    energy = np.sqrt(sums[length : length + len(samples)] - sums[: len(samples)])
    energy = np.maximum(energy, _QUIETEST_CHIRP * np.linalg.norm(_chirp(falling=False)))
    alike = np.flatnonzero(response >= _LEAST_SIMILARITY * energy)
    times: list[float] = []
    while alike.size:
        first = int(alike[0])
        peak = first + int(response[first : first + length].argmax())
        times.append(peak / SAMPLE_RATE_HZ)
        alike = alike[alike >= peak + length]
    return times


def mouth_drift_ms(
    mouth: Samples, train: ChirpTrain, *, falling: bool = False
) -> float:
    """How far the chirps at the mouth are from where the train put them.

    Above 1 ms the player has stumbled and the run says nothing about latency.
    """
    starts = _chirp_starts(mouth, falling=falling)
    if len(starts) != len(train.starts):
        return float("inf")
    offset = np.asarray(starts) - train.starts
    return float(np.abs(offset - offset[0]).max()) / SAMPLE_RATE_HZ * 1000


def envelope_correlation(
    source: Samples, heard: Samples, *, longest_delay_s: float = 2.0
) -> Match:
    """How well the loudness of `heard` follows that of `source`, at the best lag.

    10 ms RMS envelopes; normalised over the span of `source`, so that a word
    missing, swapped or doubled lowers it. Silence gives 0 at delay 0.
    """
    said, got = envelope(source), envelope(heard)
    lags = round(longest_delay_s / _ENVELOPE_S)
    got = np.concatenate((got, np.zeros(max(0, len(said) + lags - len(got)))))
    best = Match(0.0, 0.0)
    for lag in range(lags + 1):
        correlation = _correlation(said, got[lag : lag + len(said)])
        if correlation > best.correlation:
            best = Match(correlation, lag * _ENVELOPE_S)
    return best


def longest_gap_s(
    source: Samples, heard: Samples, *, delay_s: float, threshold_db: float = -30.0
) -> float:
    """The longest silence in `heard` while `source`, `delay_s` earlier, sounds.

    "Sounds" and "silence" are 10 ms RMS above and below `threshold_db` of each
    signal's own loudest 10 ms; edges where the source fades are forgiven by
    asking the source for 12 dB more.
    """
    said, got = envelope(source), envelope(heard)
    lag = round(delay_s / _ENVELOPE_S)
    got = np.concatenate((got[lag:], np.zeros(len(said))))[: len(said)]
    speaks = said > said.max(initial=0.0) * 10 ** ((threshold_db + 12) / 20)
    silent = got <= got.max(initial=0.0) * 10 ** (threshold_db / 20)
    longest = run = 0
    for gap in speaks & silent:
        run = run + 1 if gap else 0
        longest = max(longest, run)
    return longest * _ENVELOPE_S


def envelope(samples: Samples) -> Samples:
    """The RMS of every whole 10 ms."""
    width = round(_ENVELOPE_S * SAMPLE_RATE_HZ)
    blocks = samples[: len(samples) // width * width].reshape(-1, width)
    rms: Samples = np.sqrt((blocks * blocks).mean(axis=1))
    return rms


def _correlation(one: Samples, other: Samples) -> float:
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / scale if scale > 1e-9 else 0.0


def _chirp(*, falling: bool) -> Samples:
    """A linear sweep inside the telephone band: it survives any voice codec."""
    low, high = _CHIRP_HZ
    t = np.arange(int(_CHIRP_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    sweep: Samples = np.sin(
        2 * np.pi * (low * t + (high - low) / (2 * _CHIRP_S) * t * t)
    )
    edge = int(_EDGE_S * SAMPLE_RATE_HZ)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    sweep[:edge] *= rise
    sweep[-edge:] *= rise[::-1]
    return sweep[::-1].copy() if falling else sweep


def _matched_filter(samples: Samples, *, falling: bool) -> Samples:
    """The envelope of the response to a chirp; index = where the chirp begins."""
    chirp = _chirp(falling=falling)
    chirp = chirp / np.linalg.norm(chirp)
    size = 1 << (len(samples) + len(chirp) - 1).bit_length()
    spectrum = np.fft.fft(samples, size) * np.conj(np.fft.fft(chirp, size))
    # One-sided spectrum: the analytic signal, whose magnitude is the envelope.
    spectrum[1 : size // 2] *= 2
    spectrum[size // 2 + 1 :] = 0
    response: Samples = np.abs(np.fft.ifft(spectrum))[: len(samples)]
    return response


def _chirp_starts(samples: Samples, *, falling: bool) -> list[float]:
    response = _matched_filter(samples, falling=falling)
    threshold = max(1e-4, 0.35 * float(np.percentile(response, 99.95)))
    apart = SAMPLE_RATE_HZ // 2
    above = np.flatnonzero(response > threshold)
    starts: list[float] = []
    while above.size:
        first = int(above[0])
        peak = first + int(response[first : first + apart].argmax())
        starts.append(_refined(response, peak))
        above = above[above >= peak + apart]
    return starts


def _refined(response: Samples, peak: int) -> float:
    """The peak between samples, by a parabola through its neighbours."""
    if not 0 < peak < len(response) - 1:
        return float(peak)
    left, top, right = (float(v) for v in response[peak - 1 : peak + 2])
    bend = left - 2 * top + right
    return peak + (0.5 * (left - right) / bend if bend else 0.0)
