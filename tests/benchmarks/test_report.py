from __future__ import annotations

from dataclasses import replace

import pytest

from tests.benchmarks.machine import Machine
from tests.benchmarks.report import BEGIN, END, inserted, report, rows_table
from tests.benchmarks.targets import verdicts
from tests.benchmarks.test_rows import GOOD, STUMBLED, only_row

MACHINE = Machine(
    "2026-01-02 03:04 UTC", 2, "x86", "Debian", "3.11", 0.1, {"mumble": "mumble 1.3.4"}
)


def test_a_line_of_the_table_has_every_figure() -> None:
    line = rows_table([only_row(GOOD)]).splitlines()[-1]
    assert line == (
        "| intercomd | 40.0 | 40.0 to 40.0 | 4.00 | 0.990 "
        "| 0.070; 0.030 | 55; 40 | 0.3; 0.10 | 1 |"
    )


def test_what_is_invalid_is_struck_out_and_still_there() -> None:
    line = rows_table([only_row(STUMBLED)]).splitlines()[-1]
    assert "~~90.0~~" in line
    assert line.endswith("| 1, 1 invalid |")


def test_speech_of_another_setting_is_marked() -> None:
    row = replace(only_row(GOOD), peer="chromium", speech_of="chromium-raw")
    assert "| 4.00 * |" in rows_table([row])


def test_the_report_names_machine_load_versions_and_faults() -> None:
    row = only_row(GOOD, STUMBLED)
    rows = {(row.peer, row.scenario): row}
    text = report(MACHINE, rows, verdicts(rows))
    for told in (
        "2 cores",
        "load 0.10",
        "mumble 1.3.4",
        "### Clean",
        "the bench stumbled by 65.0 ms",
        "| memory (PSS) of a station | at most 90 MB | 55 MB | - |",
    ):
        assert told in text


def test_only_what_is_between_the_marks_changes() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert inserted(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert inserted("", "new") == f"{BEGIN}\n\nnew\n\n{END}\n"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        inserted("nothing here", "new")
