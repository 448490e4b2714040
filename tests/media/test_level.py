"""The meter: how loud a frame is."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.domain.audio import FRAME_SAMPLES, SILENCE
from intercomd.media.level import rms_dbov


def square(amplitude: int) -> bytes:
    return np.resize(
        np.array([amplitude, -amplitude], np.int16), FRAME_SAMPLES
    ).tobytes()


@pytest.mark.parametrize(
    ("amplitude", "dbov"), [(32767, 0.0), (16384, 6.0), (3277, 20.0), (1, 90.3)]
)
def test_square_wave_is_as_loud_as_its_amplitude(amplitude: int, dbov: float) -> None:
    assert rms_dbov(square(amplitude)) == pytest.approx(dbov, abs=0.05)


def test_silence_is_127() -> None:
    assert rms_dbov(SILENCE) == 127.0


def test_most_negative_sample_is_not_louder_than_full_scale() -> None:
    assert rms_dbov(np.full(FRAME_SAMPLES, -32768, np.int16).tobytes()) == 0.0
