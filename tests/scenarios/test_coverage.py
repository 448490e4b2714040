"""How many rows of the reference a scenario proves; `pytest -s` prints the rest."""

from __future__ import annotations

from itertools import chain

from intercomd.domain.errors import ErrorCode
from tests.scenarios.rows import not_ours, proved, reference, report

OURS = 2_000_000
"""From here on codes are not the reference's."""


def test_every_mark_names_a_row_of_the_reference() -> None:
    assert set(proved()) <= set(chain.from_iterable(reference().values()))


def test_no_row_is_named_twice() -> None:
    rows = [*chain(*reference().values(), *not_ours().values())]
    assert len(rows) == len(set(rows))


def test_every_code_there_is_has_a_row() -> None:
    rows = {*chain(*reference().values(), *not_ours().values())}
    codes = {code for code in ErrorCode if 0 < code < OURS}
    assert not {c for c in codes if not {f"§12 {c}", f"§4.5 {c}"} & rows}


def test_the_coverage_is_printed() -> None:
    print(report())  # noqa: T201
