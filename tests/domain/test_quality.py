"""The rule of the quality level, and the estimate of a listener's mark."""

from __future__ import annotations

import pytest

from intercomd.domain.quality import QualityLevel, mos, quality_level


@pytest.mark.parametrize(
    ("loss", "rtt_ms", "jitter_ms", "level"),
    [
        (0.0, 1.0, 0.5, QualityLevel.EXCELLENT),
        (0.02, 100.0, 20.0, QualityLevel.EXCELLENT),
        (0.03, 1.0, 0.5, QualityLevel.GOOD),
        (0.0, 300.0, 0.5, QualityLevel.MEDIUM),
        (0.03, 1.0, 150.0, QualityLevel.BAD),
        (0.31, 1.0, 0.5, QualityLevel.DIE),
        (None, None, 30.0, QualityLevel.GOOD),
        (None, None, None, QualityLevel.UNKNOWN),
    ],
)
def test_the_level_is_the_worst_of_what_is_known(
    loss: float | None,
    rtt_ms: float | None,
    jitter_ms: float | None,
    level: QualityLevel,
) -> None:
    assert quality_level(loss, rtt_ms, jitter_ms) is level


def test_the_mark_is_good_on_a_good_line_and_falls_with_loss_and_delay() -> None:
    best = mos(0.0, 50.0)
    assert best == pytest.approx(4.38, abs=0.03)
    assert best > mos(0.01, 50.0) > mos(0.05, 50.0) > mos(0.2, 50.0) >= 1.0
    assert best > mos(0.0, 200.0) > mos(0.0, 400.0) >= 1.0
    assert mos(1.0, 5000.0) == 1.0
