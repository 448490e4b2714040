"""Louder and quieter frames."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.domain.audio import FRAME_SAMPLES, SILENCE
from intercomd.media.gain import amplified


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
