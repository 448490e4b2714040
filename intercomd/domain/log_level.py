"""How much a program tells, as station and room server have it in their settings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class LogLevel(Enum):
    """Everything of this level and of those below it in this list is told."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The section `log`."""

    level: LogLevel = LogLevel.INFO
