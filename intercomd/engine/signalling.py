"""One WebSocket to the room server: messages in, messages out, and its end.

It knows no session: what a message means is `protocol.client_session`'s.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from intercomd.domain.errors import WireMalformed
from intercomd.domain.fingerprint import fingerprint_of
from intercomd.protocol.messages import PROTOCOL, ClientMessage, ServerMessage
from intercomd.protocol.wire import decode_server_message, encode

PING_INTERVAL_S = 3.0
PING_TIMEOUT_S = 4.0
OPEN_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
PROBE_LIMIT_S = 1.0
OLDEST_TLS = ssl.TLSVersion.TLSv1_2
MESSAGE_BYTES = 1 << 20
OUTBOX_MESSAGES = 256

_log = logging.getLogger(__name__)


class Signalling:
    """One connection, from the attempt to its end; made anew for the next.

    `run` returns when the connection is over, whoever ended it.

    server_date  the server's clock as its handshake told it, an HTTP Date or ""
    """

    def __init__(
        self,
        url: str,
        on_message: Callable[[ServerMessage], None],
        *,
        fingerprint: str = "",
    ) -> None:
        """`fingerprint` is of the one certificate to trust, "" verifies it."""
        self._url = url
        self._on_message = on_message
        self._tls = _pinned(fingerprint) if fingerprint else _verified(url)
        self._outbox: asyncio.Queue[ClientMessage | None] = asyncio.Queue()
        self.local_address: str | None = None
        self._connection: ClientConnection | None = None
        self.failure = ""
        self.server_date = ""

    def send(self, message: ClientMessage) -> None:
        """Queue a message; it is lost if the connection is, or cannot keep up."""
        if self._outbox.qsize() < OUTBOX_MESSAGES:
            self._outbox.put_nowait(message)
        else:
            self.close()

    def close(self) -> None:
        """Close once everything queued is sent."""
        self._outbox.put_nowait(None)

    async def probe(self) -> None:
        """Cut the connection off unless the server answers a ping at once."""
        connection = self._connection
        if connection is None:
            return
        try:
            async with asyncio.timeout(PROBE_LIMIT_S):
                await (await connection.ping())
        except (TimeoutError, ConnectionClosed):
            connection.transport.abort()

    async def run(self) -> None:
        """Connect, carry messages until the end; `failure` then says why it ended."""
        try:
            async with connect(
                self._url,
                ssl=self._tls,
                subprotocols=[PROTOCOL],  # type: ignore[list-item]
                compression=None,
                proxy=None,
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                ping_interval=PING_INTERVAL_S,
                ping_timeout=PING_TIMEOUT_S,
                max_size=MESSAGE_BYTES,
                user_agent_header=None,
            ) as connection:
                self.local_address = connection.local_address[0]
                self._connection = connection
                if connection.response is not None:
                    self.server_date = connection.response.headers.get("Date", "")
                await self._carry(connection)
        except (OSError, ValueError, WebSocketException) as error:
            self.failure = str(error) or type(error).__name__

    async def _carry(self, connection: ClientConnection) -> None:
        writer = asyncio.ensure_future(self._write(connection))
        try:
            async for text in connection:
                try:
                    message = decode_server_message(text)
                except WireMalformed as error:
                    _log.debug("server message not understood: %s", error.detail)
                    continue
                self._on_message(message)
        finally:
            writer.cancel()
            await asyncio.wait([writer])

    async def _write(self, connection: ClientConnection) -> None:
        try:
            while (message := await self._outbox.get()) is not None:
                await connection.send(encode(message))
        except ConnectionClosed:
            return
        await connection.close()


def _verified(url: str) -> ssl.SSLContext | None:
    """TLS as every https client does it; None for ws://."""
    if urlsplit(url).scheme != "wss":
        return None
    context = ssl.create_default_context()
    context.minimum_version = OLDEST_TLS
    return context


def _pinned(fingerprint: str) -> ssl.SSLContext:
    """TLS that trusts the certificate of this fingerprint, and nothing else."""

    class Pinned(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            # Here, and not after it: nothing is sent to anybody else.
            found = fingerprint_of(self.getpeercert(binary_form=True) or b"")
            if not hmac.compare_digest(found, fingerprint):
                raise ssl.SSLCertVerificationError(
                    "the server's certificate is not the pinned one; its SHA-256 is "
                    f"{found}: if that is your server's, pin this in server.fingerprint"
                )

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = OLDEST_TLS
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslobject_class = Pinned
    return context
