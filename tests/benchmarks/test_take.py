from __future__ import annotations

import numpy as np
import pytest

from tests.bench.signals import chirp_latencies
from tests.benchmarks.script import CHIRP_WINDOW_S, SPEECH_S, script
from tests.benchmarks.take import delay, resampled, taken


def test_the_script_is_found_where_it_begins() -> None:
    said = script()
    mouth = np.concatenate((np.zeros(12_345), said.talker, np.zeros(48_000)))
    ear = np.roll(mouth, 48 * 40)
    take = taken(said, mouth, ear)
    assert take.begin == 12_345
    found = chirp_latencies(*take.part(said.chirps), window_s=CHIRP_WINDOW_S)
    assert found.missed == 0
    assert found.median_ms == pytest.approx(40.0, abs=0.1)


def test_the_listener_is_silent_until_both_talk() -> None:
    said = script()
    assert not said.listener[: said.duplex.start].any()
    assert said.listener[said.duplex].any()
    assert said.speech.stop - said.speech.start == SPEECH_S * 48_000


def test_a_delay_is_found_in_either_direction() -> None:
    noise = np.random.default_rng(1).standard_normal(1000)
    later = np.concatenate((np.zeros(70), noise))
    assert delay(noise, later) == 70
    assert delay(later, noise) == -70


def test_another_clock_keeps_level_and_pitch() -> None:
    t = np.arange(48_000) / 48_000
    tone = np.sin(2 * np.pi * 440 * t)
    slower = resampled(tone, 48_024)
    expected = np.sin(2 * np.pi * 440 * np.arange(48_024) / 48_024)
    assert np.abs(slower - expected).max() < 0.01
