from __future__ import annotations

from dataclasses import replace

import pytest

from tests.benchmarks.rows import Row, Rows
from tests.benchmarks.targets import verdicts
from tests.benchmarks.test_rows import GOOD, only_row

OURS = only_row(GOOD)
LATENCY = "clean mouth-to-ear, by Chromium's"
LOSS_PESQ = "10 % loss: PESQ above Chromium's"
JITTER = "30 ms delay with jitter: mouth-to-ear less the 30 ms, by Chromium's"


def by_cell(*found: Row) -> Rows:
    return {(row.peer, row.scenario): row for row in found}


def told(rows: Rows, name: str) -> str:
    (verdict,) = (each for each in verdicts(rows) if each.target.name == name)
    return str(verdict).removeprefix(f"{name}: ")


def theirs(**figures: object) -> Row:
    return replace(OURS, peer="chromium", **figures)  # type: ignore[arg-type]


def test_a_ratio_that_is_low_enough_is_reached() -> None:
    rows = by_cell(OURS, theirs(m2e_ms=100.0))
    assert told(rows, LATENCY) == "wanted at most 0.6, 0.4: reached"


def test_a_ratio_that_is_too_high_says_by_how_much() -> None:
    rows = by_cell(OURS, theirs(m2e_ms=50.0))
    assert told(rows, LATENCY) == "wanted at most 0.6, 0.8: missed by 0.2"


@pytest.mark.parametrize(
    ("pesq", "verdict"), [(3.5, "0.5: reached"), (3.9, "0.1: missed by 0.2")]
)
def test_speech_must_be_better_by_so_much(pesq: float, verdict: str) -> None:
    ours = replace(OURS, scenario="loss10")
    rows = by_cell(ours, theirs(scenario="loss10", pesq=pesq))
    assert told(rows, LOSS_PESQ) == f"wanted at least 0.3, {verdict}"


def test_the_networks_own_delay_counts_for_nobody() -> None:
    ours = replace(OURS, scenario="jitter", m2e_ms=80.0)
    rows = by_cell(ours, theirs(scenario="jitter", m2e_ms=230.0))
    assert told(rows, JITTER) == "wanted at most 0.5, 0.25: reached"


def test_an_invalid_row_decides_nothing() -> None:
    rows = by_cell(OURS, theirs(m2e_ms=100.0, valid=False))
    assert told(rows, LATENCY) == "wanted at most 0.6, not measured"


def test_a_peer_that_is_not_there_decides_nothing() -> None:
    assert told(by_cell(OURS), LATENCY) == "wanted at most 0.6, not measured"
