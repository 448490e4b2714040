"""Whether a stream talks and how loud, by the levels its packets say of themselves.

Pure: time is an argument. It never decodes; who says no level is taken for quiet.
"""

from __future__ import annotations

LOUD_DBOV = 50.0
HANG_OVER_S = 0.5
DECAY_DB_PER_S = 20.0

_NEVER = float("-inf")


class Talker:
    """The meter of one stream; levels are in -dBov, 0 the loudest (RFC 6464)."""

    __slots__ = ("_heard_at", "_level_dbov", "_loud_at")

    def __init__(self) -> None:
        self._loud_at = self._heard_at = _NEVER
        self._level_dbov = LOUD_DBOV

    def hear(self, level_dbov: int | None, now: float) -> bool:
        """Take a packet's level; whether with it the stream began to talk.

        Hot path, once a packet: it allocates nothing.
        """
        level = LOUD_DBOV if level_dbov is None else level_dbov
        if level > LOUD_DBOV:
            return False
        begins = not self.talks(now)
        if begins or level <= self.level_dbov(now):
            self._level_dbov, self._heard_at = level, now
        self._loud_at = now
        return begins

    def talks(self, now: float) -> bool:
        """Whether a loud packet came within the last 500 ms."""
        return now - self._loud_at < HANG_OVER_S

    def level_dbov(self, now: float) -> float:
        """The loudest of late: what is past fades by 20 dB a second."""
        return self._level_dbov + DECAY_DB_PER_S * (now - self._heard_at)
