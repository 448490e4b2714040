from __future__ import annotations

from intercomd.media.level import SILENT_DBOV
from intercomd.media.spurt import THIN_PACKETS_MAX, Spurt

FRAME_S = 0.01
SILENT = round(SILENT_DBOV)


def draining_until(arrivals: list[float]) -> int:
    """How many packets of 10 ms, that arrive then, are taken for kept back."""
    spurt = Spurt()
    spurt.begin(0.0, arrivals[0])
    for number, at in enumerate(arrivals[1:], start=1):
        spurt.go_on(number * FRAME_S, at)
        if not spurt.is_draining:
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


def test_silence_of_which_little_is_sent_is_told_from_silence_sent_whole() -> None:
    spurt = Spurt()
    silences = [
        spurt.hears_thin_silence(SILENT, n * FRAME_S, FRAME_S) for n in range(9)
    ]
    assert silences == [True] * THIN_PACKETS_MAX + [False] * (9 - THIN_PACKETS_MAX)
    assert spurt.hears_thin_silence(SILENT, 0.5, FRAME_S)
    assert spurt.is_after_silence


def test_the_packet_of_sound_after_thin_silence_begins_a_spurt() -> None:
    spurt = Spurt()
    assert spurt.hears_thin_silence(SILENT, 0.0, FRAME_S)
    assert not spurt.hears_thin_silence(30, 0.4, FRAME_S)
    assert spurt.is_after_silence
    spurt.begin(0.4, 1.0)
    assert not spurt.is_after_silence
