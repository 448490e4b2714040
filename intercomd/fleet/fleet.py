"""A fleet file: the settings of many stations, in `defaults`, `groups`, `stations`.

A station's settings are the defaults, over them its groups in the order it names
them, over them its own. It does not know what the settings mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from intercomd.domain.document import Document, KeyPath, Value, did_you_mean
from intercomd.domain.errors import ConfigInvalid
from intercomd.fleet.entry import GROUPS, MATCH, Entry, EntryReader, Mark
from intercomd.fleet.identity import Identity
from intercomd.fleet.layers import Layered, layered, value_in
from intercomd.station.config import StationConfig, from_document, read_text

DEFAULTS = "defaults"
STATIONS = "stations"
_SECTIONS = (DEFAULTS, GROUPS, STATIONS)


@dataclass(frozen=True, slots=True)
class Explained:
    """A setting of a station and where it came from: `groups.gates` in line 12."""

    path: KeyPath
    value: Value
    layer: str
    line: int


class Fleet:
    """A fleet file that has been read; its stations' settings are looked at later."""

    def __init__(self, document: Document, folder: Path) -> None:
        """Relative paths in the settings are relative to `folder`.

        Raises `ConfigInvalid` with one line for each thing wrong with the sections,
        groups and marks.
        """
        self.document = document
        self._folder = folder
        self._problems: list[str] = []
        self._check_sections()
        groups = frozenset(self._names(GROUPS))
        reader = EntryReader(document, groups)
        entries = {
            name: reader.entry(name, value, (STATIONS, name))
            for name, value in self._sections(STATIONS)
        }
        self.groups = groups
        self.entries: Mapping[str, Entry] = MappingProxyType(entries)
        problems = self._problems + reader.problems
        if problems:
            raise ConfigInvalid("\n".join(problems))

    @classmethod
    def load(cls, path: Path) -> Fleet:
        """Read a fleet file; raises `ConfigUnreadable` or `ConfigInvalid`."""
        return cls(Document.parse(read_text(path), str(path)), path.parent)

    def config(self, name: str) -> StationConfig:
        """The station's settings; raises `ConfigInvalid`, a line for each problem."""
        merged = self.layered(name)
        positions = {
            path: self.document.at(origin) for path, origin in merged.origins.items()
        }
        positions[()] = self.document.at((STATIONS, name))
        merged_document = Document(self.document.name, merged.value, positions)
        return from_document(merged_document, self._folder)

    def layered(self, name: str) -> Layered:
        """What a file of the station's own would hold, and where each value is.

        Raises `ConfigInvalid` for a name there is not.
        """
        if name not in self.entries:
            offer = did_you_mean(name, self.entries)
            raise ConfigInvalid(
                f"{self.document.name}: there is no station '{name}'{offer}"
            )
        merged = layered(
            self.document,
            [
                (DEFAULTS,),
                *((GROUPS, group) for group in self.entries[name].groups),
                (STATIONS, name),
            ],
        )
        for key in (GROUPS, MATCH):
            merged.value.pop(key, None)
        user = merged.value.setdefault("user", {})
        if isinstance(user, dict):
            user.setdefault("id", name)
        return merged

    def explained(self, name: str) -> Iterator[Explained]:
        """Every setting that the file gives the station, with where it came from."""
        merged = self.layered(name)
        for path, value in _leaves(merged.value, ()):
            origin = merged.origins.get(path, (STATIONS, name))
            depth = 1 if origin[0] == DEFAULTS else 2
            layer = ".".join(map(str, origin[:depth]))
            yield Explained(path, value, layer, self.document.at(origin).line)

    def find(self, identity: Identity) -> str:
        """The name of the station that the machine is, by its surest mark.

        Raises `ConfigInvalid` if none or several are.
        """
        for mark in Mark:
            names = [
                name
                for name, entry in self.entries.items()
                if entry.is_machine(identity, mark)
            ]
            if len(names) == 1:
                return names[0]
            if names:
                raise ConfigInvalid(
                    f"{self.document.name}: stations {', '.join(names)} all match this "
                    f"machine by {mark.value}: give each a mark of its own"
                )
        raise ConfigInvalid(
            f"{self.document.name}: no station matches this machine ({identity}): "
            "name it with --name, or give a station a match with one of these"
        )

    def _check_sections(self) -> None:
        root = self.document.value
        if not isinstance(root, dict):
            self._report((), f"must be sections: {', '.join(_SECTIONS)}")
            return
        for key in root:
            if key not in _SECTIONS:
                offer = did_you_mean(key, _SECTIONS)
                offer = offer or f"; known are {', '.join(_SECTIONS)}"
                self._report((key,), f"is not a known key{offer}")
        if not root.get(STATIONS):
            self._report((STATIONS,), "no station is given")

    def _names(self, section: str) -> list[str]:
        return [name for name, _ in self._sections(section)]

    def _sections(self, section: str) -> Iterator[tuple[str, dict[str, Value]]]:
        found = value_in(self.document.value, (section,))
        if found is None:
            return
        if not isinstance(found, dict):
            self._report((section,), "must be a section of names")
            return
        for name, value in found.items():
            if value is None:
                yield name, {}
            elif isinstance(value, dict):
                yield name, value
            else:
                self._report((section, name), "must be a section of keys")

    def _report(self, path: KeyPath, text: str) -> None:
        self._problems.append(self.document.problem(path, text))


def _leaves(value: Value, path: KeyPath) -> Iterator[tuple[KeyPath, Value]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path, value
