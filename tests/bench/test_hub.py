from __future__ import annotations

from itertools import groupby

import pytest

from tests.bench.hub import Impairment, Link


def test_an_unimpaired_link_delivers_at_once() -> None:
    link = Link()
    assert [link.due(float(now), udp=True) for now in range(5)] == [0, 1, 2, 3, 4]


def test_loss_is_what_was_asked_for() -> None:
    assert _losses(Link(Impairment(loss=0.1))) == pytest.approx(2000, rel=0.1)


def test_burst_loss_comes_in_runs_and_adds_up() -> None:
    link = Link(Impairment(loss=0.1, burst=3))
    lost = [link.due(0.0, udp=True) is None for _ in range(20_000)]
    runs = [len(list(run)) for is_lost, run in groupby(lost) if is_lost]
    assert sum(lost) == pytest.approx(2000, rel=0.15)
    assert sum(runs) / len(runs) == pytest.approx(3.0, rel=0.1)


def test_only_udp_is_lost() -> None:
    link = Link(Impairment(loss=1.0))
    assert link.due(1.0, udp=True) is None
    assert link.due(1.0, udp=False) == 1.0


def test_all_but_udp_can_be_lost_too() -> None:
    link = Link(Impairment(loss_of_others=1.0))
    assert link.due(1.0, udp=True) == 1.0
    assert link.due(1.0, udp=False) is None


def test_exactly_the_next_packets_are_dropped() -> None:
    link = Link(drop_next=2)
    assert [link.due(0.0, udp=True) for _ in range(4)] == [None, None, 0.0, 0.0]
    assert link.counters.lost == 2


def test_delay_is_constant_and_jitter_adds_to_it() -> None:
    link = Link(Impairment(delay_ms=30))
    assert link.due(1.0, udp=True) == pytest.approx(1.030)
    link = Link(Impairment(delay_ms=30, jitter_ms=10))
    late = [(link.due(float(now), udp=True) or 0.0) - now for now in range(1000)]
    assert min(late) >= 0.03
    assert sum(late) / len(late) == pytest.approx(0.038, abs=0.002)


def test_packets_never_overtake_each_other() -> None:
    link = Link(Impairment(jitter_ms=50))
    due = [link.due(now / 1000, udp=True) or 0.0 for now in range(500)]
    assert due == sorted(due)


def test_the_same_seed_loses_the_same_packets() -> None:
    link = Link(Impairment(loss=0.3))
    link.reseed(5)
    first = [link.due(0.0, udp=True) for _ in range(100)]
    link.reseed(5)
    assert [link.due(0.0, udp=True) for _ in range(100)] == first


def _losses(link: Link) -> int:
    return sum(link.due(0.0, udp=True) is None for _ in range(20_000))


def test_narrow_link_lets_its_rate_through_and_drops_what_would_wait_too_long() -> None:
    link = Link(Impairment(rate_kbps=40, queue_ms=300))
    sent = [index / 100 for index in range(1000)]  # 100 bytes each: 80 kbit/s
    passed = [(at, link.due(at, udp=True, size=100)) for at in sent]
    waits = [due - at for at, due in passed if due is not None]
    assert 8 * 100 * len(waits) / 10_000 == pytest.approx(40, rel=0.05)
    assert max(waits) == pytest.approx(0.32, abs=0.01)
    assert link.counters.lost == 1000 - len(waits)
