"""Who may log in, and with what right: by AppSign, by token, or by both.

AppSign  token   what decides (reference, section 4.1)
yes      no      the AppSign
no       yes     the token
yes      yes     the AppSign first, then the token: both must be right
no       no      1002067
Where the token is required, the AppSign is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from intercomd.domain.errors import (
    AppSignIncorrect,
    AuthenticationFailed,
    NoToken,
    TokenInnerError,
)
from intercomd.protocol.authentication import is_proof, proof
from intercomd.protocol.messages import Login
from intercomd.protocol.token import Token, verify


class TokenExpiry(Enum):
    """What becomes of a user in a room whose token expires."""

    KEEP = "keep"
    KICK = "kick"


@dataclass(frozen=True, slots=True)
class TokenRules:
    """How an app uses tokens; `secret` is its ServerSecret, "" if it has none."""

    secret: str = field(default="", repr=False)
    is_required: bool = False
    expiry: TokenExpiry = TokenExpiry.KEEP


NO_TOKENS = TokenRules()
"""An app without a ServerSecret: only its AppSign opens."""


def admit(
    login: Login, *, app_sign: str, rules: TokenRules, nonce: str, unix_now: float
) -> Token | None:
    """The token this login is by, None if it is by AppSign alone.

    Raises `NoToken`, `AppSignIncorrect` or what `check_token` raises.
    """
    by_app_sign = bool(login.proof) and not rules.is_required
    if not by_app_sign and not login.token:
        raise NoToken
    if by_app_sign:
        expected = proof(
            app_sign,
            nonce=nonce,
            app_id=login.app_id,
            room_id=login.room_id,
            user_id=login.user_id,
        )
        if not is_proof(login.proof, expected):
            raise AppSignIncorrect
    if not login.token:
        return None
    return check_token(
        login.token,
        rules,
        app_id=login.app_id,
        room_id=login.room_id,
        user_id=login.user_id,
        unix_now=unix_now,
    )


def check_token(
    text: str,
    rules: TokenRules,
    *,
    app_id: int,
    room_id: str,
    user_id: str,
    unix_now: float,
) -> Token:
    """The token, if it lets this user into this room.

    Raises what `token.verify` raises, `AuthenticationFailed` for another room,
    and `TokenInnerError` where there is no ServerSecret to check it with.
    """
    if not rules.secret:
        raise TokenInnerError("the server has no ServerSecret for this app")
    token = verify(text, rules.secret, app_id=app_id, user_id=user_id, now=unix_now)
    if not token.privileges.allow_room(room_id):
        raise AuthenticationFailed("the token does not allow to enter this room")
    return token
