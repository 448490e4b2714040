"""What others last said of their ways to the server, and how long ago. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.quality import QualityLevel

HEARTBEAT_S = 2.0
DIE_AFTER = 3
_LATE_S = HEARTBEAT_S / 2
"""A heartbeat that is later than this is missing."""

Levels = tuple[QualityLevel, QualityLevel]


@dataclass(frozen=True, slots=True)
class _Heartbeat:
    user_id: str
    levels: Levels
    at: float


class Heartbeats:
    """By the stream they came for: a user is known as long as one of its streams is
    played."""

    def __init__(self) -> None:
        self._last: dict[str, _Heartbeat] = {}

    def heard(self, stream_id: str, user_id: str, levels: Levels, now: float) -> None:
        """A user said that its ways up and down are so."""
        self._last[stream_id] = _Heartbeat(user_id, levels, now)

    def forget(self, stream_id: str) -> None:
        """The stream is played no more."""
        self._last.pop(stream_id, None)

    def levels(self, now: float) -> dict[str, Levels]:
        """Each user's ways: UNKNOWN if one heartbeat is missing, DIE if three are."""
        found: dict[str, _Heartbeat] = {}
        for beat in self._last.values():
            known = found.get(beat.user_id)
            if known is None or known.at < beat.at:
                found[beat.user_id] = beat
        return {user_id: _levels(beat, now) for user_id, beat in found.items()}


def _levels(beat: _Heartbeat, now: float) -> Levels:
    missing = int((now - beat.at - _LATE_S) / HEARTBEAT_S)
    if missing >= DIE_AFTER:
        return QualityLevel.DIE, QualityLevel.DIE
    if missing >= 1:
        return QualityLevel.UNKNOWN, QualityLevel.UNKNOWN
    return beat.levels
