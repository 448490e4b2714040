"""Whether a station is alive, told from how far its sound has come."""

from __future__ import annotations

import pytest

from intercomd.station.heartbeat import STALLED_AFTER_S, Heartbeat, Pulse

Looks = list[list[Pulse]]


def beats(looks: Looks) -> list[bool]:
    """What is said at each look; they are a second apart."""
    heartbeat = Heartbeat()
    return [heartbeat.handle(pulses, float(at)) for at, pulses in enumerate(looks)]


def moving(seconds: int) -> list[Pulse]:
    return [Pulse(is_open=True, frames=100 * at) for at in range(seconds)]


STILL = Pulse(is_open=True, frames=7)
MISSING = Pulse(is_open=False, frames=7)


@pytest.mark.parametrize(
    ("looks", "alive_for"),
    [
        pytest.param([[] for _ in range(9)], 9, id="no sound wanted"),
        pytest.param([[p] for p in moving(9)], 9, id="it advances"),
        pytest.param([[MISSING]] * 9, 9, id="the card is known to be missing"),
        pytest.param([[STILL]] * 9, 4, id="it stands still from the start"),
        pytest.param([[p, STILL] for p in moving(9)], 4, id="one of two stands still"),
        pytest.param([[p, MISSING] for p in moving(9)], 9, id="one of two is missing"),
        pytest.param([[STILL]] * 3 + [[MISSING]] + [[STILL]] * 5, 8, id="reopened"),
    ],
)
def test_it_beats_while_sound_advances_or_is_known_not_to(
    looks: Looks, alive_for: int
) -> None:
    said = beats(looks)
    assert said == [True] * alive_for + [False] * (len(looks) - alive_for)


def test_it_beats_again_when_sound_goes_on() -> None:
    said = beats([[STILL]] * 6 + [[p] for p in moving(3)])
    assert said == [True] * 4 + [False] * 2 + [True] * 3


def test_other_cards_begin_anew() -> None:
    said = beats([[STILL]] * 3 + [[STILL, STILL]] * 3)
    assert all(said)


def test_a_card_has_the_time_to_be_opened_anew() -> None:
    assert STALLED_AFTER_S > 1.0
