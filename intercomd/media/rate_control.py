"""How many kbit/s a path bears, headers and all, by what is known of it. Pure.

Down at once and by much, up again by little: multiplicative both ways, as in
draft-ietf-rmcat-gcc-02. Some loss alone is left to copies.
"""

from __future__ import annotations

from math import exp

STEP_S = 1.5
"""At most one step in this time: reports lag behind, and a queue drains."""

STEP_DOWN = (0.5, 0.75)
STEP_UP = 1.125
STEP_BACK = 0.8
"""Where a step up seems to have been one too many; by then there may have been two."""

RISE_S = 1.0
CALM_S = 5.0
"""So long all must be well before the first step up again."""

HEAVY_LOSS = 0.2
"""Of late. A tenth lost in bursts comes near to it at times."""

LOSSY_LEAST_KBPS = 50.0
"""Heavy loss without a queue brings it down no further: this is in-band FEC's best
rate, 24 kbit/s in packets of 20 ms, and longer ones would lose more at once."""

_SPARE = 0.85
_SMOOTHING_PACKETS = 300
_NEWS_PACKETS_MAX = 3000
"""More in one report are another numbering."""


class RateControl:
    """One stream's share of the path: `kbps`, at first the most it can use."""

    def __init__(self, most_kbps: float) -> None:
        self.kbps = most_kbps
        self._most_kbps = most_kbps
        self._loss = 0.0
        self._lost: int | None = None
        self._due = 0
        self._newest_loss = 0.0
        self._may_fall_at = 0.0
        self._may_rise_at = 0.0
        self._had_copies = False
        self._has_risen = False

    def aim(self, most_kbps: float) -> None:
        """From now on it can use so much; what the path was found to bear holds."""
        if self.kbps >= min(self._most_kbps, most_kbps):
            self.kbps = most_kbps
        self._most_kbps = most_kbps

    def note(
        self,
        lost: int,
        due: int,
        now: float,
        *,
        is_queueing: bool,
        is_late: bool,
        has_copies: bool,
        least_kbps: float,
    ) -> None:
        """What is known of the path at `now`; call it a few times a second.

        Of all packets up to number `due` so many are `lost`, as reported. Copies give
        way to a queue first: they have one step's time to show that it was theirs.
        """
        self._note_loss(lost, due)
        if is_queueing:
            if self._had_copies:
                self._may_fall_at = now + STEP_S
            self._loss = 0.0  # the queue's own
            self._step_down(_SPARE * (1 - self._newest_loss), least_kbps, now)
        elif self._loss > HEAVY_LOSS:
            self._step_down(1.0, max(LOSSY_LEAST_KBPS, least_kbps), now)
        elif is_late and self._has_risen:
            self._has_risen = False
            self.kbps = max(self.kbps * STEP_BACK, min(self.kbps, least_kbps))
            self._may_rise_at = now + CALM_S
        elif now >= self._may_rise_at and self.kbps < self._most_kbps:
            self.kbps = min(self.kbps * STEP_UP, self._most_kbps)
            self._may_rise_at = now + RISE_S
            self._has_risen = self.kbps < self._most_kbps
        self._had_copies = has_copies and not is_queueing

    def _note_loss(self, lost: int, due: int) -> None:
        """Each packet weighs the same: reports come the sooner the more is lost."""
        before, self._lost = self._lost, lost
        count, self._due = due - self._due, due
        if before is None or not 0 < count <= _NEWS_PACKETS_MAX:
            return
        self._newest_loss = max(0.0, min((lost - before) / count, 1.0))
        weight = 1 - exp(-count / _SMOOTHING_PACKETS)
        self._loss += weight * (self._newest_loss - self._loss)

    def _step_down(self, factor: float, least_kbps: float, now: float) -> None:
        self._has_risen = False
        self._may_rise_at = now + CALM_S
        if now >= self._may_fall_at:
            smallest, largest = STEP_DOWN
            stepped = self.kbps * max(smallest, min(factor, largest))
            self.kbps = min(self.kbps, max(stepped, least_kbps))
            self._may_fall_at = now + STEP_S
