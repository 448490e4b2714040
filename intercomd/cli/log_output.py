"""How events are told on stderr: one a line, for people, the journal or programs.

The journal has the time; it takes events with their fields, or, where its socket is
not to be had, lines with the level as a prefix (sd-daemon(3)).
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final

from intercomd.cli.journal import SOCKET, JournalHandler
from intercomd.domain.log_level import LogLevel


class LogFormat(Enum):
    """What `--log-format` may be."""

    TEXT = "text"
    JSON = "json"


def write_log(level: LogLevel, form: LogFormat, journal: Path = SOCKET) -> None:
    """Tell the events of this level and above; of libraries, only their warnings."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(form))
    if form is LogFormat.TEXT and _to_journal():
        handler = JournalHandler(handler, journal)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("intercomd").setLevel(level.name)


class TextFormatter(logging.Formatter):
    """`12:00:00.000 info station.link: connected room=lobby`."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).astimezone()
        clock = time.isoformat(timespec="milliseconds")[11:23]
        return f"{clock} {record.levelname.lower()} {_told(self, record)}"


class JournalFormatter(logging.Formatter):
    """`<6>station.link: connected room=lobby`, the prefix on every line."""

    def format(self, record: logging.LogRecord) -> str:
        prefix = _PRIORITIES.get(record.levelno, "<6>")
        return prefix + _told(self, record).replace("\n", "\n" + prefix)


class JsonFormatter(logging.Formatter):
    """`{"time": ..., "level": ..., "source": ..., "event": ...}`, and "error"."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).astimezone()
        told = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "source": _source(record),
            "event": record.getMessage(),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


_PRIORITIES: Final[Mapping[int, str]] = {
    logging.DEBUG: "<7>",
    logging.INFO: "<6>",
    logging.WARNING: "<4>",
    logging.ERROR: "<3>",
    logging.CRITICAL: "<2>",
}


def _formatter(form: LogFormat) -> logging.Formatter:
    match form:
        case LogFormat.JSON:
            return JsonFormatter()
        case LogFormat.TEXT:
            return JournalFormatter() if _to_journal() else TextFormatter()


def _to_journal() -> bool:
    """Whether stderr is the stream that systemd says it made for the journal."""
    stream = os.environ.get("JOURNAL_STREAM")
    if stream is None:
        return False
    status = os.fstat(sys.stderr.fileno())
    return stream == f"{status.st_dev}:{status.st_ino}"


def _told(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    told = f"{_source(record)}: {record.getMessage()}"
    if record.exc_info:
        told += "\n" + formatter.formatException(record.exc_info)
    return told


def _source(record: logging.LogRecord) -> str:
    return record.name.removeprefix("intercomd.")
