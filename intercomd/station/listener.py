"""Whoever follows a station's events over its control socket, at a pace of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from intercomd.station.control_messages import line_of

EVENTS_MAX = 200


class Listener:
    """Events on their way to one client; the oldest go when there are too many."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque(maxlen=EVENTS_MAX)
        self._dropped = 0
        self._is_waiting = asyncio.Event()

    def put(self, line: bytes) -> None:
        """Never waits."""
        self._dropped += len(self._lines) == EVENTS_MAX
        self._lines.append(line)
        self._is_waiting.set()

    async def tell(self, writer: asyncio.StreamWriter) -> None:
        """Until cancelled, or until the client is gone."""
        with contextlib.suppress(ConnectionError):
            while True:
                await self._is_waiting.wait()
                if self._dropped:
                    writer.write(line_of({"event": "lost", "count": self._dropped}))
                    self._dropped = 0
                if self._lines:
                    writer.write(self._lines.popleft())
                else:
                    self._is_waiting.clear()
                await writer.drain()
