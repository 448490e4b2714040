"""Loss takes the bitrate down, its end brings it back."""

from __future__ import annotations

import pytest

from intercomd.engine.bitrate_control import BitrateControl


def test_heavy_loss_takes_half_its_share_away() -> None:
    assert BitrateControl(48).report(0.2, 6) == pytest.approx(43.2)


def test_some_loss_changes_nothing() -> None:
    control = BitrateControl(48)
    control.report(0.5, 6)
    assert control.report(0.05, 6) == pytest.approx(36)


def test_without_loss_it_comes_back_to_what_was_wanted() -> None:
    control = BitrateControl(48)
    for _ in range(10):
        control.report(0.5, 6)
    for _ in range(60):
        control.report(0.0, 6)
    assert control.kbps == 48


def test_it_stays_above_the_least_unless_less_is_wanted() -> None:
    control = BitrateControl(48)
    for _ in range(50):
        control.report(1.0, 24)
    assert control.kbps == 24
    assert BitrateControl(16).report(1.0, 24) == 16
