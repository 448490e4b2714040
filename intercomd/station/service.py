"""The station under systemd: when it is ready, what it does, and that it lives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from intercomd.domain.room import RoomState
from intercomd.domain.supervision import Supervision
from intercomd.station.app import Station
from intercomd.station.heartbeat import Heartbeat
from intercomd.station.watch import OFFLINE_S

EVERY_S = 1.0
SETTLED_S = OFFLINE_S + 1.0
"""Not in the room by then, it has settled into retrying, and has said so."""


class Service:
    """While entered, tells systemd how the station is, whichever runs by then."""

    def __init__(
        self, supervision: Supervision, station: Callable[[], Station]
    ) -> None:
        self._supervision = supervision
        self._station = station
        self._heartbeat = Heartbeat()
        self._began_at = time.monotonic()
        self._is_ready = False
        self._told = ""
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_telling())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._supervision.stopping()
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _keep_telling(self) -> None:
        # That this runs at all shows that the loop lives.
        while True:
            now, station = time.monotonic(), self._station()
            if self._heartbeat.handle(station.pulses(), now):
                self._supervision.alive()
            self._tell_status(station.sentence())
            if not self._is_ready:
                is_in = station.status().room_state is RoomState.CONNECTED
                self._is_ready = is_in or now - self._began_at > SETTLED_S
                if self._is_ready:
                    self._supervision.ready()
            await asyncio.sleep(EVERY_S if self._is_ready else EVERY_S / 10)

    def _tell_status(self, sentence: str) -> None:
        if sentence != self._told:
            self._supervision.status(sentence)
            self._told = sentence
