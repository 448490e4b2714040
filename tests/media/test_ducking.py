"""Who is lowered while somebody of higher priority talks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.media.ducking import (
    ATTACK_FRAMES,
    HANG_OVER_FRAMES,
    LOWERED_DB,
    RELEASE_FRAMES,
    Ducking,
)

LOWERED = 10 ** (LOWERED_DB / 20)
QUIET, LOUD = 127.0, 20.0


def hear(ducking: Ducking, frames: int, **levels: float) -> list[float]:
    """So many frames of the slots s0, s1, ...; the gain of s0 after each."""
    gains = []
    for _ in range(frames):
        for name, level in levels.items():
            ducking.hear(int(name[1:]), level)
        ducking.step()
        gains.append(ducking.gain(0))
    return gains


def first(*priorities: int) -> Ducking:
    ducking = Ducking()
    for slot, priority in enumerate(priorities):
        ducking.set_priority(slot, priority)
    return ducking


def test_without_priorities_nothing_is_needed() -> None:
    assert not Ducking().is_needed
    assert not first(0, 0).is_needed


def test_lower_ones_are_lowered_fast_and_come_back_slowly() -> None:
    ducking = first(0, 1)
    down = hear(ducking, ATTACK_FRAMES, s0=LOUD, s1=LOUD)
    assert down[0] < 1.0
    assert down[-1] == pytest.approx(LOWERED)
    held = hear(ducking, HANG_OVER_FRAMES - 1, s0=LOUD, s1=QUIET)
    assert set(held) == {down[-1]}
    up = hear(ducking, RELEASE_FRAMES + 1, s0=LOUD, s1=QUIET)
    assert up == sorted(up)
    assert up[RELEASE_FRAMES // 2] == pytest.approx(LOWERED**0.5, rel=0.1)
    assert up[-1] == 1.0


def test_one_of_higher_priority_that_is_silent_lowers_nobody() -> None:
    assert set(hear(first(0, 1), 50, s0=LOUD, s1=60.0)) == {1.0}


def test_equals_do_not_lower_each_other() -> None:
    assert set(hear(first(3, 3), 50, s0=LOUD, s1=LOUD)) == {1.0}


def test_the_highest_lowers_the_second_too() -> None:
    assert hear(first(1, 2), 50, s0=LOUD, s1=LOUD)[-1] == pytest.approx(LOWERED)


def test_when_the_one_who_lowered_goes_the_others_come_back() -> None:
    ducking = first(0, 1)
    hear(ducking, 50, s0=LOUD, s1=LOUD)
    ducking.forget(1)
    assert ducking.is_needed
    assert hear(ducking, RELEASE_FRAMES + 1, s0=LOUD)[-1] == 1.0
    assert not ducking.is_needed


@given(
    st.lists(st.integers(0, 2), min_size=4, max_size=4),
    st.lists(st.tuples(*[st.sampled_from([LOUD, QUIET])] * 4), max_size=100),
)
def test_gains_never_jump_and_the_highest_is_never_lowered(
    priorities: list[int], course: list[tuple[float, ...]]
) -> None:
    ducking = first(*priorities)
    before = [1.0] * 4
    for levels in course:
        for slot, level in enumerate(levels):
            ducking.hear(slot, level)
        ducking.step()
        gains = [ducking.gain(slot) for slot in range(4)]
        for slot, gain in enumerate(gains):
            assert LOWERED - 1e-9 <= gain <= 1.0
            assert 0.6 < gain / before[slot] < 1.1
            if priorities[slot] == max(priorities):
                assert gain == 1.0
        before = gains
