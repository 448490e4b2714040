"""The room server under systemd: ready, what it does, and that its loop lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from intercomd.domain.supervision import Supervision

EVERY_S = 1.0


@asynccontextmanager
async def kept_told(
    supervision: Supervision, sentence: Callable[[], str]
) -> AsyncIterator[None]:
    """While entered, systemd hears that the service is ready and alive."""
    supervision.ready()
    task = asyncio.create_task(_tell(supervision, sentence))
    try:
        yield
    finally:
        supervision.stopping()
        task.cancel()
        await asyncio.wait([task])


async def _tell(supervision: Supervision, sentence: Callable[[], str]) -> None:
    told = ""
    while True:
        supervision.alive()
        if (now := sentence()) != told:
            supervision.status(now)
            told = now
        await asyncio.sleep(EVERY_S)
