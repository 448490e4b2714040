"""So many per second, with as much of a burst."""

from __future__ import annotations

from intercomd.media.allowance import Allowance


def test_allowance_refills_with_time() -> None:
    allowance = Allowance(10)
    assert allowance.take(20, 1.0) == 10
    assert allowance.take(1, 1.0) == 0
    assert allowance.take(20, 1.5) == 5
