"""Settings declared as frozen dataclasses, read from a `Document`.

A field's type hint is all there is to say: type, default, and in `Annotated` a
`Range` or a `Check`. Every problem of a text is found and told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Protocol,
    TypeGuard,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    runtime_checkable,
)

from intercomd.domain.document import (
    Document,
    KeyPath,
    Position,
    Value,
    did_you_mean,
)
from intercomd.domain.errors import ConfigInvalid, IntercomError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Range:
    """A number is `low` to `high`, both included; `unit` is told in sentences."""

    low: float
    high: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.low} to {self.high} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Check:
    """`accept` raises an `IntercomError`, whose text is told, or any value is fine."""

    accept: Callable[[Any], object]


@runtime_checkable
class Doubtful(Protocol):
    """A section whose fields can be right one by one and wrong together."""

    def problems(self) -> Iterable[tuple[KeyPath, str]]:
        """Where, seen from the section, and what; told as a field's problem is."""


def read_settings(
    kind: type[T], document: Document, also: Iterable[tuple[KeyPath, str]] = ()
) -> T:
    """An instance of the dataclass `kind`; `also` are problems found elsewhere.

    A field is bool, int, float, str, Path, an Enum of words, `X | None`,
    `tuple[X, ...]`, `Mapping[str, X]` or another such dataclass, which is a section of
    the text and may be `Doubtful`. A list of one text may be written as that text.
    Raises `ConfigInvalid` with one line for each problem, in the text's order.
    """
    reader = _Reader(document)
    value = reader.section(kind, document.value, ())
    for path, text in also:
        reader.report(path, text)
    if reader.problems:
        reader.problems.sort(key=lambda problem: problem[0])
        raise ConfigInvalid("\n".join(text for _, text in reader.problems))
    assert isinstance(value, kind)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


_WRONG: Final = object()
"""Stands for a value that was reported; nothing is built from it."""


class _Reader:
    def __init__(self, document: Document) -> None:
        self.problems: list[tuple[Position, str]] = []
        self._document = document

    def report(self, path: KeyPath, text: str) -> None:
        at = self._document.at(path)
        self.problems.append((at, self._document.problem(path, text)))

    def section(self, kind: type, value: Value, path: KeyPath) -> object:
        if value is None:  # a section's name with nothing below it
            value = {}
        if not isinstance(value, dict):
            return self._wrong(path, f"must be a section of keys, not {_told(value)}")
        hints = _hints(kind)
        self._report_unknown(value, hints, path)
        given = {
            field.name: self._field(hints[field.name], field, value, path)
            for field in fields(kind)
        }
        if any(item is _WRONG for item in given.values()):
            return _WRONG
        section = kind(**given)
        if isinstance(section, Doubtful):
            for beyond, text in section.problems():
                self.report((*path, *beyond), text)
        return section

    def _report_unknown(
        self, value: Mapping[str, Value], hints: Mapping[str, object], path: KeyPath
    ) -> None:
        for key in value:
            if key not in hints:
                offer = did_you_mean(key, hints) or f"; known are {', '.join(hints)}"
                self._wrong((*path, key), f"is not a known key{offer}")

    def _field(
        self, hint: Any, field: Field[Any], value: Mapping[str, Value], path: KeyPath
    ) -> object:
        here = (*path, field.name)
        if field.name in value:
            return self._value(hint, value[field.name], here)
        if field.default is not MISSING:
            return field.default
        if field.default_factory is not MISSING:
            return field.default_factory()
        if _is_section(hint):
            return self.section(hint, {}, here)  # which reports its own missing keys
        return self._wrong(here, "is missing")

    def _value(self, hint: Any, value: Value, path: KeyPath) -> object:
        origin = get_origin(hint)
        if origin is Annotated:
            plain, *limits = get_args(hint)
            return self._limited(limits, self._value(plain, value, path), path)
        if origin in (Union, UnionType):
            (plain,) = (arm for arm in get_args(hint) if arm is not NoneType)
            return None if value is None else self._value(plain, value, path)
        if origin is Mapping:
            return self._mapping(get_args(hint)[1], value, path)
        if origin is tuple:
            return self._list(get_args(hint)[0], value, path)
        if _is_section(hint):
            return self.section(hint, value, path)
        if issubclass(hint, Enum):
            return self._word(hint, value, path)
        return self._scalar(hint, value, path)

    def _limited(
        self, limits: list[Range | Check], value: object, path: KeyPath
    ) -> object:
        if value is _WRONG:
            return value
        for limit in limits:
            match limit:
                case Range(low=low, high=high):
                    assert isinstance(value, (int, float))
                    if not low <= value <= high:
                        return self._wrong(
                            path, f"must be {limit}, not {_number(value)}"
                        )
                case Check(accept=accept):
                    try:
                        accept(value)
                    except IntercomError as error:
                        return self._wrong(path, str(error))
        return value

    def _list(self, hint: Any, value: Value, path: KeyPath) -> object:
        if isinstance(value, str) and hint is str:
            value = [value]
        if not isinstance(value, list):
            return self._wrong(path, f"must be a list, not {_told(value)}")
        items = tuple(
            self._value(hint, item, (*path, index)) for index, item in enumerate(value)
        )
        return _WRONG if any(item is _WRONG for item in items) else items

    def _mapping(self, hint: Any, value: Value, path: KeyPath) -> object:
        if not isinstance(value, dict):
            return self._wrong(
                path, f"must be names with a value each, not {_told(value)}"
            )
        items = {
            key: self._value(hint, item, (*path, key)) for key, item in value.items()
        }
        return _WRONG if any(item is _WRONG for item in items.values()) else items

    def _word(self, kind: type[Enum], value: Value, path: KeyPath) -> object:
        words = [str(member.value) for member in kind]
        if value in words:
            return kind(value)
        offer = did_you_mean(value, words) if isinstance(value, str) else ""
        told = f"must be {_listed(words)}, not {_told(value)}{offer}"
        return self._wrong(path, told)

    def _scalar(self, kind: type, value: Value, path: KeyPath) -> object:
        match value:
            case bool() if kind is bool:
                return value
            case bool():
                pass  # a bool is an int to Python, but not here
            case int() if kind in (int, float):
                return kind(value)
            case float() if kind is float:
                return value
            case str() if kind is str:
                return value
            case str() if kind is Path and value and "\0" not in value:
                return Path(value)
        return self._wrong(path, f"must be {_WANTED[kind]}, not {_told(value)}")

    def _wrong(self, path: KeyPath, text: str) -> object:
        self.report(path, text)
        return _WRONG


_WANTED: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text (in quotes, if it looks like something else)",
    Path: "the path of a file",
}


def _is_section(hint: object) -> TypeGuard[type]:
    return isinstance(hint, type) and is_dataclass(hint)


def _listed(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _number(value: float) -> str:
    """As people write it: a whole one is a float only where a float is wanted."""
    return str(int(value)) if float(value).is_integer() else str(value)


def _told(value: Value) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case str() if len(value) > 40:
            return f"'{value[:40]}...'"
        case str():
            return f"'{value}'"
        case list():
            return "a list"
        case dict():
            return "a section"
        case _:
            return str(value)
