"""A queue is told from jitter, from a stall, and from a longer way."""

from __future__ import annotations

import random
from math import inf

from intercomd.media.congestion import Congestion


def seen(rtts_s: list[float], *, every_s: float = 0.1) -> Congestion:
    congestion = Congestion()
    for index, rtt_s in enumerate(rtts_s):
        congestion.note(rtt_s, rtt_s, index * every_s)
    return congestion


def test_queue_that_stays_is_seen_and_its_end_too() -> None:
    assert not seen([0.02] * 20).is_queueing
    assert seen([0.02] * 20 + [0.3] * 4).is_queueing
    assert not seen([0.02] * 20 + [0.3] * 20 + [0.05]).is_queueing


def test_one_stall_is_no_queue() -> None:
    congestion = Congestion()
    for index in range(200):
        rtt_s = 0.15 if index % 20 == 19 else 0.02
        congestion.note(rtt_s, rtt_s, index / 10)
        assert not congestion.is_queueing


def test_jitter_of_20_ms_is_no_queue() -> None:
    dice = random.Random(1)
    congestion = Congestion()
    for index in range(10_000):
        rtt_s = 0.03 + abs(dice.gauss(0, 0.02))
        congestion.note(rtt_s, rtt_s, index / 10)
        assert not congestion.is_queueing


def test_longer_way_for_good_is_no_queue_for_ever() -> None:
    assert not seen([0.02] * 20 + [0.2] * 1000).is_queueing


def test_what_only_might_have_taken_long_says_nothing() -> None:
    congestion = seen([0.02] * 20)
    for index in range(20):
        congestion.note(0.0, inf, 2.0 + index / 10)
    assert not congestion.is_queueing
    congestion = seen([0.02] * 20 + [0.3] * 10)
    congestion.note(0.0, inf, 3.0)
    assert congestion.is_queueing
