from __future__ import annotations

import json
from pathlib import Path

from tests.benchmarks import results
from tests.benchmarks.launch import Launch
from tests.benchmarks.test_report import MACHINE
from tests.benchmarks.test_rows import GOOD, STUMBLED


def test_a_run_that_was_written_can_be_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    launches = [
        GOOD,
        STUMBLED,
        Launch("mumble", "clean", failure="nobody answered"),
    ]
    results.write(path, MACHINE, launches)
    assert results.read(path) == launches


def test_rows_have_the_fields_that_other_programs_read(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    results.write(path, MACHINE, [GOOD])
    (row,) = json.loads(path.read_text())["rows"]
    assert {
        "peer": "intercomd",
        "scenario": "clean",
        "m2e_ms": 40.0,
        "pesq": 4.0,
        "stoi": 0.99,
        "pss_mb": 55.0,
        "valid": True,
    }.items() <= row.items()
    assert 0.06 < row["cpu"] < 0.08
