from __future__ import annotations

import numpy as np
import pytest

from tests.bench.signals import (
    SAMPLE_RATE_HZ,
    Samples,
    chirp_latencies,
    chirp_times_s,
    chirp_train,
    envelope_correlation,
    longest_gap_s,
    mouth_drift_ms,
)
from tests.bench.speech import speech

_TEXT = "one two three. four five six. seven eight nine ten."


@pytest.mark.parametrize("delay_ms", [0.0, 37.25, 213.6, 640.0])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_known_chirp_delays_are_found(delay_ms: float, noise: float) -> None:
    mouth = _padded(chirp_train(10).samples, after_s=1.2)
    ear = _delayed(mouth, delay_ms / 1000)
    ear += noise * np.random.default_rng(7).standard_normal(len(ear))
    latencies = chirp_latencies(mouth, ear)
    assert latencies.missed == 0
    assert latencies.median_ms == pytest.approx(delay_ms, abs=0.1)


def test_chirps_are_not_heard_in_silence() -> None:
    mouth = _padded(chirp_train(5).samples, after_s=1.2)
    hiss = 1e-3 * np.random.default_rng(7).standard_normal(len(mouth))
    assert chirp_latencies(mouth, hiss).heard_ms == ()
    assert chirp_latencies(mouth, np.zeros(len(mouth))).heard_ms == ()


def test_chirps_are_found_that_come_soon_after_each_other() -> None:
    train = chirp_train(10, gap_s=0.2, jitter_s=0.0)
    quiet = 0.1 * train.samples
    quiet += 1e-3 * np.random.default_rng(7).standard_normal(len(quiet))
    expected = train.starts / SAMPLE_RATE_HZ
    assert chirp_times_s(quiet) == pytest.approx(expected, abs=0.001)
    assert chirp_times_s(quiet, falling=True) == []
    assert chirp_times_s(np.zeros(SAMPLE_RATE_HZ)) == []


def test_another_talkers_falling_chirps_are_not_heard_as_ours() -> None:
    mouth = _padded(chirp_train(10).samples, after_s=1.2)
    other = _padded(chirp_train(10, seed=2, falling=True).samples, after_s=1.2)
    ear = np.zeros(len(mouth))
    ear[: len(other)] = other[: len(ear)]
    assert chirp_latencies(mouth, ear).heard_ms == ()


def test_a_chirp_that_is_cut_out_is_missed_alone() -> None:
    train = chirp_train(5)
    ear = train.samples.copy()
    ear[train.starts[2] : train.starts[2] + SAMPLE_RATE_HZ // 10] = 0
    latencies = chirp_latencies(train.samples, ear)
    assert [each is None for each in latencies.each_ms] == [False] * 2 + [True] + [
        False
    ] * 2


def test_a_player_that_stumbles_shows_as_drift() -> None:
    train = chirp_train(5)
    cut = int(train.starts[3]) - 1000
    stumbled = np.concatenate((train.samples[:cut], np.zeros(240), train.samples[cut:]))
    assert mouth_drift_ms(train.samples, train) < 0.01
    assert mouth_drift_ms(stumbled, train) == pytest.approx(5.0, abs=0.1)


def test_envelope_correlation_finds_a_known_delay() -> None:
    source = speech(_TEXT)
    match = envelope_correlation(source, 0.3 * _delayed(source, 0.25))
    assert match.correlation > 0.99
    assert match.delay_s == pytest.approx(0.25, abs=0.01)


def test_silence_correlates_with_nothing() -> None:
    source = speech(_TEXT)
    assert envelope_correlation(source, np.zeros(len(source))).correlation == 0.0
    hiss = 0.01 * np.random.default_rng(1).standard_normal(len(source))
    assert envelope_correlation(source, hiss).correlation < 0.4


def test_words_in_another_order_correlate_less() -> None:
    words = [speech(word) for word in ("unbelievable", "no", "eleven elephants")]
    said = np.concatenate(words)
    swapped = np.concatenate(words[::-1])
    assert envelope_correlation(said, said).correlation > 0.99
    assert envelope_correlation(said, swapped).correlation < 0.8


def test_the_longest_gap_is_the_one_cut_into_a_tone() -> None:
    tone = 0.3 * np.sin(
        np.arange(2 * SAMPLE_RATE_HZ) * 2 * np.pi * 440 / SAMPLE_RATE_HZ
    )
    heard = _delayed(tone, 0.1)
    assert longest_gap_s(tone, heard, delay_s=0.1) == 0.0
    heard[SAMPLE_RATE_HZ : SAMPLE_RATE_HZ + 2880] = 0
    assert longest_gap_s(tone, heard, delay_s=0.1) == pytest.approx(0.06, abs=0.01)


def test_a_pause_of_the_talker_is_no_gap() -> None:
    tone = 0.3 * np.sin(np.arange(SAMPLE_RATE_HZ) * 2 * np.pi * 440 / SAMPLE_RATE_HZ)
    source = np.concatenate((tone, np.zeros(SAMPLE_RATE_HZ), tone))
    assert longest_gap_s(source, source, delay_s=0.0) == 0.0


def _padded(samples: Samples, *, after_s: float) -> Samples:
    return np.concatenate((samples, np.zeros(int(after_s * SAMPLE_RATE_HZ))))


def _delayed(samples: Samples, delay_s: float) -> Samples:
    """Delayed by any time, the part of a sample by linear interpolation."""
    whole, part = divmod(delay_s * SAMPLE_RATE_HZ, 1.0)
    shifted = np.concatenate((np.zeros(int(whole)), samples, np.zeros(1)))
    later = np.concatenate((np.zeros(1), shifted[:-1]))
    delayed: Samples = shifted * (1 - part) + later * part
    return delayed
