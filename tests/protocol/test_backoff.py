"""Waits before the next attempt: doubled, capped, shortened by chance."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercomd.protocol.backoff import Backoff


def waits(chance: float, count: int) -> list[float]:
    backoff = Backoff(first_s=0.25, cap_s=1.5, chance=lambda: chance)
    return [backoff.next_s() for _ in range(count)]


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        (0.0, [0.125, 0.25, 0.5, 0.75, 0.75]),
        (0.5, [0.1875, 0.375, 0.75, 1.125, 1.125]),
        (1.0, [0.25, 0.5, 1.0, 1.5, 1.5]),
    ],
)
def test_waits_double_up_to_the_cap(chance: float, expected: list[float]) -> None:
    assert waits(chance, 5) == expected


@settings(deadline=None)
@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=40))
def test_jitter_only_shortens_and_by_no_more_than_a_half(chances: list[float]) -> None:
    turns = iter(chances)
    backoff = Backoff(first_s=0.25, cap_s=1.5, chance=lambda: next(turns))
    for attempt in range(len(chances)):
        full_s = min(0.25 * 2**attempt, 1.5)
        assert full_s / 2 <= backoff.next_s() <= full_s


def test_a_night_of_attempts_stays_at_the_cap() -> None:
    assert waits(0.999999, 50_000)[-1] == pytest.approx(1.5, rel=1e-5)


def test_reset_begins_again_with_the_shortest() -> None:
    backoff = Backoff(first_s=0.25, cap_s=1.5, chance=lambda: 1.0)
    for _ in range(4):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() == 0.25
