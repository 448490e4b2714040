"""When a loudspeaker's card will call for its next frame. Pure."""

from __future__ import annotations

from intercomd.domain.audio import FRAME_S

_EARLIER_S = 0.0001
NAP_S = 0.001
_SHORTEST_NAP_S = 0.0002


class Due:
    """When to look at the card next. Each look wakes a thread.

    A frame is expected a frame's time after the one before, less a little. So by and
    by a look comes too early, and the next one soon after it; that tells anew when it
    is time. A card that reports its position in steps is thus met just after a step,
    mostly by one look a frame, and its clock is followed.

    at  the `time.monotonic()` of the next look
    """

    def __init__(self, now: float) -> None:
        self.at = now
        self._is_first_look = True

    def early(self, by_s: float, now: float) -> None:
        """Looked, and it was not time yet, by as much as the card told."""
        self._is_first_look = False
        self.at = now + min(max(by_s, _SHORTEST_NAP_S), NAP_S)

    def met(self, now: float) -> None:
        """Looked, and the card called for a frame."""
        # A late look says nothing of the card: what counts is when it was to be.
        met_at = self.at - _EARLIER_S if self._is_first_look else now
        self._is_first_look = True
        self.at = met_at + FRAME_S
