from __future__ import annotations

from intercomd.media.backlog import Backlog

FRAME_S = 0.01


def draining_until(arrivals: list[float]) -> int:
    """How many packets of 10 ms, that arrive then, are taken for kept back."""
    backlog = Backlog()
    backlog.begin(0.0, arrivals[0])
    for number, at in enumerate(arrivals[1:], start=1):
        backlog.go_on(number * FRAME_S, at)
        if not backlog.is_draining:
            return number
    return len(arrivals)


def test_talk_in_real_time_is_none_from_its_second_packet_on() -> None:
    assert draining_until([n * FRAME_S for n in range(20)]) == 1


def test_what_comes_all_at_once_is_one_until_real_time() -> None:
    arrivals = [0.3] * 30 + [0.3 + n * FRAME_S for n in range(1, 20)]
    assert 30 <= draining_until(arrivals) <= 33


def test_what_comes_four_at_a_time_is_one_until_real_time() -> None:
    arrivals = [(n // 4) * FRAME_S for n in range(40)]
    arrivals += [0.1 + n * FRAME_S for n in range(20)]
    assert 40 <= draining_until(arrivals) <= 45


def test_two_that_come_late_and_together_are_one_for_two_packets_at_most() -> None:
    assert draining_until([0.01, 0.01, 0.02, 0.03, 0.04]) <= 3
