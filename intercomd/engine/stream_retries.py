"""How long each stream may be asked for before it is given up. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from intercomd.domain.events import PlayerStateUpdate, PublisherStateUpdate
from intercomd.domain.room import PlayerState, PublisherState

Update = PublisherStateUpdate | PlayerStateUpdate


@dataclass(slots=True)
class _Try:
    update: Update
    until: float


class StreamRetries:
    """The reference's `av_retry_time`: from the request, or from the interruption,
    until the stream runs."""

    def __init__(self, limit_s: float) -> None:
        """`limit_s` may be infinite."""
        self._limit_s = limit_s
        self._tries: dict[tuple[type[Update], str], _Try] = {}
        self._has_run: set[str] = set()

    @property
    def deadline(self) -> float | None:
        """When the next stream is to be given up, if any."""
        soonest = min((a.until for a in self._tries.values()), default=math.inf)
        return None if soonest == math.inf else soonest

    def follow(self, update: Update, now: float) -> None:
        """A stream changed state at `now`."""
        key = (type(update), update.stream_id)
        match update.state:
            case PublisherState.PUBLISH_REQUESTING | PlayerState.PLAY_REQUESTING:
                until = now + self._limit_s
                self._tries.setdefault(key, _Try(update, until)).update = update
            case _:
                self._tries.pop(key, None)
        if update.state is PlayerState.PLAYING:
            self._has_run.add(update.stream_id)
        elif update.state is PlayerState.NO_PLAY:
            self._has_run.discard(update.stream_id)

    def has_played(self, stream_id: str) -> bool:
        """Whether it ever did since it was asked for."""
        return stream_id in self._has_run

    def take_due(self, now: float) -> list[Update]:
        """The last state of each stream to give up at `now`."""
        due = [key for key, a in self._tries.items() if a.until <= now]
        return [self._tries.pop(key).update for key in due]
