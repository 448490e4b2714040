"""How busy the machine itself was: what a figure must be read with."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

_PRESSURE = Path("/proc/pressure/cpu")


@dataclass(frozen=True, slots=True)
class Pressure:
    """Over a span of time: cores busy and stolen, and the share of it in which
    somebody who could have run had to wait (the kernel's PSI "some")."""

    busy_cores: float
    stolen_cores: float
    psi: float


@dataclass(frozen=True, slots=True)
class Totals:
    """The counters since the machine was started, at one instant."""

    at: float
    busy_s: float
    stolen_s: float
    waiting_s: float

    def until(self, later: Totals) -> Pressure:
        """What happened between the two."""
        span_s = later.at - self.at
        return Pressure(
            round((later.busy_s - self.busy_s) / span_s, 3),
            round((later.stolen_s - self.stolen_s) / span_s, 3),
            round((later.waiting_s - self.waiting_s) / span_s, 3),
        )


def totals() -> Totals:
    """The counters now."""
    with Path("/proc/stat").open() as file:
        ticks = [int(field) for field in file.readline().split()[1:9]]
    user, nice, system, _idle, _io, interrupts, soft, stolen = ticks
    hz = os.sysconf("SC_CLK_TCK")
    busy = user + nice + system + interrupts + soft
    return Totals(time.monotonic(), busy / hz, stolen / hz, _waiting_s())


def _waiting_s() -> float:
    if not _PRESSURE.exists():  # a kernel without PSI: nothing is known of it
        return 0.0
    some = _PRESSURE.read_text().splitlines()[0]
    return int(some.partition("total=")[2]) / 1e6
