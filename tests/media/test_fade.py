"""Ramps and blends."""

from __future__ import annotations

import numpy as np

from intercomd.domain.audio import FRAME_SAMPLES
from intercomd.media.fade import blended


def steady(value: int) -> bytes:
    return np.full(FRAME_SAMPLES, value, np.int16).tobytes()


def test_ramp_goes_from_one_gain_to_the_other_and_stays() -> None:
    out = np.frombuffer(blended(steady(1000), None, 0.0, 1.0, 240), np.int16)
    assert (out[0], out[120], out[479]) == (0, 502, 1000)
    assert np.all(np.diff(out[:240]) >= 0)


def test_ramp_longer_than_the_sound_is_cut() -> None:
    assert len(blended(bytes(20), None, 1.0, 0.0, 240)) == 20


def test_what_is_lacking_is_filled_up_from_below() -> None:
    out = np.frombuffer(blended(steady(1000), steady(-1000), 1.0, 0.0, 480), np.int16)
    assert (out[0], out[479]) == (1000, -1000)
    assert np.all(np.diff(out) <= 0)


def test_longer_sound_goes_on_where_there_is_nothing_below() -> None:
    out = np.frombuffer(blended(steady(10) * 2, steady(10), 1.0, 0.5, 240), np.int16)
    assert set(out[:480].tolist()) == {10}
    assert set(out[480:].tolist()) == {5}
