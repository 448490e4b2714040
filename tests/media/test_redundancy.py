"""How much is repeated, and how far apart, for what a path loses."""

from __future__ import annotations

import random

from intercomd.media.redundancy import WINDOW_PACKETS, Redundancy


def losing(pattern: list[bool], *, every: int = 10) -> Redundancy:
    """What becomes of a path that loses by this pattern, told every 100 ms."""
    redundancy = Redundancy()
    for start in range(0, len(pattern), every):
        part = pattern[start : start + every]
        bits = sum(1 << k for k, is_lost in enumerate(reversed(part)) if is_lost)
        redundancy.note(bits, len(part))
    return redundancy


def at_random(share: float, count: int = 2000) -> list[bool]:
    chance = random.Random(1)
    return [chance.random() < share for _ in range(count)]


def in_bursts(share: float, count: int = 2000) -> list[bool]:
    chance, pattern = random.Random(1), list[bool]()
    while len(pattern) < count:
        is_burst = chance.random() < share / (3 - 2 * share)
        pattern += [True] * 3 if is_burst else [False]
    return pattern[:count]


def test_path_that_loses_nothing_asks_for_no_copies() -> None:
    assert losing([False] * 2000).distances == ()


def test_packet_lost_now_and_then_asks_for_no_copies() -> None:
    assert losing(([True] + [False] * 999) * 3).distances == ()


def test_little_loss_at_random_asks_for_one_near_copy() -> None:
    assert losing(at_random(0.02)).distances == (1,)


def test_a_tenth_lost_at_random_asks_for_two_near_copies() -> None:
    assert losing(at_random(0.1)).distances == (1, 2)


def test_burst_of_three_asks_for_a_copy_behind_it() -> None:
    assert losing([False] * 500 + [True] * 3 + [False] * 7).distances == (3,)


def test_bursts_of_three_ask_for_copies_that_no_burst_covers() -> None:
    distances = losing(in_bursts(0.1)).distances
    assert distances == (3, 6)


def test_heavy_loss_does_not_reach_further_for_nothing() -> None:
    assert losing(at_random(0.25)).distances == (1, 2)


def test_a_tenth_lost_is_noticed_within_half_a_second() -> None:
    assert losing(([False] * 9 + [True]) * 5).distances == (1,)


def test_copies_end_ten_seconds_after_the_last_loss() -> None:
    redundancy = losing(at_random(0.1))
    for _ in range(WINDOW_PACKETS // 100 - 1):
        redundancy.note(0, 100)
    assert redundancy.distances
    redundancy.note(0, 100)
    assert redundancy.distances == ()


def test_losses_whose_places_are_unknown_are_taken_for_short_bursts() -> None:
    redundancy = Redundancy()
    redundancy.note_share(10, 100)
    assert redundancy.distances == (2,)


def test_no_loss_reported_asks_for_no_copies() -> None:
    redundancy = Redundancy()
    redundancy.note_share(0, 100)
    assert redundancy.distances == ()
