"""Ramps and cross-fades."""

from __future__ import annotations

import numpy as np

from intercomd.domain.audio import FRAME_BYTES, FRAME_SAMPLES
from intercomd.media.fade import crossfaded, ramped


def steady(value: int) -> bytes:
    return np.full(FRAME_SAMPLES, value, np.int16).tobytes()


def test_ramp_goes_from_one_gain_to_the_other_and_stays() -> None:
    out = np.frombuffer(ramped(steady(1000), 0.0, 1.0, 240), np.int16)
    assert (out[0], out[120], out[479]) == (0, 502, 1000)
    assert np.all(np.diff(out[:240]) >= 0)


def test_ramp_longer_than_the_sound_is_cut() -> None:
    assert len(ramped(bytes(20), 1.0, 0.0, 240)) == 20


def test_crossfade_begins_as_the_first_and_ends_as_the_second() -> None:
    faded = crossfaded(steady(1000), steady(-1000))
    out = np.frombuffer(faded, np.int16)
    assert len(faded) == FRAME_BYTES
    assert (out[0], out[479]) == (1000, -1000)
    assert np.all(np.diff(out) <= 0)
