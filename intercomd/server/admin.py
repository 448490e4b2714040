"""The shell of `AdminSession`: an operator's frames in, replies out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from intercomd.protocol.admin_session import AdminSession
from intercomd.protocol.room_events import AdminInput
from intercomd.protocol.wire import CloseCode, encode

IDLE_LIMIT_S = 60.0

_log = logging.getLogger(__name__)


async def serve_operator(
    socket: ServerConnection,
    session: AdminSession,
    *,
    login_s: float,
    tell: Callable[[AdminInput], None],
) -> None:
    """Greet, then carry requests until either side closes.

    Who has not logged in within `login_s` is hung up on, an idle operator later.
    `tell` does what the operator asked for.
    """
    address = socket.remote_address[0]
    try:
        await socket.send(encode(session.hello))
        while True:
            limit_s = IDLE_LIMIT_S if session.is_operator else login_s
            async with asyncio.timeout(limit_s):
                text = await socket.recv()
            handled = session.handle(text)
            if handled.deed is not None:
                _log.info("operator address=%s did %s", address, handled.deed)
                tell(handled.deed)
            await socket.send(encode(handled.reply))
            if handled.close is not None:
                _log.warning("operator refused address=%s", address)
                await socket.close(handled.close)
                return
    except TimeoutError:
        await socket.close(CloseCode.LOGIN_TIMEOUT)
    except ConnectionClosed:
        return
