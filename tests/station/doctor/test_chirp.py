"""What is read from a recording: levels, and the echo of a chirp."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.domain.audio import SAMPLE_RATE_HZ
from intercomd.station.doctor.chirp import (
    CHIRPS,
    SILENT_DB,
    Samples,
    echo,
    level,
    score,
)
from tests.bench.echo_room import impulse_response


def noise(seconds: float, rms: float, seed: int = 1) -> Samples:
    random = np.random.default_rng(seed)
    return rms * random.standard_normal(round(seconds * SAMPLE_RATE_HZ))


def late(samples: Samples, delay_ms: float) -> Samples:
    return np.concatenate((np.zeros(round(delay_ms * 48)), samples))


@pytest.mark.parametrize("delay_ms", [0.5, 7.5, 40.0, 350.0])
@pytest.mark.parametrize("loss_db", [-6.0, 0.0, 20.0, 45.0])
def test_delay_and_loss_are_read_from_what_came_back(
    delay_ms: float, loss_db: float
) -> None:
    played, starts = score()
    heard = late(played, delay_ms) * 10 ** (-loss_db / 20)
    found = echo(heard + noise(len(heard) / 48_000, 1e-4), starts)
    assert found.heard == CHIRPS
    assert found.delay_s * 1000 == pytest.approx(delay_ms, abs=0.1)
    assert found.loss_db == pytest.approx(loss_db, abs=0.5)


def test_in_a_room_the_first_arrival_is_the_delay_and_all_of_it_the_loss() -> None:
    played, starts = score()
    response = impulse_response(gain=0.5)
    heard = np.convolve(played, response)
    found = echo(heard, starts)
    assert found.heard == CHIRPS
    assert found.delay_s * 1000 == pytest.approx(3.0, abs=0.2)
    assert found.loss_db == pytest.approx(6.0, abs=2.0)


def test_a_chirp_well_below_the_noise_is_still_heard() -> None:
    played, starts = score()
    heard = late(played, 12) * 0.02
    found = echo(heard + noise(len(heard) / 48_000, 0.005), starts)
    assert found.heard >= CHIRPS // 2
    assert found.delay_s * 1000 == pytest.approx(12, abs=0.3)


@pytest.mark.parametrize("seed", range(8))
def test_of_noise_alone_nothing_is_heard(seed: int) -> None:
    _, starts = score()
    assert echo(noise(4, 0.05, seed), starts).heard == 0


def test_of_silence_nothing_is_heard() -> None:
    played, starts = score()
    assert echo(np.zeros(len(played)), starts).heard == 0


def test_a_level_is_that_of_a_sine_as_meters_have_it() -> None:
    times = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    found = level(np.sin(2 * np.pi * 1000 * times) * 0.5)
    assert found.rms_db == pytest.approx(-9.03, abs=0.05)
    assert found.peak_db == pytest.approx(-6.02, abs=0.05)
    assert found.clipped == 0


def test_the_noise_floor_is_that_of_the_pauses() -> None:
    samples = noise(1, 0.001)
    samples[: SAMPLE_RATE_HZ // 2] += noise(0.5, 0.1, seed=2)
    found = level(samples)
    assert found.rms_db == pytest.approx(-23, abs=0.5)
    assert found.floor_db == pytest.approx(-60, abs=1.5)


def test_offset_and_clipping_are_told() -> None:
    found = level(np.clip(noise(1, 0.5) + 0.1, -1, 32767 / 32768))
    assert found.offset == pytest.approx(0.1, abs=0.02)
    assert found.clipped > 0.03


def test_zeros_are_silent() -> None:
    assert level(np.zeros(4800)).peak_db == SILENT_DB
