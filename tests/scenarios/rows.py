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
    """All rows of the reference by section."""
    text = (FOLDER / "reference.yaml").read_text(encoding="utf-8")
    sections: dict[str, list[str]] = yaml.safe_load(text)
    return sections


def proved() -> dict[str, list[str]]:
    """The rows that are marked on tests, and the names of these tests."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(FOLDER.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for name in _rows_of(node):
                    found[name].append(f"{path.name}::{node.name}")
    return dict(found)


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
