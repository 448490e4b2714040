"""A YAML text as plain values that know where they stand, or a sentence why not.

Strict: the core types of YAML 1.2, no key twice, bounded size, depth and aliases.
It does not know what the keys mean, and reads no file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol, TypeAlias

import yaml

from intercomd.domain.errors import ConfigInvalid

TEXT_MAX = 2 * 1024 * 1024
DEPTH_MAX = 16
VALUES_MAX = 100_000

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value is: `("apps", 0, "id")` reads apps[0].id; `()` is the whole text."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text, as editors count: the first character is 1:1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed text. `name` is the file's, for the sentences made by `problem`."""

    name: str
    value: Value
    positions: Mapping[KeyPath, Position]

    @classmethod
    def parse(cls, text: str, name: str) -> Document:
        """Parse one YAML document; an empty text has the value None.

        Raises `ConfigInvalid` whose text has one line for each problem.
        """
        if len(text) > TEXT_MAX:
            raise ConfigInvalid(f"{name}: longer than {TEXT_MAX} characters")
        builder = _Builder(name)
        try:
            root = builder.root(text)
        except yaml.YAMLError as error:
            raise ConfigInvalid(_syntax_problem(error, name)) from error
        value = None if root is None else builder.value(root, ())
        if builder.problems:
            raise ConfigInvalid("\n".join(builder.problems))
        return cls(name, value, builder.positions)

    def at(self, path: KeyPath) -> Position:
        """Where the key of `path` is, or the nearest key around it that exists."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, Position(1, 1))

    def problem(self, path: KeyPath, text: str) -> str:
        """One sentence: `station.yaml:7:3: audio.capture: text`."""
        return _sentence(self.name, self.at(path), path, text)


def dotted(path: KeyPath) -> str:
    """A path as people write it: `apps[0].id`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence that offers the known word most like `word`, or ""."""
    nearest = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{nearest[0]}'?" if nearest else ""


class _CoreLoader(yaml.SafeLoader):
    """Resolves plain scalars as YAML 1.2 does: `yes`, `012` and dates are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same in C, ten times as fast, where PyYAML has that part."""

    yaml_implicit_resolvers = _CoreLoader.yaml_implicit_resolvers


_TAG = "tag:yaml.org,2002:"
_STR, _INT, _FLOAT, _BOOL, _NULL, _MAP, _SEQ = (
    _TAG + kind for kind in ("str", "int", "float", "bool", "null", "map", "seq")
)

# A number of more digits than any setting has stays text, and is refused as such.
_PLAIN: Final = {
    _BOOL: (re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), "tTfF"),
    _NULL: (re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    _INT: (re.compile(r"[-+]?[0-9]{1,18}\Z"), "-+0123456789"),
    _FLOAT: (
        re.compile(
            r"[-+]?(?:\.[0-9]{1,18}|[0-9]{1,18}\.[0-9]{0,18})(?:e[-+]?\d\d?)?\Z"
        ),
        "-+.0123456789",
    ),
}

for _tag, (_pattern, _first) in _PLAIN.items():
    _CoreLoader.add_implicit_resolver(_tag, _pattern, list(_first))


class _Mark(Protocol):
    """A mark of PyYAML, of its Python or of its C part."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class _Builder:
    """Turns nodes into values; keeps where each key is and what is wrong."""

    def __init__(self, name: str) -> None:
        self.positions: dict[KeyPath, Position] = {}
        self.problems: list[str] = []
        self._name = name
        self._values = 0

    def root(self, text: str) -> yaml.Node | None:
        """The text's tree; what C refuses, Python refuses in clearer words."""
        try:
            return self._composed(text, _FastLoader)
        except yaml.YAMLError:
            return self._composed(text, _CoreLoader)

    def _composed(self, text: str, loader: type[yaml.SafeLoader]) -> yaml.Node | None:
        self._check_depth(text, loader)
        return yaml.compose(text, Loader=loader)

    def _check_depth(self, text: str, loader: type[yaml.SafeLoader]) -> None:
        """Refuse a text that nests deeper than the composer's recursion should go."""
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEPTH_MAX:
                assert event.start_mark is not None
                self._refuse(_position(event.start_mark), _TOO_DEEP)

    def value(self, node: yaml.Node, path: KeyPath) -> Value:
        """The value of a node. What an alias names counts again at each use."""
        self._values += 1
        if self._values > VALUES_MAX:
            self._refuse(_position(node.start_mark), _TOO_MANY)
        if len(path) > DEPTH_MAX:
            self._refuse(_position(node.start_mark), _TOO_DEEP)
        self.positions.setdefault(path, _position(node.start_mark))
        match node:
            case yaml.MappingNode(tag=tag) if tag == _MAP:
                return self._mapping(node, path)
            case yaml.SequenceNode(tag=tag) if tag == _SEQ:
                return [
                    self.value(item, (*path, index))
                    for index, item in enumerate(node.value)
                ]
            case yaml.ScalarNode():
                return self._scalar(node, path)
            case _:
                self._report_tag(node, path)
                return None

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key_node, value_node in node.value:
            position = _position(key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _STR:
                self._report(position, path, "a key here is not text: quote it")
                continue
            key = key_node.value
            if key in found:
                first = self.positions[(*path, key)].line
                self._report(
                    position, (*path, key), f"is given twice, first in line {first}"
                )
                continue
            self.positions[(*path, key)] = position
            found[key] = self.value(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Value:
        text: str = node.value
        if node.tag == _STR:
            return text
        plain = _PLAIN.get(node.tag)
        if plain is None:
            self._report_tag(node, path)
            return None
        if not plain[0].match(text):
            kind = node.tag.removeprefix(_TAG)
            self._report(
                _position(node.start_mark), path, f"'{text}' is not of type {kind}"
            )
            return None
        return _converted(text, node.tag)

    def _report_tag(self, node: yaml.Node, path: KeyPath) -> None:
        tag = node.tag.replace(_TAG, "!!")
        self._report(
            _position(node.start_mark), path, f"the tag {tag} is not allowed: remove it"
        )

    def _report(self, position: Position, path: KeyPath, text: str) -> None:
        self.problems.append(_sentence(self._name, position, path, text))

    def _refuse(self, position: Position, text: str) -> NoReturn:
        raise ConfigInvalid(_sentence(self._name, position, (), text))


_SYNTAX_REMEDIES: Final = (
    (r"character '\t'", ": indent by spaces, not tabs"),
    ("mapping values are not allowed", ": quote a text with a colon; align its keys"),
    ("expected ',' or", ": close the bracket"),
    ("end of stream", ": close the quotes"),
)
"""What is usually meant by what PyYAML says."""

_TOO_DEEP = f"nests deeper than {DEPTH_MAX} levels"
_TOO_MANY = f"holds more than {VALUES_MAX} values, those of its aliases included"


def _converted(text: str, tag: str) -> Value:
    if tag == _BOOL:
        return text.lower() == "true"
    if tag == _INT:
        return int(text)
    if tag == _FLOAT:
        return float(text)
    return None


def _sentence(name: str, position: Position, path: KeyPath, text: str) -> str:
    place = f"{name}:{position.line}:{position.column}"
    return f"{place}: {dotted(path)}: {text}" if path else f"{place}: {text}"


def _position(mark: _Mark) -> Position:
    return Position(mark.line + 1, mark.column + 1)


def _syntax_problem(error: yaml.YAMLError, name: str) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        position = _position(error.problem_mark)
        told = ", ".join(part for part in (error.context, error.problem) if part)
        remedy = next((r for said, r in _SYNTAX_REMEDIES if said in told), "")
        return _sentence(name, position, (), f"is not YAML: {told}{remedy}")
    reason = " ".join(str(error).split())
    return f"{name}: is not YAML: {reason}"
