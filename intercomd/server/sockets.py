"""Every TCP connection of the server, from its first byte on, with or without TLS.

websockets bounds neither their number nor what it buffers for one that reads
nothing; here both are, and the server's end waits for nobody.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, cast

from websockets.asyncio.server import ServerConnection

WRITE_BUFFER_BYTES = 1 << 20
TLS_GOODBYE_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Open:
    host: str
    transport: asyncio.Transport


class Sockets:
    """Knows the open connections; `connection_class` makes websockets' factory."""

    def __init__(
        self,
        *,
        most: int,
        most_per_address: int,
        handshake_s: float,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """Both limits count connections that have not said anything yet, too.

        `handshake_s` is how long TLS may take to begin; `spawn` runs what nobody
        waits for.
        """
        self._most = most
        self._most_per_address = most_per_address
        self._handshake_s = handshake_s
        self._spawn = spawn
        self._open: dict[ServerConnection, _Open] = {}
        self._by_host: Counter[str] = Counter()
        self._crowding: set[str] = set()
        self._is_crowded = False

    def connection_class(self, tls: ssl.SSLContext | None) -> type[ServerConnection]:
        """A `ServerConnection` that enters itself here while it is open.

        It begins TLS by itself: of a connection that has yet to do so, asyncio would
        tell nobody.
        """
        sockets = self

        class KnownConnection(ServerConnection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                plain = cast("asyncio.Transport", transport)
                if not sockets._admit(self, plain):
                    plain.set_protocol(asyncio.Protocol())  # it is none of websockets'
                    plain.abort()
                elif tls is None:
                    super().connection_made(plain)
                else:
                    plain.pause_reading()  # nothing of it is for websockets
                    sockets._spawn(self._begin_tls(plain, tls))

            def connection_lost(self, exc: Exception | None) -> None:
                sockets._forget(self)
                super().connection_lost(exc)

            async def _begin_tls(
                self, plain: asyncio.Transport, tls: ssl.SSLContext
            ) -> None:
                early = _Early()
                secured = await sockets._secure(plain, tls, early)
                if secured is None:
                    sockets._forget(self)
                    return
                sockets._open[self].transport = secured
                secured.set_protocol(self)
                super().connection_made(secured)
                if early.data:
                    self.data_received(bytes(early.data))

        return KnownConnection

    def cut_unread(self) -> None:
        """Cut off those that let what is sent to them pile up."""
        for each in tuple(self._open.values()):
            if each.transport.get_write_buffer_size() > WRITE_BUFFER_BYTES:
                _log.warning("client reads nothing address=%s", each.host)
                each.transport.abort()

    def cut_all(self) -> None:
        """Cut off everybody who is still there."""
        for each in tuple(self._open.values()):
            each.transport.abort()

    def _admit(
        self, connection: ServerConnection, transport: asyncio.Transport
    ) -> bool:
        """Whether there is room for one more; then it is known from now on."""
        host = _host(transport)
        is_crowded = len(self._open) >= self._most
        if is_crowded and not self._is_crowded:
            _log.warning("too many connections: %d; refusing more", self._most)
        self._is_crowded = is_crowded
        if is_crowded or self._crowds(host):
            return False
        self._open[connection] = _Open(host, transport)
        self._by_host[host] += 1
        return True

    def _crowds(self, host: str) -> bool:
        """Whether this address has its share; told once, until it has none."""
        if self._by_host[host] < self._most_per_address:
            return False
        if host not in self._crowding:
            self._crowding.add(host)
            _log.warning("too many connections address=%s; refusing more", host)
        return True

    def _forget(self, connection: ServerConnection) -> None:
        known = self._open.pop(connection, None)
        if known is None:
            return  # it was cut before TLS began, and is told twice
        host = known.host
        self._by_host[host] -= 1
        if not self._by_host[host]:
            del self._by_host[host]
            self._crowding.discard(host)

    async def _secure(
        self, plain: asyncio.Transport, tls: ssl.SSLContext, early: asyncio.Protocol
    ) -> asyncio.Transport | None:
        """What to speak through, None for who does not get that far."""
        loop = asyncio.get_running_loop()
        try:
            secured = await loop.start_tls(
                plain,
                early,
                tls,
                server_side=True,
                ssl_handshake_timeout=self._handshake_s,
                ssl_shutdown_timeout=TLS_GOODBYE_S,
            )
        except OSError:
            return None
        return None if plain.is_closing() else secured


class _Early(asyncio.Protocol):
    """Keeps what comes along with the end of the handshake."""

    def __init__(self) -> None:
        self.data = bytearray()

    def data_received(self, data: bytes) -> None:
        self.data += data


def _host(transport: asyncio.Transport) -> str:
    address = transport.get_extra_info("peername")
    return str(address[0]) if address else "gone"
