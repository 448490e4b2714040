"""The token of a user who is in a room: when to warn of its end, and its end.

NONE (or told of) --renewed--> GOOD --30 s left--> WARNED --expired--> ENDED
under `TokenExpiry.KEEP` nothing happens at the end: the token just is expired
"""

from __future__ import annotations

import math

from intercomd.domain.errors import PublishAuthorizationFailed, RenewedTokenNoPublish
from intercomd.protocol.admission import TokenExpiry
from intercomd.protocol.messages import TokenWillExpire
from intercomd.protocol.token import Token

WARNING_S = 30.0


class TokenWatch:
    """One session's token; None is a login by AppSign, which allows everything.

    deadline  when `handle_deadline` must be called, or None
    """

    def __init__(
        self, token: Token | None, expiry: TokenExpiry, *, wall_offset_s: float
    ) -> None:
        """`wall_offset_s` added to any `now` is the unix time."""
        self._token = token
        self._expiry = expiry
        self._wall_offset_s = wall_offset_s
        self._is_warned = False
        self._is_ended = False

    @property
    def deadline(self) -> float | None:
        """The next of: the time to warn, the time to put the user out."""
        if self._token is None or self._is_ended:
            return None
        expires_at = self._token.expires_at - self._wall_offset_s
        if not self._is_warned:
            return expires_at - WARNING_S
        return expires_at if self._expiry is TokenExpiry.KICK else None

    def handle_deadline(self, now: float) -> TokenWillExpire | TokenExpiry | None:
        """The warning to send, or `TokenExpiry.KICK`; None if it is not time."""
        deadline = self.deadline
        if deadline is None or now < deadline:
            return None
        if self._is_warned:
            self._is_ended = True
            return TokenExpiry.KICK
        self._is_warned = True
        return TokenWillExpire(max(0, math.ceil(self._remaining_s(now))))

    def renew(self, token: Token) -> None:
        """Let this token count from now on; raise `RenewedTokenNoPublish` if it
        takes the right to publish away."""
        had = self._token is None or self._token.privileges.may_publish
        if had and not token.privileges.may_publish:
            raise RenewedTokenNoPublish
        self._token = token
        self._is_warned = self._is_ended = False

    def check_publish(self, stream_id: str, now: float) -> None:
        """Raise `PublishAuthorizationFailed` unless it may publish this stream now."""
        if self._token is None:
            return
        if self._remaining_s(now) < 0:
            raise PublishAuthorizationFailed("the token has expired: renew it")
        if not self._token.privileges.allow_stream(stream_id):
            raise PublishAuthorizationFailed(f"stream {stream_id} is not in the token")

    def _remaining_s(self, now: float) -> float:
        assert self._token is not None
        return self._token.expires_at - (now + self._wall_offset_s)
