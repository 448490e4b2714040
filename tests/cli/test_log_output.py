"""Events on stderr: one a line, for people, for the journal and for programs."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from types import TracebackType

import pytest

from intercomd.cli.log_output import JournalFormatter, JsonFormatter, TextFormatter

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None]

WRITE = """
import logging, sys
from pathlib import Path
from intercomd.cli.log_output import LogFormat, write_log
from intercomd.domain.log_level import LogLevel
write_log(LogLevel(sys.argv[1]), LogFormat(sys.argv[2]), Path("/no/journal"))
logging.getLogger("intercomd.station.link").info("connected room=%s", "yard")
logging.getLogger("intercomd.station.link").warning("lost room=%s", "yard")
logging.getLogger("aioice").info("chatter")
"""


def record(error: ErrorInfo | None = None) -> logging.LogRecord:
    return logging.LogRecord(
        name="intercomd.station.link",
        level=logging.ERROR,
        pathname="",
        lineno=0,
        msg="lost room=%s",
        args=("yard",),
        exc_info=error,
    )


def failure() -> ErrorInfo:
    error = ValueError("of two\nlines")
    return type(error), error, None


def written(level: str, form: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", WRITE, level, form],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stderr.splitlines()


def test_people_read_time_level_source_and_event() -> None:
    clock, _, rest = TextFormatter().format(record()).partition(" ")
    assert rest == "error station.link: lost room=yard"
    assert len(clock) == len("12:00:00.000")


def test_the_journal_gets_the_level_on_every_line_and_no_time() -> None:
    assert JournalFormatter().format(record()) == "<3>station.link: lost room=yard"
    lines = JournalFormatter().format(record(failure())).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("<3>") for line in lines)


def test_programs_get_one_object_a_line_also_with_an_error() -> None:
    (line,) = JsonFormatter().format(record(failure())).splitlines()
    told = json.loads(line)
    assert told["level"] == "error"
    assert told["source"] == "station.link"
    assert told["event"] == "lost room=yard"
    assert "of two\nlines" in told["error"]


@pytest.mark.parametrize(
    ("level", "events"),
    [("debug", 2), ("info", 2), ("warning", 1), ("error", 0)],
)
def test_the_level_is_for_our_events_not_for_those_of_libraries(
    level: str, events: int
) -> None:
    lines = written(level, "json")
    assert len(lines) == events
    assert not any("chatter" in line for line in lines)


def test_a_stream_that_is_not_the_journals_is_for_people() -> None:
    (line,) = written("warning", "text", JOURNAL_STREAM="1:2")
    assert line.endswith(" warning station.link: lost room=yard")


def test_the_stream_that_systemd_made_is_the_journals() -> None:
    read, write = os.pipe()
    with os.fdopen(read) as pipe:
        status = os.fstat(write)
        subprocess.run(
            [sys.executable, "-c", WRITE, "warning", "text"],
            stderr=write,
            check=True,
            env={**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"},
        )
        os.close(write)
        assert pipe.read() == "<4>station.link: lost room=yard\n"
