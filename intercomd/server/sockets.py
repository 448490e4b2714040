"""Every TCP connection of the server, from its first byte on.

websockets bounds neither their number nor what it buffers for one that reads
nothing; here both are, and the server's end waits for nobody.
"""

from __future__ import annotations

import asyncio
import logging

from websockets.asyncio.server import ServerConnection

WRITE_BUFFER_BYTES = 1 << 20

_log = logging.getLogger(__name__)


class Sockets:
    """Knows the open connections; `connection_class` is websockets' factory."""

    def __init__(self, *, most: int) -> None:
        """`most` counts connections that have not said anything yet, too."""
        self._most = most
        self._open: set[ServerConnection] = set()
        self._is_crowded = False
        self.refused = 0

    @property
    def connection_class(self) -> type[ServerConnection]:
        """A `ServerConnection` that enters itself here while it is open."""
        sockets = self

        class KnownConnection(ServerConnection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                sockets._opened(self)

            def connection_lost(self, exc: Exception | None) -> None:
                sockets._open.discard(self)
                super().connection_lost(exc)

        return KnownConnection

    def cut_unread(self) -> None:
        """Cut off those that let what is sent to them pile up."""
        for connection in tuple(self._open):
            if connection.transport.get_write_buffer_size() > WRITE_BUFFER_BYTES:
                _log.warning("client reads nothing address=%s", _host(connection))
                connection.transport.abort()

    def cut_all(self) -> None:
        """Cut off everybody who is still there."""
        for connection in tuple(self._open):
            connection.transport.abort()

    def _opened(self, connection: ServerConnection) -> None:
        self._open.add(connection)
        is_crowded = len(self._open) > self._most
        if is_crowded:
            self.refused += 1
            connection.transport.abort()
        if is_crowded and not self._is_crowded:
            _log.warning("too many connections: %d; refusing more", self._most)
        self._is_crowded = is_crowded


def _host(connection: ServerConnection) -> str:
    address = connection.remote_address
    return str(address[0]) if address else "gone"
