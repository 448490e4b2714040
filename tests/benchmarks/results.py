"""A run as a JSON file: the machine, the rows, the targets and every launch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import msgspec

from tests.benchmarks.launch import Launch, faults
from tests.benchmarks.machine import Machine
from tests.benchmarks.rows import rows
from tests.benchmarks.targets import verdicts


def write(path: Path, machine: Machine, launches: Sequence[Launch]) -> None:
    """All there is to know of a run so far; an interrupted write leaves the old."""
    found = rows(launches)
    document = {
        "machine": asdict(machine),
        "rows": [asdict(row) for row in found.values()],
        "targets": [
            {
                "name": verdict.target.name,
                "wanted": verdict.target.wanted,
                "found": verdict.found,
                "missed_by": verdict.missed_by,
            }
            for verdict in verdicts(found)
        ],
        "launches": [
            asdict(launch) | {"faults": list(faults(launch))} for launch in launches
        ],
    }
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(document, indent=1, default=str) + "\n")
    new.replace(path)


def read(path: Path) -> list[Launch]:
    """The launches of a run that was written."""
    told = json.loads(path.read_text())["launches"]
    return msgspec.convert(told, list[Launch])
