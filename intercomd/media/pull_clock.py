"""The clock that frames are pulled by: 10 ms a pull, whenever the pulls come. Pure."""

from __future__ import annotations

import numpy as np

from intercomd.domain.audio import FRAME_S

WINDOW_PULLS = 200
"""What is remembered: 2 s."""

_EARLY_PULLS = 3
_LOOK_EVERY = 10
_STALL_S = 0.06


class PullClock:
    """`time_s` counts the sound that was pulled, `early_s` ties it to real time.

    A frame pulled at `time_s` is pulled no earlier than `time_s + early_s`, but for
    one pull in a hundred. That follows a card whose clock drifts, and is on the safe
    side of one that pulls in bursts.
    """

    def __init__(self) -> None:
        self.time_s = 0.0
        self.early_s = 0.0
        self._pulls = 0
        self._offsets = np.zeros(WINDOW_PULLS)
        self._since = 0
        self._before = 0.0

    def pulled(self, now: float) -> None:
        """The next frame is pulled, at `now`. O(1), but for a look every 10 pulls."""
        if not self._since or now - self._before > _STALL_S:
            self._since = 0  # the card stood still: another relation to real time
        self._before = now
        self._pulls += 1
        self.time_s = self._pulls * FRAME_S
        offset_s = now - self.time_s
        self._offsets[self._since % WINDOW_PULLS] = offset_s
        self._since += 1
        if self._since == 1:
            self.early_s = offset_s
        elif self._since % _LOOK_EVERY == 0:
            self._look()
        elif self._since < WINDOW_PULLS:
            self.early_s = min(self.early_s, offset_s)

    def _look(self) -> None:
        known = min(self._since, WINDOW_PULLS)
        early = min(_EARLY_PULLS, known) - 1
        self.early_s = float(np.partition(self._offsets[:known], early)[early])
