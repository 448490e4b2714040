"""Sound made shorter and longer by its own periods."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercomd.media.delay_control import LULL_ONLY
from intercomd.media.time_stretch import LAG_MAX, LAG_MIN, PAST, Stretched, stretched

QUIET_DBOV = 50.0


def voice(samples: int, hz: float, *, amplitude: float = 6_000.0) -> bytes:
    """Four harmonics, as of a vowel."""
    t = np.arange(samples) / 48_000
    sound = np.zeros(samples)
    for k in range(1, 5):
        sound += amplitude * np.sin(2 * np.pi * hz * k * t + k * k) / k
    return sound.astype(np.int16).tobytes()


def stretch(
    sound: bytes, wanted: int, likeness: float = 0.9, quiet_dbov: float = QUIET_DBOV
) -> Stretched | None:
    past, ahead = sound[: 2 * PAST], sound[2 * PAST :]
    return stretched(past, ahead, wanted, likeness, quiet_dbov)


@pytest.mark.parametrize("hz", [90, 130, 210, 350])
@pytest.mark.parametrize("wanted", [-720, -480, 480, 720])
def test_vowel_is_stretched_by_whole_periods_and_nobody_hears_where(
    hz: float, wanted: int
) -> None:
    sound = voice(PAST + 1440, hz)
    done = stretch(sound, wanted)
    if 48_000 / hz > abs(wanted) and wanted < 0:
        assert done is None  # less than a period cannot be taken out
        return
    assert done is not None
    assert len(done.pcm) == len(sound) - 2 * PAST + 2 * done.samples
    periods = done.samples * hz / 48_000
    assert periods == pytest.approx(round(periods), abs=0.02)
    assert done.samples * wanted > 0
    assert _roughness(sound[: 2 * PAST] + done.pcm) < 1.1 * _roughness(sound)


def _roughness(sound: bytes) -> float:
    """The sharpest bend of the curve: a click would be one."""
    curve = np.frombuffer(sound, np.int16).astype(np.float64)
    return float(np.abs(np.diff(curve, 2)).max())


def test_shorter_is_never_more_than_wanted() -> None:
    done = stretch(voice(PAST + 1440, 300), -400, likeness=0.0)
    assert done is not None
    assert -400 <= done.samples <= -LAG_MIN


@pytest.mark.parametrize("hz", [85, 109, 150, 240, 400])
@pytest.mark.parametrize("wanted", [120, 300, 480])
def test_longer_is_never_less_than_wanted_up_to_a_frame(hz: float, wanted: int) -> None:
    done = stretch(voice(PAST + 1440, hz), wanted)
    assert done is not None
    assert wanted <= done.samples <= LAG_MAX


def test_only_a_lull_will_do_where_nothing_else_may() -> None:
    sound = voice(PAST + 1440, 150)
    assert stretch(sound, -480, likeness=LULL_ONLY) is None
    quiet = voice(PAST + 1440, 150, amplitude=10.0)
    done = stretch(quiet, -480, likeness=LULL_ONLY)
    assert done is not None
    assert done.samples == -480


def test_what_is_not_like_itself_is_refused() -> None:
    noise = np.random.default_rng(1).normal(0, 3_000, PAST + 1440).astype(np.int16)
    assert stretch(noise.tobytes(), -480, likeness=0.9) is None
    assert stretch(noise.tobytes(), -480, likeness=0.0) is not None


@pytest.mark.parametrize("wanted", [-480, 480, -200])
def test_silence_and_background_are_stretched_by_just_what_is_wanted(
    wanted: int,
) -> None:
    noise = np.random.default_rng(1).normal(0, 50, PAST + 1440).astype(np.int16)
    done = stretch(noise.tobytes(), wanted)
    assert done is not None
    assert done.samples == wanted
    level = np.frombuffer(done.pcm, np.int16).astype(float).std()
    assert level == pytest.approx(50, rel=0.1)


def test_too_little_sound_is_left_alone() -> None:
    sound = voice(PAST + 300, 200)
    assert stretch(sound, -480) is None
    assert stretched(b"", sound, -480, 0.0, QUIET_DBOV) is None
    assert stretched(sound[: 2 * PAST], b"", 480, 0.0, QUIET_DBOV) is None


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 1000),
    ahead=st.integers(0, 3_000),
    wanted=st.integers(-30_000, 30_000).filter(bool),
)
def test_any_sound_keeps_account_of_its_samples(
    seed: int, ahead: int, wanted: int
) -> None:
    sound = np.random.default_rng(seed).integers(-32768, 32767, PAST + ahead, np.int16)
    done = stretch(sound.tobytes(), wanted, likeness=0.0)
    if done is None:
        return
    assert len(done.pcm) == 2 * (ahead + done.samples)
    assert LAG_MIN <= abs(done.samples) <= LAG_MAX
    assert wanted > 0 or done.samples >= wanted


def test_it_is_cheap() -> None:
    sound = voice(PAST + 1440, 150)
    costs_s = []
    for _ in range(50):
        before = time.perf_counter()
        stretch(sound, -480)
        costs_s.append(time.perf_counter() - before)
    assert min(costs_s) < 0.001  # 0.15 ms where the machine is quiet
