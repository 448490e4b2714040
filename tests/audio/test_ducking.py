"""Half duplex: a microphone is turned down while the loudspeaker talks."""

from __future__ import annotations

import numpy as np

from intercomd.audio.ducking import ATTENUATION_DB, HANG_OVER_MS, Ducking
from intercomd.audio.samples import Samples
from intercomd.domain.audio import FRAME_MS, FRAME_SAMPLES

VOICE = np.full(FRAME_SAMPLES, 30_000, np.int16)
LOUD = np.full(FRAME_SAMPLES, 3000.0, np.float32)
FAINT = np.full(FRAME_SAMPLES, 10.0, np.float32)
HANG_OVER_FRAMES = HANG_OVER_MS // FRAME_MS


def gain_db(frame: Samples) -> float:
    return float(20 * np.log10(frame[-1] / VOICE[-1]))


def test_a_microphone_alone_is_left_as_it_is() -> None:
    assert np.array_equal(Ducking().process(VOICE, FAINT), VOICE)


def test_it_is_turned_down_within_a_frame() -> None:
    assert gain_db(Ducking().process(VOICE, LOUD)) < -ATTENUATION_DB + 0.1


def test_it_stays_down_for_the_hang_over() -> None:
    ducking = Ducking()
    ducking.process(VOICE, LOUD)
    for _ in range(HANG_OVER_FRAMES - 1):
        assert gain_db(ducking.process(VOICE, FAINT)) < -ATTENUATION_DB + 0.1


def test_it_comes_back_afterwards() -> None:
    ducking = Ducking()
    ducking.process(VOICE, LOUD)
    for _ in range(HANG_OVER_FRAMES + 11):
        ducking.process(VOICE, FAINT)
    assert np.array_equal(ducking.process(VOICE, FAINT), VOICE)


def test_the_gain_never_steps_within_a_frame() -> None:
    ducking = Ducking()
    frames = [ducking.process(VOICE, far) for far in [FAINT, LOUD, *[FAINT] * 45]]
    gains = np.concatenate(frames) / VOICE[0]
    assert np.abs(np.diff(gains)).max() < 0.01
