"""Which rung is tried, when, and which never is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from intercomd.station.repair_ladder import (
    REST_CAP_S,
    RESTART_AFTER_S,
    Mended,
    RepairLadder,
    Rung,
    Try,
)
from intercomd.station.repair_symptoms import Symptom

OLD_S = RESTART_AFTER_S
HOUR_S = 3600


def climbed(
    is_ill: Callable[[int], bool], symptom: Symptom, seconds: int
) -> list[tuple[int, str]]:
    """What an old process does in these seconds, as (second, rung or "mended")."""
    ladder = RepairLadder(now=-OLD_S)
    done = []
    for now in range(seconds):
        present = [symptom] if is_ill(now) else []
        for output in ladder.handle(present, float(now)):
            match output:
                case Try(rung, _):
                    done.append((now, rung.name))
                case Mended():
                    done.append((now, "mended"))
    return done


@pytest.mark.parametrize(
    ("symptom", "expected"),
    [
        (Symptom.FLAT, [(0, "REOPEN_CARDS")]),
        (Symptom.STALLED, [(0, "REOPEN_CARDS"), (5, "RESTART")]),
        (Symptom.DEAF, [(0, "MIGRATE_PATH"), (6, "NEW_CONNECTION")]),
        (
            Symptom.DUMB,
            [
                (0, "MIGRATE_PATH"),
                (6, "NEW_CONNECTION"),
                (16, "REJOIN"),
                (31, "RESTART"),
            ],
        ),
        (Symptom.LAGGING, [(0, "RESTART")]),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, Symptom) else "",
)
def test_rung_after_rung_is_tried_each_after_its_bound(
    symptom: Symptom, expected: list[tuple[int, str]]
) -> None:
    assert climbed(lambda _: True, symptom, 60) == expected


def test_a_rung_that_helps_is_the_last_to_be_tried() -> None:
    done = climbed(lambda now: now < 9, Symptom.DUMB, 100)
    assert done == [(0, "MIGRATE_PATH"), (6, "NEW_CONNECTION"), (9, "mended")]


def test_nobody_is_left_and_joined_again_for_a_talker_who_may_be_gone() -> None:
    done = climbed(lambda _: True, Symptom.DEAF, 130)
    assert (126, "REJOIN") in done  # the server has put him out after 100 s


@pytest.mark.parametrize("symptom", [Symptom.FLAT, Symptom.DEAF])
def test_what_may_lie_outside_never_leads_to_a_restart(symptom: Symptom) -> None:
    rungs = {rung for _, rung in climbed(lambda _: True, symptom, 24 * HOUR_S)}
    assert Rung.RESTART.name not in rungs


def test_a_microphone_that_is_switched_off_is_tried_ever_less_often() -> None:
    tried = [now for now, _ in climbed(lambda _: True, Symptom.FLAT, 24 * HOUR_S)]
    assert tried[:4] == [0, 65, 190, 435]
    assert len(tried) < 30
    assert tried[-1] - tried[-2] == REST_CAP_S + 5


def test_a_symptom_that_comes_and_goes_climbs_on() -> None:
    done = climbed(lambda now: now % 8 < 7, Symptom.DUMB, 40)
    assert [rung for _, rung in done if rung != "mended"] == [
        "MIGRATE_PATH",
        "NEW_CONNECTION",
        "REJOIN",
        "RESTART",
    ]


def test_a_symptom_that_was_long_away_begins_anew() -> None:
    done = climbed(lambda now: now < 2 or now > 200, Symptom.DUMB, 210)
    assert done == [
        (0, "MIGRATE_PATH"),
        (2, "mended"),
        (201, "MIGRATE_PATH"),
        (207, "NEW_CONNECTION"),
    ]


def test_a_young_process_does_not_restart_itself() -> None:
    ladder = RepairLadder(now=0.0)
    restarts = [
        now
        for now in range(int(RESTART_AFTER_S) + 10)
        if Try(Rung.RESTART, Symptom.STALLED)
        in ladder.handle([Symptom.STALLED], float(now))
    ]
    assert restarts == [RESTART_AFTER_S]
