"""Code and documents say the same: the YAML files of config/ and what they declare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

from intercomd.domain.document import Document, KeyPath
from intercomd.domain.settings import Range
from intercomd.server import config as server
from intercomd.station import config as station

CONFIG = Path(__file__).parents[1] / "config"
REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Declared:
    """One key as the code declares it; a list's items are all at index 0."""

    path: KeyPath
    default: object
    hint: Any

    def facts(self) -> list[str]:
        """What the key's line in the file must say."""
        if self.default is REQUIRED:
            told = "required"
        else:
            told = f"default {spelt(self.default)}"
        return [told, *limits(self.hint)]


def declared(kind: type, path: KeyPath = ()) -> Iterator[Declared]:
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        here, hint = (*path, field.name), hints[field.name]
        if is_dataclass(hint):
            assert isinstance(hint, type)
            yield from declared(hint, here)
            continue
        default = field.default
        if field.default_factory is not MISSING:
            default = field.default_factory()
        yield Declared(here, REQUIRED if default is MISSING else default, hint)
        for item in items(hint):
            yield from declared(item, (*here, 0))


def items(hint: Any) -> list[type]:
    """The dataclass of a list's items, if it is a list of sections."""
    if get_origin(hint) is Annotated:
        return items(get_args(hint)[0])
    if get_origin(hint) is tuple and is_dataclass(get_args(hint)[0]):
        return [get_args(hint)[0]]
    return []


def limits(hint: Any) -> list[str]:
    if get_origin(hint) is Annotated:
        return [str(limit) for limit in get_args(hint)[1:] if isinstance(limit, Range)]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [str(word.value) for word in hint]
    if hint is bool:
        return ["true or false"]
    return []


def spelt(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Enum():
            return spelt(value.value)
        case str():
            return f'"{value}"'
        case ():
            return "[]"
        case (str() as only,):
            return spelt(only)
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file of config/, and the declaration it documents."""

    name: str
    kind: type

    @property
    def text(self) -> str:
        return (CONFIG / self.name).read_text(encoding="utf-8")

    @property
    def document(self) -> Document:
        return Document.parse(self.text, self.name)

    def comment_of(self, path: KeyPath) -> str:
        line = self.text.splitlines()[self.document.positions[path].line - 1]
        return line.partition(" # ")[2]

    def value_of(self, path: KeyPath) -> object:
        value: Any = self.document.value
        for part in path:
            value = value[part]
        return value


ONE_OF_TWO = [("app", "sign_file"), ("keys", 0, "pin"), ("lights", 0, "pin")]
"""A file to start with must have it or the key after it, though neither is required."""

STATION = ConfigFile("station.yaml", station.StationConfig)
BUTTON = ConfigFile("button.yaml", station.StationConfig)
SERVER = ConfigFile("server.yaml", server.ServerConfig)
FILES = [STATION, BUTTON, SERVER]


def explained_in(file: ConfigFile, key: Declared) -> ConfigFile:
    """What a station has several of is explained by one of each, in button.yaml."""
    return BUTTON if file is STATION and 0 in key.path else file


KEYS = [
    pytest.param(
        explained_in(file, key), key, id=f"{file.name}-{'.'.join(map(str, key.path))}"
    )
    for file in (STATION, SERVER)
    for key in declared(file.kind)
]


@pytest.mark.parametrize(("file", "key"), KEYS)
def test_every_key_is_in_its_file_and_says_default_unit_and_range(
    file: ConfigFile, key: Declared
) -> None:
    assert key.path in file.document.positions
    meaning, *told = file.comment_of(key.path).split("; ")
    assert meaning
    assert told[0] == key.facts()[0]
    for fact in key.facts()[1:]:
        assert fact in told[-1]


@pytest.mark.parametrize(("file", "key"), KEYS)
def test_every_key_has_its_default_in_the_file(file: ConfigFile, key: Declared) -> None:
    if key.default is not REQUIRED and key.path not in ONE_OF_TWO:
        given = file.value_of(key.path)
        default = key.default.value if isinstance(key.default, Enum) else key.default
        if isinstance(default, tuple):
            assert ([given] if isinstance(given, str) else given) == list(default)
        else:
            assert given == default


def test_the_files_are_read_without_a_complaint_and_fit_each_other() -> None:
    at_station = station.load(CONFIG / "station.yaml")
    at_server = server.load(CONFIG / "server.yaml")
    (app,) = at_server.apps
    assert (at_station.app.id, at_station.app.sign_file) == (app.id, app.sign_file)
    assert at_station.server.url == f"ws://127.0.0.1:{at_server.listen.port}"


def test_the_app_sign_of_the_files_is_kept_out_of_git() -> None:
    ignored = (CONFIG.parent / ".gitignore").read_text(encoding="utf-8").splitlines()
    sign_file = station.load(CONFIG / "station.yaml").app.sign_file
    assert sign_file is not None
    assert f"/{sign_file.relative_to(CONFIG.parent)}" in ignored
