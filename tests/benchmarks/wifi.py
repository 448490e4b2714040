"""A minute on a busy wireless network, as moments that follow one another.

Made up, not recorded, and the same each time. What it imitates: contention (a few
ms of jitter, now and then 15 to 40 ms), frames lost after all their retries (1.5 %,
in short runs), and the scan for other access points every 10 s, during which nothing
arrives for 80 to 120 ms; then all of it does at once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from tests.bench.hub import Impairment

_SECONDS = 60
_SCAN_EVERY_S = 10
_STALL_S = 0.01  # long enough for one packet, which holds up those behind it
_QUIET = Impairment(loss=0.015, burst=1.5, delay_ms=2.0, jitter_ms=3.0)


@dataclass(frozen=True, slots=True)
class Moment:
    """From `at_s` on it is like this, until the next moment."""

    at_s: float
    impairment: Impairment


def _trace() -> Iterator[Moment]:
    dice = random.Random(11)
    yield Moment(0.0, _QUIET)
    crowds = ((second + dice.uniform(0.0, 0.8), 15, 40) for second in range(_SECONDS))
    scans = ((at + 3.7, 80, 120) for at in range(0, _SECONDS, _SCAN_EVERY_S))
    for at_s, least_ms, most_ms in sorted(chain(crowds, scans)):
        stalled = Impairment(_QUIET.loss, _QUIET.burst, dice.uniform(least_ms, most_ms))
        yield Moment(at_s, stalled)
        yield Moment(at_s + _STALL_S, _QUIET)


TRACE = tuple(_trace())
