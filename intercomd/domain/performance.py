"""How busy a process and its machine are. Pure arithmetic on two readings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PerformanceStatus:
    """The reference's figures; shares are 0.0 to 1.0 of the whole machine.

    memory_used_app_mb  what this process holds in memory (its resident set)
    """

    cpu_usage_app: float
    cpu_usage_system: float
    memory_usage_app: float
    memory_usage_system: float
    memory_used_app_mb: float


@dataclass(frozen=True, slots=True)
class PerformanceReading:
    """Counters of the processor in the kernel's ticks, of all its cores together."""

    app_ticks: int
    busy_ticks: int
    all_ticks: int
    app_bytes: int
    free_bytes: int
    all_bytes: int


def performance(
    before: PerformanceReading, now: PerformanceReading
) -> PerformanceStatus:
    """What lies between two readings; memory is as it is now."""
    ticks = max(1, now.all_ticks - before.all_ticks)
    return PerformanceStatus(
        cpu_usage_app=_share(now.app_ticks - before.app_ticks, ticks),
        cpu_usage_system=_share(now.busy_ticks - before.busy_ticks, ticks),
        memory_usage_app=_share(now.app_bytes, now.all_bytes),
        memory_usage_system=_share(now.all_bytes - now.free_bytes, now.all_bytes),
        memory_used_app_mb=now.app_bytes / 2**20,
    )


def _share(part: int, whole: int) -> float:
    return min(1.0, max(0.0, part / whole))
