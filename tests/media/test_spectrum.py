"""A sine is where it belongs, and as strong as it is."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.domain.audio import FRAME_SAMPLES, SILENCE
from intercomd.media.spectrum import BANDS, spectrum


@pytest.mark.parametrize("hz", [500, 1000, 6000, 20_000])
def test_a_sine_is_loudest_in_its_own_band(hz: int) -> None:
    found = spectrum(sine(hz, 32767))
    assert len(found) == BANDS
    assert int(np.argmax(found)) == hz // 375
    assert max(found) == pytest.approx(2**30, rel=0.1)


def test_half_the_amplitude_is_a_quarter_of_the_power() -> None:
    loud, quiet = max(spectrum(sine(1000, 20_000))), max(spectrum(sine(1000, 10_000)))
    assert quiet == pytest.approx(loud / 4, rel=0.01)


def test_silence_has_no_power() -> None:
    assert set(spectrum(SILENCE)) == {0.0}


def test_the_loudest_possible_frame_is_held_to_the_range() -> None:
    square = np.where(np.arange(FRAME_SAMPLES) // 24 % 2, 32767, -32768)
    assert max(spectrum(square.astype("<i2").tobytes())) == 2**30


def sine(hz: int, amplitude: int) -> bytes:
    time_s = np.arange(FRAME_SAMPLES) / 48_000
    wave = amplitude * np.sin(2 * np.pi * hz * time_s)
    return wave.astype("<i2").tobytes()
