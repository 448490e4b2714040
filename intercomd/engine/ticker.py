"""A call again and again, on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Ticker:
    """Calls `on_tick` every so often from `start` to `stop`.

    Ticks keep their places in time; those that a busy loop missed are left out.
    """

    def __init__(self, on_tick: Callable[[], None]) -> None:
        self._on_tick = on_tick
        self._interval_s = 0.0
        self._due_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self, interval_s: float) -> None:
        """Call it first after `interval_s`; what was started before is stopped."""
        self.stop()
        loop = asyncio.get_running_loop()
        self._interval_s = interval_s
        self._due_at = loop.time() + interval_s
        self._timer = loop.call_at(self._due_at, self._tick)

    def stop(self) -> None:
        """Call it no more; idempotent."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._due_at = max(self._due_at, loop.time() - self._interval_s)
        self._due_at += self._interval_s
        self._timer = loop.call_at(self._due_at, self._tick)
        self._on_tick()  # which may stop this
