"""Whether the other end of a media connection is still there. Pure.

Both ends say something at least every 200 ms. Whoever is heard of no more for
600 ms is taken for gone, long before ICE consent (RFC 7675) would expire.
"""

from __future__ import annotations

KEEP_ALIVE_S = 0.2
SILENT_AFTER_S = 0.6

FIRST_PROMISES = 5
"""So many keep-alives are sent in any case, for the other end to know that there will
be more: a path may die in a connection's first second, and packets may be lost."""


class Liveness:
    """When to say something, and when the other end has been silent too long.

    An end that never sent a keep-alive, such as a browser, makes no such promise
    and is never taken for gone.
    """

    def __init__(self, now: float) -> None:
        self.sent_at = now
        self.heard_at = now
        self._promises = False
        self._promised_at = now
        self._promises_due = FIRST_PROMISES

    @property
    def deadline(self) -> float:
        """When a keep-alive is due, after the first ones only if nothing is sent
        before."""
        since = self._promised_at if self._promises_due else self.sent_at
        return since + KEEP_ALIVE_S

    def tried(self, now: float, *, is_sent: bool) -> None:
        """A keep-alive was due, and could be sent or not."""
        self.sent_at = self._promised_at = now
        if is_sent and self._promises_due:
            self._promises_due -= 1

    def kept_alive(self) -> None:
        """A keep-alive arrived: the other end will go on sending them."""
        self._promises = True

    def is_silent(self, now: float) -> bool:
        """Whether nothing arrived for too long."""
        return self._promises and now - self.heard_at > SILENT_AFTER_S
