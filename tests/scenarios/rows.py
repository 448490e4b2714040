"""Which rows of the reference's tables a scenario proves."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import yaml

FOLDER = Path(__file__).parent

_Test = TypeVar("_Test", bound=Callable[..., object])


def row(*rows: str) -> Callable[[_Test], _Test]:
    """Mark a test with the rows it proves, as `reference.yaml` spells them."""
    assert rows, "name a row"

    def mark(test: _Test) -> _Test:
        return test

    return mark


def reference() -> dict[str, list[str]]:
    """The rows that concern us, by section."""
    return _read("reference.yaml")


def not_ours() -> dict[str, list[str]]:
    """The rows that do not concern us, by the reason."""
    return _read("not_ours.yaml")


def proved() -> dict[str, list[str]]:
    """The rows that are marked on tests, and the names of these tests."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(FOLDER.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for name in _rows_of(node):
                    found[name].append(f"{path.name}::{node.name}")
    return dict(found)


def report() -> str:
    """How many rows are proved, which are not, and which are not ours and why."""
    tested, ours = set(proved()), reference()
    lines = [
        "",
        f"rows tested / rows that concern us: {len(tested)} / "
        f"{sum(map(len, ours.values()))}",
    ]
    for section, names in ours.items():
        missing = [name for name in names if name not in tested]
        lines.append(f"{section}: {len(names) - len(missing)} / {len(names)}")
        lines += [f"    not tested: {name}" for name in missing]
    lines.append(f"rows that do not concern us: {sum(map(len, not_ours().values()))}")
    lines += [f"{why}: {', '.join(names)}" for why, names in not_ours().items()]
    return "\n".join(lines)


def _read(name: str) -> dict[str, list[str]]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    sections: dict[str, list[str]] = yaml.safe_load(text)
    return sections


def _rows_of(test: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [
        str(argument.value)
        for mark in test.decorator_list
        if isinstance(mark, ast.Call)
        and isinstance(mark.func, ast.Name)
        and mark.func.id == "row"
        for argument in mark.args
        if isinstance(argument, ast.Constant)
    ]
