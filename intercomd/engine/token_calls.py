"""The engine's calls that concern tokens."""

from __future__ import annotations

import asyncio
from collections import deque

from intercomd.domain.errors import ErrorCode, error_for
from intercomd.engine.part import EnginePart
from intercomd.protocol.client_events import RenewWanted, TokenRenewed


class TokenCalls(EnginePart):
    """A part of `Engine`."""

    def __init__(self) -> None:
        super().__init__()
        self._renewals: deque[asyncio.Future[None]] = deque()

    async def renew_token(self, room_id: str, token: str) -> None:
        """Let `token` count for what is published next, and for the next login.

        What runs goes on. To be called at `room_token_will_expire`. While the
        connection is lost the token is kept for the way back, while a login is under
        way until that is through. Raises `RoomIdIncorrect` for a room this engine is
        not in, `NoToken` for an empty token and, when the server refuses it, what the
        server says; then the last token still counts.
        """
        self._check_alive()
        verdict: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._renewals.append(verdict)
        try:
            self._link.handle(RenewWanted(room_id, token))
        except BaseException:
            self._renewals.remove(verdict)
            raise
        await verdict

    def _settle_renewal(self, renewed: TokenRenewed) -> None:
        verdict = self._renewals.popleft()
        if verdict.done():  # its caller was cancelled
            return
        if renewed.code == ErrorCode.SUCCESS:
            verdict.set_result(None)
        else:
            verdict.set_exception(error_for(renewed.code, renewed.message))
