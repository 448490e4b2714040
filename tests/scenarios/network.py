"""A network between engines and their server that can be cut and mended.

It carries the signalling (TCP); sound goes past it.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from intercomd.server.app import RoomServer


class Network:
    """A relay on loopback; clients connect to its `address`.

    refused  connections tried while it was cut
    """

    def __init__(self, server: RoomServer) -> None:
        self.refused = 0
        self._target = server.address
        self._is_cut = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._relay: asyncio.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where to connect to instead of the server."""
        assert self._relay is not None
        host, port = self._relay.sockets[0].getsockname()[:2]
        return host, port

    def cut(self) -> None:
        """Every connection breaks, and no new one is made."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def freeze(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        self._flows.clear()

    def mend(self) -> None:
        """Connections can be made again, and what waits comes through."""
        self._is_cut = False
        self._flows.set()

    async def __aenter__(self) -> Self:
        self._relay = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._relay is not None
        self.cut()
        self._relay.close()
        await self._relay.wait_closed()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._is_cut:
            self.refused += 1
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(*self._target)
        self._writers |= {writer, back}
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        finally:
            self._writers -= {writer, back}

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        writer.transport.abort()
