"""What the bench knows of those it compares."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.benchmarks.stage import Place, Stage

Processes = Mapping[Place, int]
"""The process of each place, by its ID; those it started belong to it."""


class NoCall(RuntimeError):
    """The call did not come about; the text says at what it failed."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to talk from card to card.

    `call` is entered once the two hear each other, and ends everything it began;
    each time is a fresh launch.
    """

    name: str
    title: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]
    call: Callable[[Stage], AbstractContextManager[Processes]]
    every_round: bool = True
    """Whether the last of several rounds measures it, too."""

    def missing(self) -> str | None:
        """What to install before it can be measured; None when all is there."""
        absent = [name for name in self.programs if not shutil.which(name)]
        if not absent:
            return None
        return (
            f"{self.title} is not measured, for {' and '.join(absent)} is missing: "
            f"run 'apt-get install {' '.join(self.packages)}'"
        )

    def version(self) -> str:
        """Of its packages, as Debian names them."""
        told = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *self.packages],
            capture_output=True,
            text=True,
            check=False,
        )
        return ", ".join(told.stdout.split("\n")[:-1]) or "unknown"
