"""The room server: everything of it wired together, started and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.http11 import Request, Response

from intercomd.domain.errors import IntercomError, ListenRefused
from intercomd.protocol.admin import ADMIN_PROTOCOL
from intercomd.protocol.admin_session import AdminSession
from intercomd.protocol.admission import TokenRules
from intercomd.protocol.authentication import NONCE_BYTES
from intercomd.protocol.messages import PROTOCOL, Answer, Error, SlotBound
from intercomd.protocol.room_events import (
    Adopt,
    Bind,
    CloseMedia,
    Departed,
    Dropped,
    HangUp,
    Input,
    Joined,
    MediaChanged,
    Output,
    Requested,
    Route,
    Send,
    SessionId,
    Talking,
    TimePassed,
    TokenEnded,
    Unroute,
)
from intercomd.protocol.rooms import Rooms
from intercomd.protocol.server_session import (
    Negotiate,
    ServerSession,
    SessionLimits,
)
from intercomd.protocol.wire import CloseCode
from intercomd.server.admin import serve_operator
from intercomd.server.config import AppSettings, ServerConfig
from intercomd.server.connection import Connection
from intercomd.server.forwarding import Forwarding
from intercomd.server.http import Pages
from intercomd.server.metrics import Metrics
from intercomd.server.secret_file import (
    read_or_create_admin_secret,
    read_or_create_app_sign,
    read_or_create_secret,
)
from intercomd.server.sockets import Sockets
from intercomd.server.tls import server_context

PING_INTERVAL_S = 5.0
PING_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 1.0
FAREWELL_S = 0.5
GUARD_EVERY_S = 0.5
TALKERS_EVERY_S = 0.1
OPERATORS_MAX = 64
OPERATORS_PER_ADDRESS = 8

_log = logging.getLogger(__name__)


class RoomServer:
    """A room server, running while it is entered."""

    def __init__(
        self, config: ServerConfig, *, wall_clock: Callable[[], float] = time.time
    ) -> None:
        """`wall_clock` returns unix seconds; tokens are held against it."""
        self._config = config
        self._wall_clock = wall_clock
        self._metrics = Metrics()
        self._pages = Pages(self._metrics)
        self._rooms = Rooms(
            heartbeat_timeout_s=config.rooms.heartbeat_timeout_s,
            max_members=config.rooms.max_members,
            announced_members=config.rooms.announced_members,
            plays_max=config.rooms.plays_per_user,
            present_max=config.limits.connections,
            new_id=lambda: secrets.token_hex(8),
            new_key=lambda: secrets.token_hex(16),
            wall_ms=lambda: time.time_ns() // 1_000_000,
        )
        self._forwarding = Forwarding(
            on_media=self._media_changed,
            on_talk=self._hear_talkers,
            spawn=self._spawn,
            metrics=self._metrics,
        )
        self._metrics.watch(lambda: self._rooms.counts)
        self._sockets = Sockets(
            most=2 * config.limits.connections,
            most_per_address=2 * config.limits.connections_per_address,
            handshake_s=config.limits.login_s,
            spawn=self._spawn,
        )
        self._app_signs: dict[int, str] = {}
        self._admin_secret: str | None = None
        self._operators: Counter[str] = Counter()
        self._token_rules: dict[int, TokenRules] = {}
        self._connections: dict[SessionId, Connection] = {}
        self._by_address: Counter[str] = Counter()
        self._session_ids = itertools.count(1)
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._resources = contextlib.AsyncExitStack()
        self._server: Server | None = None
        self._is_closing = False

    @property
    def address(self) -> tuple[str, int]:
        """The host and port this server listens on."""
        assert self._server is not None
        host, port = next(iter(self._server.sockets)).getsockname()[:2]
        return host, port

    def sentence(self) -> str:
        """What it does at the moment, for people."""
        host, port = self.address
        rooms, users, _ = self._rooms.counts
        told = f"{users} user{'' if users == 1 else 's'} in {rooms} room"
        return f"listening on {host} port {port}, {told}{'' if rooms == 1 else 's'}"

    async def __aenter__(self) -> Self:
        self._app_signs = {
            app.id: read_or_create_app_sign(app.sign_file) for app in self._config.apps
        }
        self._token_rules = {app.id: _token_rules(app) for app in self._config.apps}
        if self._config.admin.secret_file is not None:
            self._admin_secret = read_or_create_admin_secret(
                self._config.admin.secret_file
            )
        try:
            await self._open()
        except BaseException:
            await self._resources.aclose()
            raise
        return self

    async def _open(self) -> None:
        enter = self._resources.enter_async_context
        self._tasks = await enter(asyncio.TaskGroup())
        for watch in (self._guard_sockets(), self._watch_talkers()):
            self._resources.callback(self._tasks.create_task(watch).cancel)
        self._resources.push_async_callback(self._forwarding.close)
        listen, limits = self._config.listen, self._config.limits
        tls = server_context(listen)
        try:
            self._server = await enter(
                serve_websockets(
                    self._serve_connection,
                    listen.host,
                    listen.port,
                    subprotocols=self._subprotocols,  # type: ignore[arg-type]
                    process_request=self._process_request,
                    compression=None,
                    max_size=limits.message_bytes,
                    open_timeout=limits.login_s,
                    close_timeout=CLOSE_TIMEOUT_S,
                    ping_interval=PING_INTERVAL_S,
                    ping_timeout=PING_TIMEOUT_S,
                    server_header=None,
                    create_connection=self._sockets.connection_class(tls),
                )
            )
        except (OSError, UnicodeError) as error:  # the latter of a host's name
            raise ListenRefused(f"{listen.host}:{listen.port}: {error}") from error

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_closing = True
        self._stop_timer()
        for connection in self._connections.values():
            connection.hang_up(CloseCode.GOING_AWAY)
        # Whoever has not said a word yet would be waited for.
        cut = asyncio.get_running_loop().call_later(FAREWELL_S, self._sockets.cut_all)
        await self._resources.aclose()
        cut.cancel()

    @property
    def _subprotocols(self) -> list[str]:
        return [PROTOCOL] if self._admin_secret is None else [PROTOCOL, ADMIN_PROTOCOL]

    # Connections

    def _process_request(
        self, connection: ServerConnection, request: Request
    ) -> Response | None:
        return self._pages.respond(connection, request)

    async def _serve_operator(self, socket: ServerConnection) -> None:
        peer: str = socket.remote_address[0]
        if (
            self._operators.total() >= OPERATORS_MAX
            or self._operators[peer] >= OPERATORS_PER_ADDRESS
        ):
            await socket.close(CloseCode.TOO_MANY_CONNECTIONS)
            return
        assert self._admin_secret is not None  # else it is no subprotocol of ours
        session = AdminSession(
            secret=self._admin_secret,
            nonce=secrets.token_hex(NONCE_BYTES),
            rooms=self._rooms,
        )
        self._operators[peer] += 1
        try:
            await serve_operator(
                socket, session, login_s=self._config.limits.login_s, tell=self._tell
            )
        finally:
            self._operators[peer] -= 1
            if not self._operators[peer]:
                del self._operators[peer]

    async def _serve_connection(self, socket: ServerConnection) -> None:
        if socket.subprotocol == ADMIN_PROTOCOL:
            await self._serve_operator(socket)
            return
        peer: str = socket.remote_address[0]
        limits = self._config.limits
        if (
            len(self._connections) >= limits.connections
            or self._by_address[peer] >= limits.connections_per_address
        ):
            self._metrics.connections_refused += 1
            _log.warning("too many connections address=%s", peer)
            await socket.close(CloseCode.TOO_MANY_CONNECTIONS)
            return
        session = next(self._session_ids)
        connection = Connection(
            socket,
            self._new_session(session),
            metrics=self._metrics,
            hand_over=self._hand_over,
        )
        self._connections[session] = connection
        self._by_address[peer] += 1
        self._metrics.connections += 1
        try:
            await connection.run()
        finally:
            self._metrics.connections -= 1
            self._by_address[peer] -= 1
            if not self._by_address[peer]:
                del self._by_address[peer]
            session = connection.session
            if self._connections.get(session) is connection:  # not adopted since
                del self._connections[session]
                has_left = connection.has_left
                self._tell(Departed(session) if has_left else Dropped(session))

    def _new_session(self, session: SessionId) -> ServerSession:
        limits = self._config.limits
        return ServerSession(
            session,
            app_signs=self._app_signs,
            nonce=secrets.token_hex(NONCE_BYTES),
            limits=SessionLimits(
                limits.messages_per_s, limits.message_burst, limits.login_s
            ),
            now=time.monotonic(),
            token_rules=self._token_rules,
            wall_offset_s=self._wall_clock() - time.monotonic(),
        )

    async def _hand_over(
        self, output: Joined | Requested | TokenEnded | Negotiate
    ) -> None:
        match output:
            case Joined():
                _log.info(
                    "user in room=%s user=%s session=%d",
                    output.room_id,
                    output.user.user_id,
                    output.session,
                )
                self._tell(output)
            case Requested() | TokenEnded():
                self._tell(output)
            case Negotiate(session, request_id, sdp):
                await self._negotiate(session, request_id, sdp)

    async def _negotiate(self, session: SessionId, request_id: int, sdp: str) -> None:
        connection = self._connections[session]
        if not self._rooms.has(session):
            return  # kicked while this offer was under way
        addresses = (connection.local_address,)  # by which the client came
        try:
            answer = await self._forwarding.answer(session, sdp, addresses)
        except IntercomError as error:
            self._metrics.errors[error.code] += 1
            connection.send(Error(error.code, str(error), request_id))
        else:
            connection.send(Answer(request_id, answer))

    # Rooms

    def _tell(self, event: Input) -> None:
        """Tell the rooms what happened, and do what follows from it."""
        for output in self._rooms.handle(event, time.monotonic()):
            self._perform(output)
        self._arm_timer()

    def _media_changed(self, session: SessionId, slots: int | None) -> None:
        self._tell(MediaChanged(session, slots))

    def _hear_talkers(self) -> None:
        """Who talks now may have a right to a slot that another has."""
        if self._rooms.is_contested:
            self._tell(Talking(self._forwarding.talking(time.monotonic())))

    def _perform(self, output: Output) -> None:
        match output:
            case Send(session, message):
                connection = self._connections.get(session)
                if connection is not None:
                    if isinstance(message, Error):
                        self._metrics.errors[message.code] += 1
                    connection.send(message)
            case HangUp(session, code):
                if session in self._connections:
                    self._connections[session].hang_up(code)
            case Adopt(session, by):
                self._adopt(session, by)
            case CloseMedia(session):
                _log.info("user out session=%d", session)
                self._forwarding.forget(session)
            case Bind(session, slot, stream_id):
                sequence = self._forwarding.next_sequence(session, slot)
                self._perform(Send(session, SlotBound(slot, stream_id, sequence)))
            case Route():
                self._forwarding.route(output)
            case Unroute():
                self._forwarding.unroute(output)

    def _adopt(self, session: SessionId, by: SessionId) -> None:
        """A session is back on another connection; its old one may not know yet."""
        old = self._connections.pop(session, None)
        if old is not None:
            old.hang_up(CloseCode.GOING_AWAY)
        connection = self._connections.pop(by)
        connection.become(session)
        self._connections[session] = connection

    def _arm_timer(self) -> None:
        self._stop_timer()
        if self._is_closing:
            return
        deadline = self._rooms.deadline
        if deadline is not None:
            delay_s = max(0.0, deadline - time.monotonic())
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay_s, self._tell, TimePassed())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        assert self._tasks is not None
        self._tasks.create_task(_logged(coroutine))

    async def _watch_talkers(self) -> None:
        while True:
            await asyncio.sleep(TALKERS_EVERY_S)
            self._hear_talkers()

    async def _guard_sockets(self) -> None:
        while True:
            await asyncio.sleep(GUARD_EVERY_S)
            self._sockets.cut_unread()


def _token_rules(app: AppSettings) -> TokenRules:
    secret = "" if app.secret_file is None else read_or_create_secret(app.secret_file)
    return TokenRules(secret, app.token_required, app.token_expiry)


async def _logged(coroutine: Coroutine[Any, Any, None]) -> None:
    """What fails in one task of the server must not end all the others."""
    try:
        await coroutine
    except Exception:  # noqa: BLE001 - the top of a task
        _log.exception("server task failed")
