"""The engine's calls that enter a room, leave it, and change it."""

from __future__ import annotations

import asyncio

from intercomd.domain.errors import (
    IllegalParameter,
    NotLoggedIn,
    NoToken,
    RoomIdIncorrect,
    error_for,
)
from intercomd.domain.events import RoomStateChanged
from intercomd.domain.identifiers import check_room_id, check_user_id, check_user_name
from intercomd.domain.room import RoomState, RoomStateReason, User
from intercomd.engine.part import EnginePart
from intercomd.engine.profile import RoomConfig
from intercomd.protocol.client_events import LoginWanted, LogoutWanted
from intercomd.protocol.token import check_text

MEMBER_COUNT_MAX = 2**31 - 1
"""The most the wire can say."""


class LoginCalls(EnginePart):
    """A part of `Engine`."""

    _has_app_sign: bool

    def __init__(self) -> None:
        super().__init__()
        self._login_verdict: asyncio.Future[None] | None = None
        self._user = User("")

    async def login_room(
        self, room_id: str, user: User, config: RoomConfig | None = None
    ) -> None:
        """Enter a room; it is created if it does not exist.

        Returns once in the room. A server that cannot be reached is retried until
        `room_retry_time_s`; then, and for every refusal, raises the error whose
        code `room_state_changed` carries. A second login raises
        `RoomCountExceeded`, one with neither AppSign nor token `NoToken`, a count of
        members below 0 `IllegalParameter`; a logout meanwhile, `NotLoggedIn`.
        Cancelled, it gives the login up.
        """
        self._check_alive()
        check_room_id(room_id)
        check_user_id(user.user_id)
        check_user_name(user.user_name)
        config = _checked(config or RoomConfig())
        loop = asyncio.get_running_loop()
        verdict: asyncio.Future[None] = loop.create_future()
        wish = LoginWanted(
            room_id,
            user,
            config.is_user_status_notify,
            config.max_member_count,
            config.token,
        )
        previous, self._login_verdict = self._login_verdict, verdict
        try:
            self._attach_sound(loop)
            self._begin_traffic()
            self._link.handle(wish)
        except BaseException:
            self._login_verdict = previous
            raise
        self._user = user
        try:
            await verdict
        except asyncio.CancelledError:
            self._undo_login(verdict)
            raise

    async def logout_room(self, room_id: str | None = None) -> None:
        """Leave the room; publishing and playing stop.

        Without `room_id` it leaves whichever there is. For a room this engine is not
        in it tells LOGOUT_FAILED and raises `RoomIdIncorrect`.
        """
        self._check_alive()
        try:
            self._link.handle(LogoutWanted(room_id))
        except RoomIdIncorrect as error:
            failed = RoomStateReason.LOGOUT_FAILED
            self._told(RoomStateChanged(room_id or "", failed, error.code))
            raise

    async def switch_room(
        self, from_room_id: str, to_room_id: str, config: RoomConfig | None = None
    ) -> None:
        """Leave one room and enter another as the same user; all streams stop.

        `config` is the other room's: a token must be given again. Raises
        `NotLoggedIn` unless logged in to `from_room_id`, and as `login_room` does;
        what can be known before leaves one where one is.
        """
        self._check_alive()
        if self._link.room_id is None or self._link.room_id != from_room_id:
            raise NotLoggedIn(f"room {from_room_id}")
        check_room_id(to_room_id)
        token = check_text(_checked(config).token) if config else ""
        if not (token or self._has_app_sign):
            raise NoToken
        self._link.handle(LogoutWanted())
        await LoginCalls.login_room(self, to_room_id, self._user, config)

    # Inside

    def _undo_login(self, verdict: asyncio.Future[None]) -> None:
        """Be out of the room of this login, also if it was let in at that moment.
        One that failed is out, and another that was begun since is left alone."""
        is_latest = self._login_verdict is None or self._login_verdict is verdict
        if is_latest and not self._is_destroyed:
            self._login_verdict = None
            self._link.handle(LogoutWanted())

    def _settle_login(self, event: RoomStateChanged) -> None:
        verdict, reason = self._login_verdict, event.reason
        is_under_way = reason.state is RoomState.CONNECTING
        if verdict is None or is_under_way or reason is RoomStateReason.LOGOUT_FAILED:
            return
        self._login_verdict = None
        if verdict.done():  # its caller was cancelled
            return
        if reason is RoomStateReason.LOGINED:
            verdict.set_result(None)
        elif reason is RoomStateReason.LOGOUT:
            verdict.set_exception(self._gone())
        else:
            text = str(event.extended_data.get("message", ""))
            verdict.set_exception(error_for(event.error_code, text))

    def _attach_sound(self, loop: asyncio.AbstractEventLoop) -> None:
        raise NotImplementedError

    def _begin_traffic(self) -> None:
        raise NotImplementedError


def _checked(config: RoomConfig) -> RoomConfig:
    count = config.max_member_count
    if not 0 <= count <= MEMBER_COUNT_MAX:
        raise IllegalParameter(f"{count} members; 0 to {MEMBER_COUNT_MAX}")
    return config
