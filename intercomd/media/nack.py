"""Which packets are missing, and when to ask for them (RFC 4585, NACK).

Pure: time is an argument; who asks, and how, is the caller's business.
"""

from __future__ import annotations

from dataclasses import dataclass

ASKS_PER_S = 50.0
RETRY_MIN_S = 0.02
YOUNG_S = 0.1
"""A packet missing for longer would come too late to be played."""

_ASKS = 2
_TRACKED_MAX = 32
"""A wider gap is an outage or a new stream; repairing it would be a storm."""


class Allowance:
    """So many per second, with as much of a burst (a token bucket)."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left = per_second
        self._at = 0.0

    def take(self, wanted: int, now: float) -> int:
        """How many of `wanted` are allowed at `now`."""
        refill = (now - self._at) * self._per_second
        self._left = min(self._per_second, self._left + max(0.0, refill))
        self._at = now
        granted = min(wanted, int(self._left))
        self._left -= granted
        return granted


@dataclass(slots=True)
class _Gap:
    since: float
    retry_at: float
    asks: int


class GapTracker:
    """Sees the sequence numbers of one stream, names those to ask for.

    A gap is asked for at once and once more if it stays. `deadline` is when `due`
    has something to say, or None.
    """

    def __init__(self) -> None:
        self._highest: int | None = None
        self._gaps: dict[int, _Gap] = {}
        self._allowance = Allowance(ASKS_PER_S)

    @property
    def deadline(self) -> float | None:
        """When to call `due`, on the clock that `now` comes from."""
        if not self._gaps:
            return None
        return min(gap.retry_at for gap in self._gaps.values())

    def received(self, sequence: int, now: float, rtt_s: float) -> list[int]:
        """Note a packet. Returns the sequence numbers to ask for now, in order."""
        if self._highest is None:
            self._highest = sequence
            return []
        ahead = (sequence - self._highest) & 0xFFFF
        if ahead >= 0x8000:
            self._gaps.pop(sequence, None)
            if 0x10000 - ahead > 0x1000:
                self._restart(sequence)
            return []
        if ahead <= 1:
            self._highest = sequence
            return []
        return self._widen(sequence, ahead, now, rtt_s)

    def due(self, now: float, rtt_s: float) -> list[int]:
        """The sequence numbers to ask for again; forgets those given up."""
        again = []
        for sequence, gap in list(self._gaps.items()):
            if gap.retry_at > now:
                continue
            if gap.asks >= _ASKS or now - gap.since > YOUNG_S:
                del self._gaps[sequence]
                continue
            gap.asks += 1
            gap.retry_at = now + _patience(rtt_s)
            again.append(sequence)
        return again[: self._allowance.take(len(again), now)]

    def _widen(self, sequence: int, ahead: int, now: float, rtt_s: float) -> list[int]:
        assert self._highest is not None
        if ahead - 1 > _TRACKED_MAX:
            self._restart(sequence)
            return []
        missing = [(self._highest + step) & 0xFFFF for step in range(1, ahead)]
        for number in missing:
            self._gaps[number] = _Gap(now, now + _patience(rtt_s), asks=1)
        while len(self._gaps) > _TRACKED_MAX:
            del self._gaps[next(iter(self._gaps))]
        self._highest = sequence
        return missing[: self._allowance.take(len(missing), now)]

    def _restart(self, sequence: int) -> None:
        self._gaps.clear()
        self._highest = sequence


def _patience(rtt_s: float) -> float:
    """How long an answer may take before it is asked for again."""
    return max(RETRY_MIN_S, 1.25 * rtt_s)
