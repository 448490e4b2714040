"""The rate follows the path: down at once, up again slowly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intercomd.media.rate_control import LOSSY_LEAST_KBPS, RateControl

MOST, LEAST = 100.0, 17.0


class Path:
    """A path that is looked at ten times a second."""

    def __init__(self) -> None:
        self.control = RateControl(MOST)
        self.now = 100.0
        self.due = 0
        self.lost = 0.0

    def goes_on(
        self,
        seconds: float,
        *,
        loss: float = 0.0,
        is_queueing: bool = False,
        is_late: bool = False,
        has_copies: bool = False,
    ) -> float:
        for _ in range(round(10 * seconds)):
            self.now += 0.1
            self.due += 10
            self.lost += 10 * loss
            self.control.note(
                round(self.lost),
                self.due,
                self.now,
                is_queueing=is_queueing,
                is_late=is_late,
                has_copies=has_copies,
                least_kbps=LEAST,
            )
        return self.control.kbps


def test_good_path_gets_all_that_was_asked_for() -> None:
    assert Path().goes_on(60) == MOST


def test_a_tenth_lost_without_a_queue_is_left_to_copies() -> None:
    assert Path().goes_on(60, loss=0.1, has_copies=True) == MOST


def test_queue_is_answered_at_once() -> None:
    assert Path().goes_on(0.1, is_queueing=True) == 75


def test_queue_that_overflows_is_answered_by_more() -> None:
    path = Path()
    path.goes_on(5)
    assert path.goes_on(0.1, is_queueing=True, loss=0.6) == 50


def test_copies_give_way_before_the_sound_does() -> None:
    path = Path()
    path.goes_on(5, loss=0.1, has_copies=True)
    assert path.goes_on(1.2, is_queueing=True) == MOST
    assert path.goes_on(0.5, is_queueing=True) == 75


def test_queue_that_was_the_copies_own_costs_no_rate() -> None:
    path = Path()
    path.goes_on(5, loss=0.1, has_copies=True)
    path.goes_on(1.0, is_queueing=True)
    assert path.goes_on(30) == MOST


def test_queue_that_stays_brings_it_down_to_the_least() -> None:
    assert Path().goes_on(20, is_queueing=True) == LEAST


def test_sustained_heavy_loss_brings_it_to_in_band_fec_and_one_burst_does_not() -> None:
    path = Path()
    assert path.goes_on(0.2, loss=0.3) == MOST
    path.goes_on(5)
    assert path.goes_on(20, loss=0.3) == LOSSY_LEAST_KBPS


def test_heavy_loss_takes_nothing_more_from_a_path_found_narrow() -> None:
    path = Path()
    path.goes_on(20, is_queueing=True)
    assert path.goes_on(4, loss=0.3) == LEAST


def test_recovery_waits_is_slow_and_takes_less_than_30_s() -> None:
    path = Path()
    path.goes_on(20, is_queueing=True)
    assert path.goes_on(4.5) == LEAST
    assert LEAST < path.goes_on(5) < 35
    assert path.goes_on(20) == MOST


def test_step_up_that_seems_too_much_is_taken_back_and_no_more_than_once() -> None:
    path = Path()
    path.goes_on(20, is_queueing=True)
    risen = path.goes_on(15)
    assert LEAST < path.goes_on(0.1, is_late=True) < risen
    assert path.goes_on(4, is_late=True) == path.control.kbps > risen / 1.3


def test_late_packet_on_a_path_that_bore_all_so_far_costs_nothing() -> None:
    assert Path().goes_on(10, is_late=True) == MOST


def test_another_bitrate_is_taken_as_far_as_the_path_bears_it() -> None:
    path = Path()
    path.control.aim(150)
    assert path.control.kbps == 150
    path.goes_on(20, is_queueing=True)
    path.control.aim(MOST)
    assert path.control.kbps == LEAST


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), max_size=100))
def test_rate_stays_within_its_bounds(
    reports: list[tuple[float, bool, bool]],
) -> None:
    path = Path()
    for loss, is_queueing, has_copies in reports:
        kbps = path.goes_on(
            0.5, loss=loss, is_queueing=is_queueing, has_copies=has_copies
        )
        assert LEAST <= kbps <= MOST
