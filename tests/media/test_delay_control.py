"""When the delay is to be changed."""

from __future__ import annotations

import pytest

from intercomd.media.delay_control import DelayControl, Wish


def after(control: DelayControl, slack_s: float, start: float = 0.0) -> Wish:
    """What is wished after a second of packets with this slack."""
    wish = Wish.NOTHING
    for count in range(100):
        control.played(slack_s, start + count / 100)
        wish = control.wish(start + count / 100)
    return wish


@pytest.mark.parametrize("slack_s", [0.005, 0.02, 0.025])
def test_delay_within_the_band_is_left_alone(slack_s: float) -> None:
    assert after(DelayControl(0.02), slack_s) is Wish.NOTHING


def test_well_above_the_target_is_too_much() -> None:
    assert after(DelayControl(0.02), 0.027) is Wish.SHORTEN


def test_slack_near_zero_is_too_little() -> None:
    assert after(DelayControl(0.02), 0.003) is Wish.LENGTHEN


def test_nothing_is_wished_before_a_whole_window_was_seen() -> None:
    control = DelayControl(0.02)
    control.settle(5.0)
    control.played(0.1, 5.0)
    assert control.wish(5.14) is Wish.NOTHING


def test_small_change_waits_a_while_for_a_quiet_moment() -> None:
    control = DelayControl(0.02)
    for count in range(16):
        control.played(0.035, count / 100)
        control.wish(count / 100)
    assert control.can_wait(0.16)
    after(control, 0.035, start=0.16)
    assert not control.can_wait(1.16)


def test_large_excess_does_not_wait() -> None:
    control = DelayControl(0.02)
    after(control, 0.07)
    assert not control.can_wait(1.0)


def test_change_counts_at_once() -> None:
    control = DelayControl(0.02)
    after(control, 0.03)
    control.changed(-0.01, 1.0)
    assert control.wish(1.11) is Wish.NOTHING


def test_changes_keep_a_distance() -> None:
    control = DelayControl(0.02)
    after(control, 0.07)
    control.changed(-0.01, 1.0)
    assert control.wish(1.05) is Wish.NOTHING
    assert control.wish(1.11) is Wish.SHORTEN
