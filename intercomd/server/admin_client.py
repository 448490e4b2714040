"""The operator's end: one connection, one request, one reply.

It reads where and with which secret from the server's own configuration.
"""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from intercomd.domain.errors import ConnectFailed, error_for
from intercomd.protocol.admin import (
    ADMIN_PROTOCOL,
    AdminLogin,
    AdminReply,
    AdminRequest,
    admin_proof,
)
from intercomd.protocol.messages import Error, Hello
from intercomd.protocol.wire import decode_admin_reply, encode
from intercomd.server.config import ListenSettings
from intercomd.server.tls import client_context

TIMEOUT_S = 5.0
LOGIN_ID = 1
REQUEST_ID = 2
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


async def ask(
    url: str, secret: str, request: AdminRequest, tls: ssl.SSLContext | None = None
) -> AdminReply:
    """Log in as operator, ask for this and return the reply.

    Raises `ConnectFailed` where nobody answers, and what the server refuses with.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reply = await _exchange(url, secret, request, tls)
    except (OSError, TimeoutError, WebSocketException) as error:
        place = urlsplit(url).netloc
        told = str(error) or "no answer in time"
        raise ConnectFailed(f"room server {place}: {told}") from error
    if isinstance(reply, Error):
        raise error_for(reply.code, reply.message)
    return reply


def own_url(listen: ListenSettings) -> tuple[str, ssl.SSLContext | None]:
    """Where a server of these settings listens, and with which certificate.

    On this machine its certificate is trusted because it is read from its file.
    Raises what `client_context` does.
    """
    host = EVERY_ADDRESS.get(listen.host, listen.host)
    netloc = f"[{host}]" if ":" in host else host
    if listen.tls_cert is None:
        return f"ws://{netloc}:{listen.port}", None
    return f"wss://{netloc}:{listen.port}", client_context(listen.tls_cert)


async def _exchange(
    url: str, secret: str, request: AdminRequest, tls: ssl.SSLContext | None
) -> AdminReply:
    """The reply to the request, or to the login where that is refused."""
    async with connect(
        url,
        ssl=tls,
        subprotocols=[ADMIN_PROTOCOL],  # type: ignore[list-item]
        compression=None,
        max_size=None,  # a list of all users comes in one message
        proxy=None,
    ) as socket:
        hello = decode_admin_reply(await socket.recv())
        nonce = hello.nonce if isinstance(hello, Hello) else ""
        await socket.send(encode(AdminLogin(LOGIN_ID, admin_proof(secret, nonce))))
        reply = decode_admin_reply(await socket.recv())
        if isinstance(reply, Error):
            return reply
        await socket.send(encode(request))
        return decode_admin_reply(await socket.recv())
