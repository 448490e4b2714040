"""The tasks of one engine: none of them outlives it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)


class Tasks:
    """Owns every task that is begun with `spawn`, until `close`.

    No TaskGroup: the reference's engine lives from one call to another and not in
    an `async with`, and one failed task must not end the others.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[object]] = set()
        self._is_closed = False

    def spawn(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run it; what it raises is logged. Once closed it is not even begun."""
        if self._is_closed:
            coroutine.close()
            return
        task = asyncio.get_running_loop().create_task(coroutine)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def settle(self, limit_s: float) -> None:
        """Give those that run `limit_s` to end by themselves."""
        if others := self._others():
            await asyncio.wait(others, timeout=limit_s)

    async def close(self) -> None:
        """Cancel what runs and wait until it has ended; idempotent.

        The task that calls this is left alone: a callback may destroy its engine.
        """
        while others := self._others():
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        self._is_closed = True

    def _others(self) -> set[asyncio.Task[object]]:
        return self._running - {asyncio.current_task()}

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("engine task failed", exc_info=error)
