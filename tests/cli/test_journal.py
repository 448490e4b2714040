"""Events in systemd's journal, over a socket that speaks its native protocol."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from intercomd.cli.journal import JournalHandler


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class Journal:
    """The socket's other end, as journald reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.otherwise = Kept()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(2.0)
        self.handler = JournalHandler(self.otherwise, path)

    def close(self) -> None:
        self._socket.close()
        self.handler.close()

    def log(self, message: str, *arguments: object, **more: object) -> None:
        # Of its own, without the handlers of the process's.
        log = logging.Logger("intercomd.station.call")  # noqa: LOG001
        log.addHandler(self.handler)
        log.warning(message, *arguments, **more)  # type: ignore[arg-type]

    def entry(self) -> dict[str, str]:
        rest, fields = self._socket.recv(100_000), {}
        while rest:
            line, _, rest = rest.partition(b"\n")
            name, is_short, value = line.partition(b"=")
            if not is_short:
                size = int.from_bytes(rest[:8], "little")
                value, rest = rest[8 : 8 + size], rest[8 + size + 1 :]
            fields[name.decode()] = value.decode()
        return fields


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal")
    yield journal
    journal.close()


def test_an_event_has_its_level_its_source_and_its_place(journal: Journal) -> None:
    journal.log("lost room=%s", "yard")
    entry = journal.entry()
    assert entry["MESSAGE"] == "station.call: lost room=yard"
    assert entry["PRIORITY"] == "4"
    assert entry["SYSLOG_IDENTIFIER"] == "intercomd"
    assert entry["CODE_FILE"] == __file__


def test_what_an_event_names_is_a_field(journal: Journal) -> None:
    journal.log("%s refused room=%s user=%s stream=%s code=%d", "x", "a b", "u", "s", 7)
    entry = journal.entry()
    assert {name: entry[name] for name in ("ROOM", "USER", "STREAM", "CODE")} == {
        "ROOM": "a b",
        "USER": "u",
        "STREAM": "s",
        "CODE": "7",
    }


def test_a_users_id_cannot_pretend_to_be_a_field(journal: Journal) -> None:
    journal.log("in room=%s user=%s", "yard", "x room=hall\nMESSAGE=%s priority=0")
    entry = journal.entry()
    assert entry["ROOM"] == "yard"
    assert entry["USER"] == "x room=hall\nMESSAGE=%s priority=0"
    assert entry["PRIORITY"] == "4"
    assert entry["MESSAGE"].startswith("station.call: in room=yard")


def test_an_event_cannot_name_a_field_of_the_journals_own(journal: Journal) -> None:
    journal.log("odd message=%s 100%% sure=%s", "m", "s")
    entry = journal.entry()
    assert entry["MESSAGE"] == "station.call: odd message=m 100% sure=s"
    assert entry["SURE"] == "s"


def test_an_error_is_told_with_where_it_came_from(journal: Journal) -> None:
    try:
        raise ValueError("of two\nlines")
    except ValueError:
        journal.log("failed", exc_info=True)
    message = journal.entry()["MESSAGE"]
    assert message.startswith("station.call: failed\nTraceback")
    assert message.endswith("ValueError: of two\nlines")


def test_without_a_journal_events_go_the_other_way(journal: Journal) -> None:
    journal.path.unlink()
    journal.log("lost room=%s", "yard")
    assert [one.getMessage() for one in journal.otherwise.records] == ["lost room=yard"]


def test_an_event_too_long_for_the_journal_goes_the_other_way(
    journal: Journal,
) -> None:
    journal.log("%s", "x" * 10_000_000)
    assert len(journal.otherwise.records) == 1


def test_a_journal_that_takes_nothing_stops_nobody(journal: Journal) -> None:
    for _ in range(10_000):
        journal.log("lost room=%s", "yard")
    assert not journal.otherwise.records
