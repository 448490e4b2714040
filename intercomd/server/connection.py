"""The shell of one `ServerSession`: frames in, messages out, deadlines.

It knows nothing of rooms; what the session lets through is handed over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from intercomd.protocol.messages import Error, ServerMessage
from intercomd.protocol.room_events import (
    HangUp,
    Joined,
    Requested,
    Send,
    SessionId,
    TokenEnded,
)
from intercomd.protocol.server_session import (
    Negotiate,
    ServerSession,
    SessionOutput,
)
from intercomd.protocol.wire import CloseCode, encode
from intercomd.server.metrics import Metrics

OUTBOX_MESSAGES = 256
HANG_UP_LIMIT_S = 1.0

_log = logging.getLogger(__name__)

Handover = Callable[[Joined | Requested | TokenEnded | Negotiate], Awaitable[None]]


class Connection:
    """Carries one client's messages until either side closes."""

    def __init__(
        self,
        socket: ServerConnection,
        session: ServerSession,
        *,
        metrics: Metrics,
        hand_over: Handover,
    ) -> None:
        self.local_address: str = socket.local_address[0]
        self._socket = socket
        self._session = session
        self._metrics = metrics
        self._hand_over = hand_over
        self._outbox: asyncio.Queue[str | CloseCode] = asyncio.Queue()
        self._is_hung_up = False
        self._deadline_moved = asyncio.Event()

    @property
    def session(self) -> SessionId:
        """Whose connection this is; it changes when it is adopted."""
        return self._session.session

    @property
    def has_left(self) -> bool:
        """Whether the client said by its close code that it does not come back."""
        closed = self._socket.protocol.close_rcvd
        is_leaving = closed is not None and closed.code == CloseCode.GOING_AWAY
        return is_leaving and not self._is_hung_up

    def become(self, session: SessionId) -> None:
        """Be the connection of this session from now on."""
        self._session.session = session

    def send(self, message: ServerMessage) -> None:
        """Queue a message; a client that does not read them is hung up on."""
        if self._is_hung_up:
            return
        if self._outbox.qsize() >= OUTBOX_MESSAGES:
            _log.warning("client too slow session=%d", self._session.session)
            self.hang_up(CloseCode.GOING_AWAY)
            return
        self._outbox.put_nowait(encode(message))

    def hang_up(self, code: CloseCode) -> None:
        """Close once all queued is sent; nothing received after it is heard.

        A client that does not take it is cut off a second later.
        """
        if not self._is_hung_up:
            self._is_hung_up = True
            self._outbox.put_nowait(code)
            loop = asyncio.get_running_loop()
            loop.call_later(HANG_UP_LIMIT_S, self._socket.transport.abort)

    async def run(self) -> None:
        """Greet, then carry messages until the end."""
        self.send(self._session.hello)
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write())
            watch = tasks.create_task(self._watch_deadline())
            await self._read()
            watch.cancel()
            if self._is_hung_up:
                await asyncio.wait([writer])
            writer.cancel()

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                if self._is_hung_up:
                    return
                self._metrics.messages += 1
                before = self._session.deadline
                await self._perform(self._session.handle(frame, time.monotonic()))
                if self._session.deadline != before:
                    self._deadline_moved.set()
        except ConnectionClosed:
            return

    async def _perform(self, outputs: list[SessionOutput]) -> None:
        for output in outputs:
            match output:
                case Send(_, message):
                    if isinstance(message, Error):
                        self._metrics.errors[message.code] += 1
                    self.send(message)
                case HangUp(_, code):
                    self.hang_up(code)
                case Joined() | Requested() | TokenEnded() | Negotiate():
                    await self._hand_over(output)

    async def _write(self) -> None:
        try:
            while isinstance(item := await self._outbox.get(), str):
                await self._socket.send(item)
            await self._socket.close(item)
        except ConnectionClosed:
            return

    async def _watch_deadline(self) -> None:
        while True:
            self._deadline_moved.clear()
            deadline = self._session.deadline
            delay_s = None
            if deadline is not None:
                delay_s = max(0.0, deadline - time.monotonic())
            try:
                async with asyncio.timeout(delay_s):
                    await self._deadline_moved.wait()
            except TimeoutError:
                await self._perform(self._session.handle_deadline(time.monotonic()))
