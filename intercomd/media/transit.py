"""How long packets take compared with one another, and the wait that pays. Pure.

It knows only differences: the two ends' clocks need not agree, and may drift apart.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

WINDOW_S = 6.0
"""So much sound is remembered, pauses not counted. Two seconds of a steady jitter have
one packet too late by chance, or three: the wait wandered, 5 times a minute."""

WINDOW_PACKETS = 600
"""And no more packets than this."""

LATELY_S = 1.0
"""The newest sound."""

CLEAR_GAIN_S = 0.025
"""If another wait would have been worth so much more lately, the path has changed: what
was before is forgotten."""

LOSS_WORTH_S = 1.0
"""Waiting this long for all of the sound is worth as much as none of the sound: 10 ms
more delay are a fair price for 1 % less loss."""

SPREAD_MAX_S = 0.2
"""Packets later than this, compared with the fastest, are not waited for."""

HOLD_S = 2.0
"""The wait is shortened only to the longest it should have been in this time: trouble
comes in episodes."""

STRETCH_WORTH_S2 = 0.02
"""It is shortened when it was too long by so much: 10 ms for 2 s, or 5 for 4, is what a
stretch of sound is worth."""

_PRIOR_PACKETS = 25
_ANOTHER_LINE_S = 1.0
_LOOK_EVERY = 5
_UNKNOWN = float("inf")

_Times = np.ndarray[tuple[int], np.dtype[np.float64]]
_RANKS: _Times = np.arange(1.0, WINDOW_PACKETS + 1)


class _Best(NamedTuple):
    """What would have been best for some packets: the transit time to be ready for,
    the fastest one's, and how much more that was worth than the wait as it is."""

    need_s: float
    least_s: float
    gain_s: float


class Transit:
    """The transit times of the newest packets: arrival less place on the timeline.

    `need_s` is the transit time to be ready for. It minimises wait plus the share of
    packets that come later than that, times `LOSS_WORTH_S`. With few packets seen
    their slowest counts, and `first_wait_s` above the fastest.
    """

    def __init__(self, first_wait_s: float) -> None:
        self._first_wait_s = first_wait_s
        self._spread_s = (0.0, _UNKNOWN)
        self._seen = np.zeros(WINDOW_PACKETS)
        self.clear()

    @property
    def packets(self) -> int:
        """How many packets were seen."""
        return self._count

    @property
    def need_s(self) -> float:
        """The transit time that the buffer should be ready for."""
        need_s = self._need_s
        if self._count < _PRIOR_PACKETS:
            need_s = max(need_s, self._least_s + self._first_wait_s)
        least_s, most_s = self._spread_s
        return self._least_s + min(max(need_s - self._least_s, least_s), most_s)

    @property
    def spread_s(self) -> float:
        """By how much `need_s` exceeds the fastest packet's transit time."""
        return self.need_s - self._least_s

    def bound(self, least_s: float, most_s: float) -> None:
        """Keep `spread_s` between these from now on, whatever would pay."""
        self._spread_s = least_s, most_s

    def clear(self) -> None:
        """Forget the stream."""
        self._count = self._known = 0
        self._need_s = self._least_s = 0.0
        self._calm_since = self._wasted_s2 = 0.0
        self._calm_need_s = -_UNKNOWN

    def arrived(self, transit_s: float, lasts_s: float, now: float) -> None:
        """Note what a packet took that lasts so long. O(1), but for a look at all
        every few packets."""
        if self._is_another_line(transit_s):
            self._begin(transit_s, now)
        self._seen[self._count % WINDOW_PACKETS] = transit_s
        self._count += 1
        self._known = min(self._known + 1, WINDOW_PACKETS)
        fits = self._least_s - SPREAD_MAX_S <= transit_s <= self._need_s
        if not fits or self._count % _LOOK_EVERY == 0:
            self._decide(lasts_s, now)

    def resumed(self, transit_s: float, lasts_s: float, now: float) -> None:
        """The first packet after a pause took `transit_s`, maybe as one of a backlog.

        One faster than ever shows by how much the clocks drifted apart meanwhile; the
        jitter stays what it was.
        """
        if self._is_another_line(transit_s):
            self.arrived(transit_s, lasts_s, now)
        ahead_s = max(0.0, self._least_s - transit_s)
        self._seen -= ahead_s
        self._least_s -= ahead_s
        self._need_s -= ahead_s
        self._calm_need_s -= ahead_s

    def _is_another_line(self, transit_s: float) -> bool:
        newest_s = float(self._seen[(self._count - 1) % WINDOW_PACKETS])
        return not self._count or abs(transit_s - newest_s) > _ANOTHER_LINE_S

    def _begin(self, transit_s: float, now: float) -> None:
        self.clear()
        self._least_s = transit_s
        self._change(transit_s, now)

    def _decide(self, lasts_s: float, now: float) -> None:
        lately = round(LATELY_S / lasts_s)
        best = self._best_of(lately)
        if best.gain_s >= CLEAR_GAIN_S:
            self._known = min(self._known, lately)
        else:
            best = self._best_of(round(WINDOW_S / lasts_s))
        self._least_s = best.least_s
        self._need_s = min(self._need_s, best.least_s + SPREAD_MAX_S)
        if best.need_s >= self._need_s:
            self._change(best.need_s, now)
            return
        self._calm_need_s = max(self._calm_need_s, best.need_s)
        calm_s = now - self._calm_since
        if calm_s >= HOLD_S:
            self._wasted_s2 += calm_s * (self._need_s - self._calm_need_s)
            if self._wasted_s2 >= STRETCH_WORTH_S2:
                self._change(self._calm_need_s, now)
            else:
                self._begin_calm(now)

    def _change(self, need_s: float, now: float) -> None:
        self._need_s = need_s
        self._wasted_s2 = 0.0
        self._begin_calm(now)

    def _best_of(self, packets: int) -> _Best:
        """The best for so many of the newest, or all that are known."""
        known = min(self._known, packets)
        times = self._newest(known)
        times.sort()
        least_s = float(times[0])
        # All prices are less LOSS_WORTH_S, that of none in time.
        packet_worth_s = LOSS_WORTH_S / known
        in_time = int(times.searchsorted(self._need_s, side="right"))
        price_s = self._need_s - packet_worth_s * in_time
        waited_for = int(times.searchsorted(least_s + SPREAD_MAX_S, side="right"))
        prices = times[:waited_for] - packet_worth_s * _RANKS[:waited_for]
        best = int(prices.argmin())
        return _Best(float(times[best]), least_s, price_s - float(prices[best]))

    def _newest(self, packets: int) -> _Times:
        """The transit times of so many, in no order."""
        end = self._count % WINDOW_PACKETS
        if packets <= end:
            return self._seen[end - packets : end].copy()
        return np.concatenate((self._seen[:end], self._seen[end - packets :]))

    def _begin_calm(self, now: float) -> None:
        self._calm_since = now
        self._calm_need_s = -_UNKNOWN
