"""Louder and quieter frames."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.domain.audio import FRAME_SAMPLES, SILENCE
from intercomd.media.gain import amplified, ramped


def frame(value: int) -> bytes:
    return np.full(FRAME_SAMPLES, value, np.int16).tobytes()


def test_gain_of_one_is_the_same_frame() -> None:
    pcm = frame(1234)
    assert amplified(pcm, 1.0) is pcm


def test_gain_of_zero_is_silence() -> None:
    assert amplified(frame(1234), 0.0) == SILENCE


@pytest.mark.parametrize(
    ("value", "gain", "result"),
    [
        (1000, 2.0, 2000),
        (1000, 0.5, 500),
        (30_000, 2.0, 32_767),
        (-30_000, 2.0, -32_768),
        (-32_768, 1.01, -32_768),
        (-32_768, 0.99, -32_440),
    ],
)
def test_gain_is_a_factor_held_to_full_scale(
    value: int, gain: float, result: int
) -> None:
    assert amplified(frame(value), gain) == frame(result)


def test_a_gain_that_moves_does_so_sample_by_sample() -> None:
    sound = np.frombuffer(ramped(frame(10_000), 1.0, 0.25), np.int16).astype(np.int32)
    assert sound[0] == pytest.approx(10_000, abs=20)
    assert sound[-1] == 2_500
    assert np.abs(np.diff(sound)).max() <= 7500 // FRAME_SAMPLES + 1


def test_a_gain_that_stays_is_as_before() -> None:
    pcm = frame(1234)
    assert ramped(pcm, 1.0, 1.0) is pcm
    assert ramped(pcm, 0.5, 0.5) == amplified(pcm, 0.5)


def test_a_moving_gain_is_held_to_full_scale() -> None:
    sound = np.frombuffer(ramped(frame(30_000), 1.0, 2.0), np.int16)
    assert sound.max() == 32_767
    assert sound.min() > 0
