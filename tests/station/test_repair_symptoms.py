"""What ails a station, told from looks at it a second apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intercomd.station.heartbeat import Pulse
from intercomd.station.repair_symptoms import Signs, Symptom, Symptoms

TALKING = Signs(is_connected=True, is_playing=True, is_publishing=True)


def well(second: int) -> Signs:
    """A look at a station in a call, nothing of which stands still."""
    return replace(
        TALKING,
        pulses=[Pulse(is_open=True, frames=100 * second)] * 2,
        packets_received=100 * second,
        packets_sent=100 * second,
    )


def first_told_s(looks: list[Signs], every_s: float = 1.0) -> dict[Symptom, float]:
    """When each symptom was told first, of looks that are so far apart."""
    symptoms = Symptoms()
    told: dict[Symptom, float] = {}
    for index, signs in enumerate(looks):
        now = index * every_s
        for symptom in symptoms.handle(signs, now):
            told.setdefault(symptom, now)
    return told


def test_nothing_ails_a_station_in_a_call() -> None:
    assert first_told_s([well(second) for second in range(300)]) == {}


def test_nothing_ails_a_station_alone_without_a_server() -> None:
    alone = [replace(Signs(), pulses=well(second).pulses) for second in range(300)]
    assert first_told_s(alone) == {}


@pytest.mark.parametrize(
    ("stuck", "symptom", "told_s"),
    [
        ({"packets_received": 7}, Symptom.DEAF, 4),
        ({"packets_sent": 7}, Symptom.DUMB, 4),
        ({"flat_frames": 6000}, Symptom.FLAT, 60),
        ({"pulses": [Pulse(is_open=True, frames=7)]}, Symptom.STALLED, 5),
    ],
    ids=["deaf", "dumb", "flat", "stalled"],
)
def test_what_stands_still_is_a_symptom_after_a_while(
    stuck: dict[str, object], symptom: Symptom, told_s: float
) -> None:
    looks = [
        replace(well(second), **stuck)  # type: ignore[arg-type]
        for second in range(90)
    ]
    assert first_told_s(looks) == {symptom: told_s}


@pytest.mark.parametrize("fact", ["is_connected", "is_playing"])
def test_no_packets_are_no_symptom_where_none_are_due(fact: str) -> None:
    looks = [
        replace(well(second), packets_received=7, **{fact: False})  # type: ignore[arg-type]
        for second in range(90)
    ]
    assert first_told_s(looks) == {}


def test_a_microphone_that_moves_now_and_then_is_not_flat() -> None:
    looks = [
        replace(well(second), flat_frames=100 * (second % 50)) for second in range(300)
    ]
    assert first_told_s(looks) == {}


def test_what_stood_still_while_the_process_was_stopped_is_no_symptom() -> None:
    symptoms = Symptoms()
    symptoms.handle(well(0), 0.0)
    symptoms.handle(well(1), 1.0)
    for now in (61.0, 62.0, 63.0):  # as it was for a minute; then all goes on
        assert symptoms.handle(well(int(now) - 60), now) == frozenset()


def test_a_loop_that_is_late_by_its_own_work_for_long_is_a_symptom() -> None:
    busy = [replace(well(look), loop_cpu_s=2.5 * look) for look in range(20)]
    assert first_told_s(busy, every_s=3.0) == {Symptom.LAGGING: 30.0}


def test_a_loop_that_had_to_wait_for_the_machine_is_none() -> None:
    starved = [replace(well(look), loop_cpu_s=0.1 * look) for look in range(20)]
    assert first_told_s(starved, every_s=3.0) == {}
