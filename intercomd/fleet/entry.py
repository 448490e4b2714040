"""What a fleet file says of a station besides its settings: groups and marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from intercomd.domain.document import Document, KeyPath, Value, did_you_mean
from intercomd.fleet.identity import Identity

GROUPS = "groups"
MATCH = "match"


class Mark(Enum):
    """What a machine is recognised by, the surest first."""

    SERIAL = "serial"
    MAC = "mac"
    HOSTNAME = "hostname"


_MARKS = {mark.value: mark for mark in Mark}
_FORMS = {
    Mark.SERIAL: (re.compile(r"[0-9a-f]{8,16}\Z"), "8 to 16 hexadecimal digits"),
    Mark.MAC: (
        re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\Z"),
        "like dc:a6:32:00:11:22",
    ),
    Mark.HOSTNAME: (re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62})\Z"), "a host's name"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A station in a fleet file. Without marks it is found by its hostname = `name`."""

    name: str
    groups: tuple[str, ...]
    marks: dict[Mark, str]

    def is_machine(self, identity: Identity, mark: Mark) -> bool:
        """Whether this mark says that the station is that machine."""
        text = self.marks.get(mark)
        match mark:
            case Mark.SERIAL:
                return text is not None and text == identity.serial
            case Mark.MAC:
                return text in identity.macs
            case Mark.HOSTNAME:
                wanted = text if self.marks else self.name.lower()
                return wanted == identity.hostname.lower()


class EntryReader:
    """Reads entries; `problems` collects what is wrong, one sentence each."""

    def __init__(self, document: Document, groups: frozenset[str]) -> None:
        self.problems: list[str] = []
        self._document = document
        self._groups = groups

    def entry(self, name: str, value: dict[str, Value], path: KeyPath) -> Entry:
        """The entry at `path`, without what is wrong in it."""
        return Entry(
            name,
            tuple(self._group_names(value.get(GROUPS), (*path, GROUPS))),
            dict(self._marks(value.get(MATCH), (*path, MATCH))),
        )

    def _group_names(self, value: Value, path: KeyPath) -> list[str]:
        if value is None:
            return []
        if not isinstance(value, list):
            self._report(path, "must be a list of group names")
            return []
        names = []
        for index, name in enumerate(value):
            if isinstance(name, str) and name in self._groups:
                names.append(name)
            else:
                offer = did_you_mean(str(name), self._groups)
                self._report((*path, index), f"there is no group '{name}'{offer}")
        return names

    def _marks(self, value: Value, path: KeyPath) -> list[tuple[Mark, str]]:
        if value is None:
            return []
        if not isinstance(value, dict):
            self._report(path, f"must be a section with {' or '.join(_MARKS)}")
            return []
        marks = []
        for key, text in value.items():
            mark = _MARKS.get(key)
            if mark is None:
                offer = did_you_mean(key, _MARKS) or f"; known are {', '.join(_MARKS)}"
                self._report((*path, key), f"is not a known key{offer}")
                continue
            form, told = _FORMS[mark]
            # An unquoted serial of digits alone is read as a number.
            text = str(text).lower()
            if form.match(text):
                marks.append((mark, text))
            else:
                self._report((*path, key), f"must be {told} (quoted), not '{text}'")
        return marks

    def _report(self, path: KeyPath, text: str) -> None:
        self.problems.append(self._document.problem(path, text))
