"""The engine's log in files that take turns: `setLogConfig`."""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from intercomd.domain.errors import (
    IllegalParameter,
    LogNotWritable,
    LogPathTooLong,
)

FILE = "intercomd.log"
SIZE_MB = (1, 100)
COUNT = (3, 20)

_log = logging.getLogger("intercomd")


@dataclass(frozen=True, slots=True)
class LogConfig:
    """log_path   a folder; there is no default, as the reference has none on Linux
    log_size_mb  of each file, 1 to 100; 0 writes none
    log_count    how many files there are at most, 3 to 20
    """

    log_path: Path
    log_size_mb: int = 5
    log_count: int = 3

    def check(self) -> None:
        """Raise `IllegalParameter`, `LogPathTooLong` or `LogNotWritable`."""
        least, most = SIZE_MB
        if self.log_size_mb != 0 and not least <= self.log_size_mb <= most:
            raise IllegalParameter(f"log size {self.log_size_mb} MB; {least} to {most}")
        least, most = COUNT
        if not least <= self.log_count <= most:
            raise IllegalParameter(f"{self.log_count} log files; {least} to {most}")
        if self.log_size_mb:
            _handler(self).close()


class LogFile:
    """Takes what the engine logs, INFO and above, from `open` to `close`."""

    def __init__(self, config: LogConfig) -> None:
        self._config = config
        self._handler: RotatingFileHandler | None = None
        self._level_before = logging.NOTSET

    def open(self) -> None:
        """Raises what `LogConfig.check` raises."""
        if not self._config.log_size_mb:
            return
        self._handler = _handler(self._config)
        self._level_before = _log.level
        if _log.getEffectiveLevel() > logging.INFO:
            _log.setLevel(logging.INFO)
        _log.addHandler(self._handler)

    def close(self) -> None:
        """Idempotent."""
        if self._handler is not None:
            _log.removeHandler(self._handler)
            _log.setLevel(self._level_before)
            self._handler.close()
            self._handler = None


def _handler(config: LogConfig) -> RotatingFileHandler:
    try:
        config.log_path.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            config.log_path / FILE,
            maxBytes=config.log_size_mb << 20,
            backupCount=config.log_count - 1,
            encoding="utf-8",
        )
    except OSError as error:
        is_long = error.errno == errno.ENAMETOOLONG
        kind = LogPathTooLong if is_long else LogNotWritable
        raise kind(f"{error.strerror or error}") from error
    handler.setLevel(logging.INFO)
    line = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(logging.Formatter(line))
    return handler
