"""On what it was measured, and with which versions: said beside every figure."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.processes import PROJECT
from tests.benchmarks.peers.peer import Peer

_OF_INTERCOMD = "intercomd"


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and the versions of what ran on it."""

    at: str
    cores: int
    processor: str
    system: str
    python: str
    load_before: float
    versions: dict[str, str]

    def __str__(self) -> str:
        versions = "; ".join(f"{peer}: {told}" for peer, told in self.versions.items())
        return (
            f"{self.at}, {self.cores} cores ({self.processor}), {self.system}, "
            f"Python {self.python}, load {self.load_before:.2f} before it. {versions}."
        )


def machine(peers: Iterable[Peer]) -> Machine:
    """This one, now."""
    return Machine(
        at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        cores=os.cpu_count() or 1,
        processor=_processor(),
        system=_system(),
        python=platform.python_version(),
        load_before=round(os.getloadavg()[0], 2),
        versions={
            peer.name: _commit() if peer.name == _OF_INTERCOMD else peer.version()
            for peer in peers
        },
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    named = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    return f"{named}, kernel {platform.release()}"


def _commit() -> str:
    told = subprocess.run(
        ["git", "-C", str(PROJECT), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"commit {told.stdout.strip()}" if told.returncode == 0 else "no commit"
