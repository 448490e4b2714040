"""An echo is learnt and taken out; what else is in the room stays."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.audio.echo_filter import EchoFilter
from intercomd.audio.samples import Floats, Samples
from intercomd.domain.audio import FRAME_SAMPLES
from tests.audio.processed import through_stage
from tests.bench import echo_room
from tests.bench.signals import Samples as Sound


class Linear:
    """The filter, as a part of the chain."""

    def __init__(self) -> None:
        self.filter = EchoFilter()

    def process(self, near: Samples, far: Floats) -> Floats:
        return self.filter.process(near, far)[0]


@pytest.fixture(scope="module")
def far() -> Sound:
    return echo_room.far_voice(10.0)


def test_a_microphone_without_echo_passes_untouched() -> None:
    near = np.arange(FRAME_SAMPLES, dtype=np.int16)
    rest, left = EchoFilter().process(near, np.zeros(FRAME_SAMPLES, np.float32))
    assert np.array_equal(rest, near)
    assert not left.any()


@pytest.mark.parametrize("late_ms", [0, 2, 5, 9])
def test_an_echo_is_25_db_down_after_four_seconds(far: Sound, late_ms: int) -> None:
    late = np.concatenate((np.zeros(48 * late_ms), far))[: len(far)]
    echo = echo_room.echo_of(late, echo_room.impulse_response())
    rest = through_stage(Linear(), echo + echo_room.noise(10.0), far)
    before = echo_room.level_db(echo_room.between(echo, 4, 10))
    assert before - echo_room.level_db(echo_room.between(rest, 4, 10)) > 25.0


def test_who_talks_over_the_echo_is_kept(far: Sound) -> None:
    echo = echo_room.echo_of(far, echo_room.impulse_response())
    near = np.zeros_like(echo)
    near[5 * 48_000 :] = echo_room.near_voice()[: 5 * 48_000]
    rest = through_stage(Linear(), echo + near, far)
    wrong = echo_room.between(rest - near, 6, 10)
    said = echo_room.between(near, 6, 10)
    assert echo_room.level_db(said) - echo_room.level_db(wrong) > 18.0


def test_a_changed_room_is_learnt_anew(far: Sound) -> None:
    half = len(far) // 2
    one = echo_room.echo_of(far, echo_room.impulse_response())
    other = echo_room.echo_of(far, echo_room.impulse_response(seed=7))
    echo = np.concatenate((one[:half], other[half:]))
    rest = through_stage(Linear(), echo + echo_room.noise(10.0), far)
    before = echo_room.level_db(echo_room.between(echo, 8, 10))
    assert before - echo_room.level_db(echo_room.between(rest, 8, 10)) > 12.0


def test_it_idles_once_the_loudspeaker_is_silent(far: Sound) -> None:
    linear = Linear()
    through_stage(linear, far, far)
    assert not linear.filter.is_idle
    through_stage(linear, np.zeros(48_000))
    assert linear.filter.is_idle
