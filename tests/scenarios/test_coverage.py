"""How many rows of the reference a scenario proves; `pytest -s` prints the rest."""

from __future__ import annotations

from tests.scenarios.rows import proved, reference


def test_every_mark_names_a_row_of_the_reference() -> None:
    rows = {name for names in reference().values() for name in names}
    assert set(proved()) <= rows


def test_no_row_is_named_twice() -> None:
    rows = [name for names in reference().values() for name in names]
    assert len(rows) == len(set(rows))


def test_the_coverage_is_printed() -> None:
    tested = set(proved())
    for section, names in reference().items():
        missing = [name for name in names if name not in tested]
        told = f"{len(names) - len(missing)} / {len(names)}"
        print(f"{section}: {told}")  # noqa: T201
        for name in missing:
            print(f"    not tested: {name}")  # noqa: T201
