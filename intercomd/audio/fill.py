"""How much a loudspeaker's card must hold so that it never runs dry. Pure."""

from __future__ import annotations

from intercomd.domain.audio import FRAME_S

LEAST_S = FRAME_S * 3 / 4
STEP_S = FRAME_S / 4
LESS_AFTER_S = 30.0
MARGIN_S = 0.001


class Fill:
    """The time that waits in a card when the next frame is pulled.

    It begins with 7.5 ms, enough for an interpreter lock held for 5 ms. Each
    underrun adds 2.5 ms, up to `most_s`. 2.5 ms are taken away again once the card
    would not have run dry without them, nor nearly so, for 30 s: what is needed is
    seen in what was left, not tried out at the listener's cost.
    """

    def __init__(self, most_s: float, now: float) -> None:
        self.now_s = min(LEAST_S, most_s)
        self._most_s = most_s
        self._least_left_s = most_s
        self._since = now

    def underran(self, now: float) -> None:
        self.now_s = min(self.now_s + STEP_S, self._most_s)
        self._begin(now)

    def pulled(self, left_s: float, now: float) -> None:
        """A frame was pulled while `left_s` still waited. Hot path: no allocation."""
        if left_s < self._least_left_s:
            self._least_left_s = left_s
        if now - self._since < LESS_AFTER_S:
            return
        if self._least_left_s > STEP_S + MARGIN_S:
            self.now_s = max(min(LEAST_S, self._most_s), self.now_s - STEP_S)
        self._begin(now)

    def _begin(self, now: float) -> None:
        self._least_left_s = self._most_s
        self._since = now
