from __future__ import annotations

from tests.benchmarks.chaos import table
from tests.system.chaos import Footprint, Ordeal, Survived, growth
from tests.system.faults import FAULTS, Blow


def survived(name: str, silent_s: float) -> Survived:
    fault = next(fault for fault in FAULTS if fault.name == name)
    return Survived(Blow(fault, station=0, lasts_s=1.0), silent_s)


def test_the_table_has_a_line_for_each_kind_of_fault() -> None:
    lines = table(
        [
            survived("new address", 0.2),
            survived("server killed", 0.6),
            survived("new address", 0.4),
            survived("new address", 0.3),
        ]
    ).splitlines()
    assert lines[2:] == [
        "| log in anew | server killed | 1 | 0.60 | 0.60 | 3.0 |",
        "| migrate the path | new address | 3 | 0.30 | 0.40 | 2.0 |",
    ]


def test_silence_beyond_the_bound_is_told_from_silence_within_it() -> None:
    assert survived("new address", 2.0).is_within_bound
    assert not survived("new address", 2.1).is_within_bound


def test_what_a_station_holds_may_vary_but_not_grow() -> None:
    steady = [Footprint(60.0 + n % 7, 9 + n % 2, 24 + n % 3) for n in range(90)]
    grown = [Footprint(60.0 + 0.1 * n, 9 + n // 10, 24 + n // 5) for n in range(90)]
    assert growth(Ordeal((), 0, (tuple(steady),), ())) == []
    assert growth(Ordeal((), 0, (tuple(grown),), ())) == [
        "threads: 11 to 16",
        "open files: 28 to 39",
        "PSS: 61.0 to 66.4 MB",
    ]
