from __future__ import annotations

from tests.benchmarks.peers.chromium import CHROMIUM, CHROMIUM_RAW
from tests.benchmarks.peers.intercomd import INTERCOMD
from tests.benchmarks.plan import PEERS, minutes, plan
from tests.benchmarks.scenarios import CLEAN, LOSS, SCENARIOS


def test_peers_are_measured_side_by_side_and_take_turns() -> None:
    cells = plan((INTERCOMD, CHROMIUM), (CLEAN, LOSS), launches=2)
    assert [(cell.peer.name, cell.scenario.name) for cell in cells] == [
        ("intercomd", "clean"),
        ("chromium", "clean"),
        ("intercomd", "loss10"),
        ("chromium", "loss10"),
        ("chromium", "clean"),
        ("intercomd", "clean"),
        ("chromium", "loss10"),
        ("intercomd", "loss10"),
    ]


def test_a_whole_run_takes_less_than_forty_minutes() -> None:
    assert minutes(list(plan(PEERS, SCENARIOS, launches=3))) <= 40


def test_unprocessed_chromium_is_only_asked_where_speech_is_compared() -> None:
    cells = plan((CHROMIUM_RAW,), SCENARIOS, launches=1)
    assert {cell.scenario.name for cell in cells} == {
        "clean",
        "loss10",
        "bursts",
        "jitter",
    }
