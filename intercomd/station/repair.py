"""Looks at a station once a second, and tries the rung that its ladder names."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from intercomd.engine.episode import Episode
from intercomd.station.repair_ladder import Mended, RepairLadder, Rung, Try
from intercomd.station.repair_symptoms import LOOK_EVERY_S, Signs, Symptom, Symptoms

Tool = Callable[[], Awaitable[None]]

_log = logging.getLogger(__name__)


class Repair:
    """Works while it is entered.

    tried   how often each rung was
    mended  how often each was the last one before its symptom was gone
    """

    def __init__(self, look: Callable[[], Signs], tools: Mapping[Rung, Tool]) -> None:
        """`tools` has one for every rung."""
        self.tried: Counter[Rung] = Counter()
        self.mended: Counter[Rung] = Counter()
        self._look = look
        self._tools = tools
        self._symptoms = Symptoms()
        self._ladder = RepairLadder(time.monotonic())
        self._episodes = {
            (symptom, rung): Episode(_log, logging.WARNING)
            for symptom in Symptom
            for rung in Rung
        }
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_looking())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self._see_to_it()
            except Exception:  # noqa: BLE001 - the top of a task
                _log.exception("repair failed")

    async def _see_to_it(self) -> None:
        now = time.monotonic()
        symptoms = self._symptoms.handle(self._look(), now)
        for output in self._ladder.handle(symptoms, now):
            match output:
                case Try(rung, symptom):
                    self.tried[rung] += 1
                    self._episodes[symptom, rung].say(
                        "%s: %s", symptom.value, rung.value
                    )
                    await self._tools[rung]()
                case Mended(rung, symptom):
                    self.mended[rung] += 1
                    self._over(symptom)
                    _log.info(
                        "no longer so: %s; last tried: %s", symptom.value, rung.value
                    )

    def _over(self, symptom: Symptom) -> None:
        for rung in Rung:
            self._episodes[symptom, rung].over()
