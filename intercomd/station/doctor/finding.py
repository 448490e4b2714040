"""One thing the doctor looked at, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Level(IntEnum):
    """How bad it is; the higher, the worse.

    FINE     as it should be
    NOTE     neither good nor bad, or it could not be looked at
    WARNING  the station works, but not as well as it could, or not for long
    FAILURE  something of the station does not work
    """

    FINE = 0
    NOTE = 1
    WARNING = 2
    FAILURE = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` says what to do, "" where nothing is to be done.

    check    which part was looked at, one word
    figures  what was measured, the unit in the name
    """

    check: str
    level: Level
    text: str
    remedy: str = ""
    figures: Mapping[str, float | str] = field(default_factory=dict)


def fine(check: str, text: str, **figures: float | str) -> Finding:
    return Finding(check, Level.FINE, text, figures=figures)


def note(check: str, text: str, remedy: str = "", **figures: float | str) -> Finding:
    return Finding(check, Level.NOTE, text, remedy, figures)


def warning(check: str, text: str, remedy: str, **figures: float | str) -> Finding:
    return Finding(check, Level.WARNING, text, remedy, figures)


def failure(check: str, text: str, remedy: str, **figures: float | str) -> Finding:
    return Finding(check, Level.FAILURE, text, remedy, figures)
