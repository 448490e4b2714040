"""The simulated networks do what their names say."""

from __future__ import annotations

import random
from itertools import groupby, pairwise
from statistics import mean

import pytest

from intercomd.media.packet import Packet
from tests.benchmarks.paths import PATHS, Arrivals, Datagram


def arrived(name: str, seed: int = 1) -> Arrivals:
    network = next(path.network for path in PATHS if path.name == name)
    sent = [Datagram(n / 100, (Packet(n, 480 * n, b""),)) for n in range(3_000)]
    return network(sent, random.Random(seed))


def numbers(arrivals: Arrivals) -> list[int]:
    return [each.packets[-1].sequence for _, each in arrivals]


@pytest.mark.parametrize(
    ("name", "in_a_row"), [("10 % lost", 1.1), ("10 % lost, 3 in a row", 3.0)]
)
def test_a_tenth_is_lost_alone_or_in_bursts(name: str, in_a_row: float) -> None:
    came = set(numbers(arrived(name)))
    lost = [n not in came for n in range(3_000)]
    runs = [len(list(run)) for is_lost, run in groupby(lost) if is_lost]
    assert mean(lost) == pytest.approx(0.1, abs=0.02)
    assert mean(runs) == pytest.approx(in_a_row, rel=0.2)


def test_jitter_has_its_mean_and_lets_packets_overtake() -> None:
    arrivals = arrived("30 ms + half-normal 20 ms")
    assert mean(at - each.at for at, each in arrivals) == pytest.approx(0.046, abs=1e-3)
    in_order_of_arrival = numbers(sorted(arrivals, key=lambda each: each[0]))
    assert in_order_of_arrival != sorted(in_order_of_arrival)


@pytest.mark.parametrize("name", ["Wi-Fi trace", "stalls of 50 to 100 ms"])
def test_wireless_stalls_and_keeps_the_order(name: str) -> None:
    arrivals = arrived(name)
    times = [at for at, _ in arrivals]
    assert times == sorted(times)
    assert max(after - at for at, after in pairwise(times)) > 0.04


@pytest.mark.parametrize("name", [path.name for path in PATHS])
def test_same_seed_is_the_same_network(name: str) -> None:
    assert arrived(name, 3) == arrived(name, 3)
