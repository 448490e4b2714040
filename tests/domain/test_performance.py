"""Two readings make a status."""

from __future__ import annotations

from intercomd.domain.performance import PerformanceReading, performance

BEFORE = PerformanceReading(100, 1000, 4000, 0, 0, 0)


def test_shares_are_of_the_whole_machine() -> None:
    now = PerformanceReading(150, 1200, 4400, 2**28, 3 * 2**28, 2**30)
    status = performance(BEFORE, now)
    assert status.cpu_usage_app == 50 / 400
    assert status.cpu_usage_system == 200 / 400
    assert status.memory_usage_app == 1 / 4
    assert status.memory_usage_system == 1 / 4
    assert status.memory_used_app_mb == 256


def test_two_readings_of_one_moment_are_no_division_by_zero() -> None:
    same = PerformanceReading(100, 1000, 4000, 1, 1, 2)
    assert performance(same, same).cpu_usage_app == 0
