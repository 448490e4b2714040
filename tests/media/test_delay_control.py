"""When sound is to be stretched, and by how much."""

from __future__ import annotations

import pytest

from intercomd.domain.audio import FRAME_SAMPLES
from intercomd.media.delay_control import (
    LULL_ONLY,
    LULL_S,
    SURE_LIKENESS,
    Change,
    DelayControl,
)


def wish(
    lead_s: float, remainder: int = 0, *, after_s: float = 1.0, since_s: float = 0.0
) -> Change | None:
    """What is wished `after_s` with this lead, which it had for `since_s`."""
    control = DelayControl()
    control.wish(lead_s, remainder, after_s - since_s)
    return control.wish(lead_s, remainder, after_s)


@pytest.mark.parametrize("lead_s", [0.0, 0.005, 0.0119])
def test_lead_of_up_to_a_frame_is_left_alone(lead_s: float) -> None:
    assert wish(lead_s) is None


@pytest.mark.parametrize(
    ("lead_s", "remainder", "samples"),
    [
        (0.0121, 0, -FRAME_SAMPLES),
        (0.035, 0, -3 * FRAME_SAMPLES),
        (0.0121, 200, -FRAME_SAMPLES - 200),
        (0.001, 200, -200),
        (-0.001, 0, FRAME_SAMPLES),
        (-0.011, 0, 2 * FRAME_SAMPLES),
        (-0.001, 400, 80),
    ],
)
def test_change_leads_to_where_no_sample_is_delayed_for_nothing(
    lead_s: float, remainder: int, samples: int
) -> None:
    change = wish(lead_s, remainder)
    assert change is not None
    assert change.samples == samples


@pytest.mark.parametrize(
    ("lead_s", "since_s", "likeness"),
    [
        (0.013, 0.0, LULL_ONLY),
        (0.013, LULL_S - 0.01, LULL_ONLY),
        (0.013, LULL_S, SURE_LIKENESS),
        (0.013, LULL_S + 8.0, 0.0),
        (0.035, 0.0, SURE_LIKENESS),
        (0.035, 8.0, 0.0),
        (-0.001, 0.0, SURE_LIKENESS),
        (-0.001, 8.0, 0.0),
    ],
)
def test_at_first_only_a_seam_that_is_not_heard_will_do_at_last_any(
    lead_s: float, since_s: float, likeness: float
) -> None:
    change = wish(lead_s, after_s=20.0, since_s=since_s)
    assert change is not None
    assert change.likeness == pytest.approx(likeness, abs=1e-9)


@pytest.mark.parametrize(
    ("samples", "after_s", "waits"),
    [(-FRAME_SAMPLES, 0.1, False), (-FRAME_SAMPLES, 0.6, True), (480, 0.1, True)],
)
def test_the_rest_of_an_excess_waits_for_no_lull(
    samples: int, after_s: float, *, waits: bool
) -> None:
    control = DelayControl()
    control.changed(samples, 1.0)
    change = control.wish(0.013, 0, 1.0 + after_s)
    assert change is not None
    assert (change.likeness == LULL_ONLY) == waits


def test_large_excess_has_less_patience_than_a_small_one() -> None:
    small, large = (wish(lead_s, since_s=0.15) for lead_s in (0.013, 0.2))
    assert small is not None
    assert large is not None
    assert large.likeness < small.likeness - 0.3


@pytest.mark.parametrize(("lead_s", "every_s"), [(0.013, 0.1), (0.2, 0.02)])
def test_changes_keep_a_distance(lead_s: float, every_s: float) -> None:
    control = DelayControl()
    assert control.wish(lead_s, 0, 1.0) is not None
    control.changed(-FRAME_SAMPLES, 1.0)
    assert control.wish(lead_s, 0, 1.0 + every_s - 0.005) is None
    assert control.wish(lead_s, 0, 1.0 + every_s + 0.005) is not None


def test_nothing_is_taken_out_right_after_a_packet_was_late() -> None:
    control = DelayControl()
    control.was_late(1.0)
    assert control.wish(0.2, 0, 1.2) is None
    assert control.wish(-0.01, 0, 1.2) is not None
    assert control.wish(0.2, 0, 1.3) is not None
