"""Sound at another rate: the same sound, soon, and its delay told truly."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.audio.layout import Mono
from intercomd.audio.resampler import Resampler

RATES = [
    (44_100, 48_000),
    (16_000, 48_000),
    (32_000, 48_000),
    (96_000, 48_000),
    (48_000, 44_100),
    (48_000, 16_000),
    (48_000, 96_000),
]


def sine(rate_hz: int, seconds: float = 1.0) -> Mono:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return np.asarray(np.round(10_000 * np.sin(2 * np.pi * 1000 * at)), np.int16)


def pieces(rate_hz: int) -> list[Mono]:
    return np.split(sine(rate_hz), 100)


@pytest.mark.parametrize(("rate_in_hz", "rate_out_hz"), RATES)
def test_a_tone_stays_the_same_tone_at_the_same_time(
    rate_in_hz: int, rate_out_hz: int
) -> None:
    resampler = Resampler(rate_in_hz, rate_out_hz)
    out = np.concatenate([resampler.put(piece) for piece in pieces(rate_in_hz)])
    at = np.arange(len(out)) / rate_out_hz
    inner = slice(rate_out_hz // 10, -rate_out_hz // 10)
    waves = np.stack([np.sin(2000 * np.pi * at), np.cos(2000 * np.pi * at)], axis=1)
    (straight, shifted), *_ = np.linalg.lstsq(waves[inner], out[inner])
    rest = out[inner] - waves[inner] @ (straight, shifted)
    assert np.hypot(straight, shifted) == pytest.approx(10_000, rel=0.01)
    assert abs(np.arctan2(shifted, straight)) / 2000 / np.pi < 0.00015
    assert np.sqrt(np.mean(rest**2)) < 7, "60 dB below"


@pytest.mark.parametrize(("rate_in_hz", "rate_out_hz"), RATES)
def test_it_is_steady_and_its_lag_is_what_is_owed(
    rate_in_hz: int, rate_out_hz: int
) -> None:
    resampler = Resampler(rate_in_hz, rate_out_hz)
    given, lags = 0, []
    for number, piece in enumerate(pieces(rate_in_hz), start=1):
        given += len(resampler.put(piece))
        lags.append(resampler.lag_s)
        assert resampler.lag_s == pytest.approx(number / 100 - given / rate_out_hz)
    assert max(lags[10:]) - min(lags[10:]) < 0.001
    assert max(lags[10:]) < 0.016


def test_the_commonest_rate_of_old_cards_is_captured_within_a_millisecond() -> None:
    resampler = Resampler(44_100, 48_000)
    for piece in pieces(44_100):
        resampler.put(piece)
    assert resampler.lag_s < 0.001


def test_after_a_gap_it_begins_anew() -> None:
    resampler = Resampler(44_100, 48_000)
    for piece in pieces(44_100)[:10]:
        resampler.put(piece)
    resampler.clear()
    assert resampler.lag_s == 0.0
    silence = np.zeros(441, np.int16)
    assert np.abs(resampler.put(silence)).max() <= 1  # which is soxr's dither
