"""Sections of one document laid over one another, key by key. Pure.

A section of keys is merged with what lies below it; a list, a word or a number
replaces it. Each value keeps the place it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intercomd.domain.document import Document, KeyPath, Value


@dataclass(frozen=True, slots=True)
class Layered:
    """What came of it. `origins` has the path in the document of each merged path."""

    value: dict[str, Value]
    origins: dict[KeyPath, KeyPath]


def layered(document: Document, layers: Sequence[KeyPath]) -> Layered:
    """The sections at these paths, each over the one before; missing ones are empty."""
    result = Layered({}, {})
    for layer in layers:
        found = value_in(document.value, layer)
        if isinstance(found, dict):
            _lay_over(result, result.value, found, (), layer)
    return result


def value_in(value: Value, path: KeyPath) -> Value:
    """What is in `value` at `path`, None if nothing is."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(str(key))
    return value


def _lay_over(
    result: Layered,
    below: dict[str, Value],
    over: dict[str, Value],
    path: KeyPath,
    origin: KeyPath,
) -> None:
    for key, value in over.items():
        here, there = (*path, key), (*origin, key)
        known = below.get(key)
        if isinstance(value, dict):
            if not isinstance(known, dict):
                known = below[key] = {}
                result.origins[here] = there
            _lay_over(result, known, value, here, there)
        else:
            below[key] = value
            result.origins[here] = there
            if isinstance(value, list):
                _note_items(result, value, here, there)


def _note_items(
    result: Layered, items: list[Value], path: KeyPath, origin: KeyPath
) -> None:
    for index, item in enumerate(items):
        here, there = (*path, index), (*origin, index)
        result.origins[here] = there
        if isinstance(item, dict):
            for key in item:
                result.origins[(*here, key)] = (*there, key)
