"""A loudspeaker's card is looked at about once a frame, and just when it is time."""

from __future__ import annotations

import math

import pytest

from intercomd.audio.due import NAP_S, Due
from intercomd.domain.audio import FRAME_S

FILL_S = 0.0075
FRAMES = 3000


class Clockwork:
    """A card that plays at its own pace and tells its position in steps."""

    def __init__(self, step_s: float, pace: float) -> None:
        self._step_s = step_s
        self._pace = pace
        self._given_s = 0.02
        self.looks = 0
        self.late_s: list[float] = []
        self.queued_s: list[float] = []

    def play(self, due: Due) -> None:
        """Give it `FRAMES` frames as the loudspeaker's thread does."""
        while len(self.late_s) < FRAMES:
            now = due.at
            self.looks += 1
            told_s = self._given_s - self._told(now)
            if told_s > FILL_S:
                due.early(told_s - FILL_S, now)
                continue
            self.queued_s.append(self._given_s - now * self._pace)
            self.late_s.append(now - self._called_at())
            self._given_s += FRAME_S
            due.met(now)

    def _told(self, now: float) -> float:
        played_s = now * self._pace
        if not self._step_s:
            return played_s
        return math.floor(played_s / self._step_s + 1e-9) * self._step_s

    def _called_at(self) -> float:
        """When it told first that no more than the fill waits."""
        due_s = self._given_s - FILL_S
        if self._step_s:
            due_s = math.ceil(due_s / self._step_s - 1e-9) * self._step_s
        return due_s / self._pace


@pytest.mark.parametrize("pace", [0.9995, 1.0, 1.0005])
@pytest.mark.parametrize(
    ("step_s", "looks"), [(0.0, 1.6), (0.001, 1.3), (0.005, 1.2), (0.01, 1.2)]
)
def test_a_frame_costs_little_more_than_a_look_and_is_given_in_time(
    step_s: float, looks: float, pace: float
) -> None:
    card = Clockwork(step_s, pace)
    card.play(Due(0.0))
    settled = card.late_s[50:]
    assert card.looks < looks * FRAMES
    assert min(settled) > -1e-6
    assert max(settled) < 1.1 * NAP_S
    assert sum(settled) / len(settled) < 0.0007
    assert min(card.queued_s) > FILL_S - step_s - NAP_S - 1e-6


def test_a_look_that_came_late_makes_the_next_one_no_later() -> None:
    due = Due(1.0)
    due.met(1.006)
    assert due.at == pytest.approx(1.01, abs=0.001)


def test_what_was_slept_through_is_caught_up_with_at_once() -> None:
    due = Due(1.0)
    for _ in range(3):
        due.met(1.03)
    assert due.at == pytest.approx(1.03, abs=0.001)
    due.early(0.008, 1.03)
    assert due.at == pytest.approx(1.03 + NAP_S)
