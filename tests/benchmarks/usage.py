"""What processes cost: CPU and memory, those they started included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def cpu_s(pid: int) -> float:
    """CPU seconds of all threads now alive of a process and its descendants."""
    nanoseconds = 0
    for member in family(pid):
        for task in (_PROC / str(member) / "task").glob("*/schedstat"):
            with suppress(OSError):  # a thread may end under our eyes
                nanoseconds += int(task.read_text().split()[0])
    return nanoseconds / 1e9


def pss_mb(pid: int) -> float:
    """Memory of a process and its descendants, shared pages divided by users."""
    kilobytes = 0
    for member in family(pid):
        with suppress(OSError):
            rollup = (_PROC / str(member) / "smaps_rollup").read_text()
            kilobytes += int(rollup.partition("\nPss:")[2].split()[0])
    return kilobytes / 1024


def family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for status in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name, in parentheses, may contain anything.
            fields = status.read_text().rpartition(")")[2].split()
            children[int(fields[1])].append(int(status.parent.name))
    waiting = [pid]
    while waiting:
        member = waiting.pop()
        yield member
        waiting += children[member]
