"""A voice for an engine without a sound card."""

from __future__ import annotations

import asyncio
import itertools
import time

from intercomd.domain.audio import FRAME_S
from intercomd.engine import Engine

HUM = bytes(range(240)) * 4


async def speak(
    engine: Engine, *, frames: int | None = None, until: asyncio.Event | None = None
) -> None:
    """Capture a hum, a frame every 10 ms: so many, or until told to stop."""
    due = time.monotonic()
    for index in itertools.count():
        if index == frames or (until is not None and until.is_set()):
            return
        engine.capture(HUM, due)
        due += FRAME_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
