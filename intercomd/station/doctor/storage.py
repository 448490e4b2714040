"""Whether there is room, and whether it can be written to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from intercomd.station.doctor.finding import Finding, fine, note, warning

FREE_LEAST_MB = 200
FREE_LEAST_INODES = 1000

_PLACES = ("", "var/log", "run", "tmp")
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """A file system: what is mounted, and what is left of it. `inodes` is None where
    it has no fixed number of them."""

    path: str
    is_read_only: bool
    free_mb: float
    inodes: int | None


def read_storage(root: Path) -> list[Place]:
    """The file systems that matter, each once; what cannot be read is left out."""
    places: dict[int, Place] = {}
    for name in _PLACES:
        path = root / name
        try:
            told, device = os.statvfs(path), path.stat().st_dev
        except OSError:
            continue
        places.setdefault(
            device,
            Place(
                f"/{name}",
                bool(told.f_flag & os.ST_RDONLY),
                told.f_bavail * told.f_frsize / _MB,
                told.f_favail if told.f_files else None,
            ),
        )
    return list(places.values())


def judge_storage(places: Sequence[Place]) -> Iterator[Finding]:
    """The station itself writes nothing but its log; others may need the room."""
    for place in places:
        if place.is_read_only:
            yield note(
                "storage",
                f"{place.path} is read-only: the station runs from it, but a log there "
                "is not kept",
                "if that was not meant: dmesg tells of a failing card, and "
                "'sudo mount -o remount,rw /' tries again",
            )
        elif place.free_mb < FREE_LEAST_MB:
            yield warning(
                "storage",
                f"{place.path} has {place.free_mb:.0f} MB left",
                "make room: sudo journalctl --vacuum-size=50M, sudo apt-get clean",
                free_mb=round(place.free_mb),
            )
        elif place.inodes is not None and place.inodes < FREE_LEAST_INODES:
            yield warning(
                "storage",
                f"{place.path} has room for {place.inodes} more files only",
                "look for a folder of very many small files, and delete them",
            )
        else:
            yield fine(
                "storage",
                f"{place.path} has {place.free_mb:.0f} MB left",
                free_mb=round(place.free_mb),
            )
