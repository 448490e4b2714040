"""The journal of systemd: each event with its room, user and stream as fields.

See systemd.io/JOURNAL_NATIVE_PROTOCOL. It never waits for the journal.
"""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterator
from pathlib import Path

SOCKET = Path("/run/systemd/journal/socket")

_PRIORITIES = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}
_OWN = frozenset(
    {"MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "LOGGER"}
    | {"CODE_FILE", "CODE_LINE", "CODE_FUNC"}
)
_PLACE = re.compile(r"%%|(?:\b([a-z]\w*)=)?%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")


class JournalHandler(logging.Handler):
    """Tells each event to the journal; one that it cannot take goes to `otherwise`."""

    def __init__(self, otherwise: logging.Handler, path: Path = SOCKET) -> None:
        super().__init__()
        self._otherwise = otherwise
        self._path = str(path)
        self._socket = socket.socket(
            socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
        )
        self._socket.setblocking(False)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._socket.sendto(self._entry(record), self._path)
        except BlockingIOError:
            pass  # full: its other entrance leads to the same queue
        except OSError:
            self._otherwise.emit(record)
        except Exception:  # noqa: BLE001 - as logging wants it of every handler
            self.handleError(record)

    def close(self) -> None:
        self._socket.close()
        super().close()

    def _entry(self, record: logging.LogRecord) -> bytes:
        source = record.name.removeprefix("intercomd.")
        message = f"{source}: {record.getMessage()}"
        if record.exc_info:
            formatter = self.formatter or logging.Formatter()
            message += "\n" + formatter.formatException(record.exc_info)
        fields = {
            **dict(named(record)),
            "MESSAGE": message,
            "PRIORITY": str(_PRIORITIES.get(record.levelno, 6)),
            "SYSLOG_IDENTIFIER": "intercomd",
            "LOGGER": record.name,
            "CODE_FILE": record.pathname,
            "CODE_LINE": str(record.lineno),
            "CODE_FUNC": record.funcName or "",
        }
        return b"".join(_field(name, value) for name, value in fields.items())


def named(record: logging.LogRecord) -> Iterator[tuple[str, str]]:
    """What an event names as `room=%s` in its format: `("ROOM", "lobby")`.

    Not looked for in the text, where a user's ID could pretend to be a field.
    """
    if not isinstance(record.args, tuple):
        return
    places = [place for place in _PLACE.finditer(str(record.msg)) if place[0] != "%%"]
    for place, value in zip(places, record.args, strict=False):
        name = (place[1] or "").upper()
        if name and name not in _OWN:
            yield name, str(value)


def _field(name: str, value: str) -> bytes:
    content = value.encode(errors="replace")
    if b"\n" not in content:
        return name.encode() + b"=" + content + b"\n"
    return b"%s\n%s%s\n" % (
        name.encode(),
        len(content).to_bytes(8, "little"),
        content,
    )
