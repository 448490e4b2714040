"""Networks without time: when each of the datagrams sent arrives, if it does."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from intercomd.media.packet import Packet
from tests.benchmarks.wifi import TRACE

_LAN_S = 0.0005


@dataclass(frozen=True, slots=True)
class Datagram:
    """Sent at `at`: packets, oldest first; all but the last are copies."""

    at: float
    packets: tuple[Packet, ...]


Arrivals = list[tuple[float, Datagram]]
Network = Callable[[list[Datagram], random.Random], Arrivals]


@dataclass(frozen=True, slots=True)
class Path:
    """A network, how long it takes at least, and by how much the sender is slow."""

    name: str
    network: Network
    base_ms: float = 0.0
    ppm: float = 0.0


def _direct(sent: list[Datagram], _: random.Random) -> Arrivals:
    return [(each.at, each) for each in sent]


def _clean(sent: list[Datagram], dice: random.Random) -> Arrivals:
    return [(each.at + dice.random() * _LAN_S, each) for each in sent]


def _losing(share: float, *, burst: float = 1.0) -> Network:
    def network(sent: list[Datagram], dice: random.Random) -> Arrivals:
        lost = _lost(share, burst, dice)
        return [each for each in _clean(sent, dice) if not next(lost)]

    return network


def _lost(share: float, burst: float, dice: random.Random) -> Iterator[bool]:
    """Whether each is lost: so many in all, on average so many in a row (Gilbert)."""
    is_lost = False
    while True:
        onset = share / burst / (1 - share) if burst > 1.0 else share
        go_on = 1 - 1 / burst if burst > 1.0 else share
        is_lost = dice.random() < (go_on if is_lost else onset)
        yield is_lost


def _jittery(base_s: float, deviation_s: float) -> Network:
    """Each datagram for itself, so that they overtake one another."""

    def network(sent: list[Datagram], dice: random.Random) -> Arrivals:
        return [
            (each.at + base_s + abs(dice.gauss(0.0, deviation_s)), each)
            for each in sent
        ]

    return network


def _wifi(sent: list[Datagram], dice: random.Random) -> Arrivals:
    """The trace, from a moment of chance; what is held up holds up what follows."""
    from_s = dice.uniform(0.0, 40.0)
    starts = [moment.at_s for moment in TRACE]
    is_lost, before, arrived = False, 0.0, []
    for each in sent:
        like = TRACE[bisect_right(starts, each.at + from_s) - 1].impairment
        onset = like.loss / like.burst / (1 - like.loss)
        is_lost = dice.random() < (1 - 1 / like.burst if is_lost else onset)
        at = each.at + like.delay_ms / 1000 + abs(dice.gauss(0, like.jitter_ms / 1000))
        before = max(before + 0.0001, at)
        if not is_lost:
            arrived.append((before, each))
    return arrived


def _stalls(sent: list[Datagram], dice: random.Random) -> Arrivals:
    """Every 1 to 5 s nothing for 50 to 100 ms, then all at once; a few ms of jitter."""
    stall_at = dice.uniform(1.0, 5.0)
    over_at = stall_at + dice.uniform(0.05, 0.1)
    before, arrived = 0.0, []
    for each in sent:
        at = each.at + 0.001 + dice.expovariate(1 / 0.0015)
        if at >= over_at:
            stall_at = at + dice.uniform(1.0, 5.0)
            over_at = stall_at + dice.uniform(0.05, 0.1)
        if at >= stall_at:
            at = over_at
        before = max(before + 0.0001, at)
        arrived.append((before, each))
    return arrived


PATHS = (
    Path("none", _direct),
    Path("LAN", _clean),
    Path("10 % lost", _losing(0.10)),
    Path("10 % lost, 3 in a row", _losing(0.10, burst=3.0)),
    Path("30 ms + half-normal 20 ms", _jittery(0.03, 0.02), base_ms=30.0),
    Path("Wi-Fi trace", _wifi, base_ms=2.0),
    Path("stalls of 50 to 100 ms", _stalls, base_ms=1.0),
    Path("LAN, sender 500 ppm slow", _clean, ppm=500.0),
    Path("LAN, sender 500 ppm fast", _clean, ppm=-500.0),
)
