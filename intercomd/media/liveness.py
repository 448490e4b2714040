"""Whether the other end of a media connection is still there. Pure.

Both ends say something at least every 200 ms. Whoever is heard of no more for
600 ms is taken for gone, long before ICE consent (RFC 7675) would expire.
"""

from __future__ import annotations

KEEP_ALIVE_S = 0.2
SILENT_AFTER_S = 0.6


class Liveness:
    """When to say something, and when the other end has been silent too long.

    An end that never sent a keep-alive, such as a browser, makes no such promise
    and is never taken for gone.
    """

    def __init__(self, now: float) -> None:
        self.sent_at = now
        self.heard_at = now
        self._promises = False

    @property
    def deadline(self) -> float:
        """When a keep-alive is due, unless something is sent before."""
        return self.sent_at + KEEP_ALIVE_S

    def kept_alive(self) -> None:
        """A keep-alive arrived: the other end will go on sending them."""
        self._promises = True

    def is_silent(self, now: float) -> bool:
        """Whether nothing arrived for too long."""
        return self._promises and now - self.heard_at > SILENT_AFTER_S
