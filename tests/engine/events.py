"""Everything an engine tells, written down, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from intercomd.engine import Engine
from intercomd.engine.callbacks import EVENTS

Call = tuple[Any, ...]


class Diary:
    """Records every callback of an engine as (event, *arguments)."""

    def __init__(self, engine: Engine) -> None:
        self.calls: list[Call] = []
        self._changed = asyncio.Event()
        for event in EVENTS:
            engine.on(event, self._recorder(event))

    def of(self, event: str) -> list[Call]:
        """The arguments of all calls for this event, in order."""
        return [call[1:] for call in self.calls if call[0] == event]

    async def until(
        self, is_there: Callable[[Diary], bool], *, timeout_s: float = 10.0
    ) -> None:
        """Wait until what was recorded satisfies `is_there`."""
        async with asyncio.timeout(timeout_s):
            while not is_there(self):
                self._changed.clear()
                await self._changed.wait()

    def _recorder(self, event: str) -> Callable[..., None]:
        def record(*arguments: object) -> None:
            self.calls.append((event, *arguments))
            self._changed.set()

        return record


async def until(
    is_so: Callable[[], bool], what: str, *, timeout_s: float = 10.0
) -> None:
    """Wait for something nobody tells of, such as a counter; fail naming it."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + timeout_s
    while not is_so():
        assert loop.time() < give_up_at, f"not within {timeout_s} s: {what}"
        await asyncio.sleep(0.01)
