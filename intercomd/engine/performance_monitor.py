"""Tells how busy this process and its machine are, as Linux says it in /proc."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from intercomd.domain.events import Event
from intercomd.domain.monitor_events import PerformanceStatusUpdate
from intercomd.domain.performance import PerformanceReading, performance
from intercomd.engine.ticker import Ticker

_PROC = Path("/proc")
_AFTER_NAME = ")"
_USER_TICKS, _SYSTEM_TICKS = 11, 12
_IDLE, _IO_WAIT = 3, 4


class PerformanceMonitor:
    """Runs from `start` to `stop`; each telling is of the time since the last."""

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._before = PerformanceReading(0, 0, 0, 0, 0, 0)
        self._ticker = Ticker(self._tell)

    def start(self, interval_s: float) -> None:
        self._before = read_performance()
        self._ticker.start(interval_s)

    def stop(self) -> None:
        self._ticker.stop()

    def _tell(self) -> None:
        before, self._before = self._before, read_performance()
        self._on_event(PerformanceStatusUpdate(performance(before, self._before)))


def read_performance() -> PerformanceReading:
    """The counters as they are now (proc(5)); well below a millisecond."""
    own = (_PROC / "self/stat").read_text().rpartition(_AFTER_NAME)[2].split()
    machine = (_PROC / "stat").read_text().partition("\n")[0].split()[1:9]
    ticks = [int(count) for count in machine]
    memory = dict(
        line.split(":") for line in (_PROC / "meminfo").read_text().splitlines()
    )
    pages = int((_PROC / "self/statm").read_text().split()[1])
    return PerformanceReading(
        app_ticks=int(own[_USER_TICKS]) + int(own[_SYSTEM_TICKS]),
        busy_ticks=sum(ticks) - ticks[_IDLE] - ticks[_IO_WAIT],
        all_ticks=sum(ticks),
        app_bytes=pages * os.sysconf("SC_PAGE_SIZE"),
        free_bytes=_bytes(memory["MemAvailable"]),
        all_bytes=_bytes(memory["MemTotal"]),
    )


def _bytes(kibibytes: str) -> int:
    return 1024 * int(kibibytes.split()[0])
