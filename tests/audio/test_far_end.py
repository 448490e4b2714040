"""What the loudspeaker plays is found by when it is heard."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from intercomd.audio.far_end import LEAD_S, FarEnd
from intercomd.audio.samples import Floats
from intercomd.domain.audio import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ

HERTZ = 400.0
AMPLITUDE = 8000.0
FILL_FRAMES = 2


def tone_at(sample: npt.NDArray[np.floating[Any] | np.integer[Any]]) -> Floats:
    wave: npt.NDArray[np.float64] = AMPLITUDE * np.sin(
        2 * np.pi * HERTZ * sample / SAMPLE_RATE_HZ
    )
    return wave.astype(np.float32)


class Cards:
    """A loudspeaker that plays a tone and a microphone, each by its own clock."""

    def __init__(self, *, drift: float = 0.0, jitter_s: float = 0.0) -> None:
        self.far_end = FarEnd()
        self.now = 0.0
        self.pause_s = 0.0  # of the loudspeaker, so far
        self._drift = drift
        self._jitter_s = jitter_s
        self._random = np.random.default_rng(4)
        self._put = 0

    def run(self, seconds: float) -> Floats:
        """The last frame taken."""
        taken = np.zeros(FRAME_SAMPLES, np.float32)
        for _ in range(round(seconds / FRAME_S)):
            self.now += FRAME_S
            while self._plays_at() < self.now + FILL_FRAMES * FRAME_S:
                wave = tone_at(self._put * FRAME_SAMPLES + np.arange(FRAME_SAMPLES))
                frame = wave.astype("<i2").tobytes()
                self.far_end.put(frame, self._plays_at() + self._jitter())
                self._put += 1
            taken = self.far_end.take(self.now - FRAME_S + self._jitter())
        return taken

    def heard(self) -> Floats:
        """What the last frame taken should be."""
        begin_s = self.now - FRAME_S + LEAD_S - self.pause_s
        sample = begin_s * (1 + self._drift) * SAMPLE_RATE_HZ + np.arange(FRAME_SAMPLES)
        return tone_at(sample)

    def error_s(self, taken: Floats) -> float:
        """How far beside it what was taken lies, by its phase."""
        wave = np.exp(-2j * np.pi * HERTZ * np.arange(FRAME_SAMPLES) / SAMPLE_RATE_HZ)
        angle = np.angle((taken @ wave) / (self.heard() @ wave))
        return float(angle / (2 * np.pi * HERTZ))

    def _plays_at(self) -> float:
        return self._put * FRAME_S / (1 + self._drift) + self.pause_s

    def _jitter(self) -> float:
        return float(self._jitter_s * self._random.standard_normal())


def test_nothing_played_is_silence() -> None:
    assert not FarEnd().take(1.0).any()


def test_the_frame_heard_meanwhile_is_taken() -> None:
    cards = Cards()
    taken = cards.run(0.5)
    assert np.allclose(taken, cards.heard(), atol=2.0)


def test_unsteady_clocks_do_not_move_it() -> None:
    cards = Cards(jitter_s=0.001)
    cards.run(0.5)
    before = cards.error_s(cards.run(FRAME_S))
    assert cards.error_s(cards.run(30.0)) == pytest.approx(before, abs=1e-5)
    assert cards.far_end.changes == 1


def test_a_loudspeaker_that_ran_dry_is_found_again() -> None:
    cards = Cards()
    cards.run(1.0)
    cards.pause_s = 0.02
    assert abs(cards.error_s(cards.run(0.5))) < 0.0001
    assert cards.far_end.changes == 2


@pytest.mark.parametrize("ppm", [-100, 50, 100, 300])
def test_a_drift_of_the_clocks_is_followed(ppm: int) -> None:
    cards = Cards(drift=ppm * 1e-6, jitter_s=0.0005)
    cards.run(30.0)
    before = cards.error_s(cards.run(FRAME_S))
    after = cards.error_s(cards.run(20.0))
    assert cards.far_end.drift == pytest.approx(ppm * 1e-6, abs=1e-5)
    assert abs(after - before) / 20.0 < 1e-5
