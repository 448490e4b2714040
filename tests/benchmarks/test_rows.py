from __future__ import annotations

from dataclasses import replace

import pytest

from tests.benchmarks.launch import Launch
from tests.benchmarks.pressure import Pressure
from tests.benchmarks.rows import Row, rows

GOOD = Launch(
    "intercomd",
    "clean",
    m2e_ms=40.0,
    heard=7,
    chirps=7,
    pesq=4.0,
    stoi=0.99,
    cpu={"talker": 0.08, "listener": 0.06, "server": 0.03},
    pss_mb={"talker": 50.0, "listener": 60.0, "server": 40.0},
    pressure=Pressure(busy_cores=0.4, stolen_cores=0.0, psi=0.1),
    load=0.3,
)
STUMBLED = replace(GOOD, m2e_ms=90.0, mouth_drift_ms=65.0)


def only_row(*launches: Launch) -> Row:
    (row,) = rows(launches).values()
    return row


def test_a_row_has_the_median_and_the_range_over_launches() -> None:
    row = only_row(*(replace(GOOD, m2e_ms=ms) for ms in (47.0, 38.0, 40.0)))
    assert row.m2e_ms == 40.0
    assert row.m2e_range_ms == (38.0, 47.0)


def test_the_cost_of_a_station_is_the_mean_of_both_and_the_servers_its_own() -> None:
    row = only_row(GOOD)
    assert row.cpu == pytest.approx(0.07)
    assert row.server_cpu == 0.03
    assert (row.pss_mb, row.server_pss_mb) == (55.0, 40.0)


def test_an_invalid_launch_is_counted_and_told_but_not_used() -> None:
    row = only_row(GOOD, STUMBLED)
    assert row.valid
    assert row.m2e_ms == 40.0
    assert (row.launches, row.invalid_launches) == (2, 1)
    assert row.faults == ("the bench stumbled by 65.0 ms",)


def test_a_row_without_a_valid_launch_is_shown_as_invalid() -> None:
    row = only_row(STUMBLED)
    assert not row.valid
    assert row.m2e_ms == 90.0


def test_a_call_that_never_came_about_is_a_row_too() -> None:
    row = only_row(Launch("mumble", "clean", failure="nobody answered"))
    assert (row.valid, row.m2e_ms, row.cpu) == (False, None, None)


def test_chromium_is_judged_by_its_better_speech() -> None:
    processed = replace(GOOD, peer="chromium", pesq=3.8, m2e_ms=106.0)
    raw = replace(GOOD, peer="chromium-raw", pesq=4.1, m2e_ms=150.0)
    row = only_row(processed, raw)
    assert (row.peer, row.m2e_ms) == ("chromium", 106.0)
    assert (row.pesq, row.speech_of) == (4.1, "chromium-raw")
    assert only_row(processed, replace(raw, pesq=3.0)).speech_of == "chromium"
