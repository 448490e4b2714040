"""Whom the operator put out lately: none of them is to come back by itself.

A client that was away at that moment did not hear of it; it is known by the key it
would resume its session with.
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.errors import ManuallyKickedOut
from intercomd.protocol.authentication import is_one_of
from intercomd.protocol.membership import Member
from intercomd.protocol.room_events import Joined

KEPT_S = 1200.0
"""As long as a client tries to come back."""

KEPT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class _Kick:
    keys: tuple[str, ...]
    reason: str
    until: float


class Kicks:
    """One kick a user, the last; beyond `KEPT_MAX` users the oldest is forgotten."""

    def __init__(self) -> None:
        self._kicks: dict[tuple[int, str], _Kick] = {}

    def note(self, member: Member, reason: str, now: float) -> None:
        """This member is put out now."""
        user = (member.app_id, member.user.user_id)
        self._kicks.pop(user, None)
        self._kicks[user] = _Kick(member.resume_keys, reason, now + KEPT_S)
        if len(self._kicks) > KEPT_MAX:
            del self._kicks[next(iter(self._kicks))]

    def check(self, event: Joined, now: float) -> None:
        """Raise `ManuallyKickedOut` for a client that comes back to what it was put
        out of. A login without a key is the user's own wish, and ends that."""
        user = (event.app_id, event.user.user_id)
        kick = self._kicks.get(user)
        if kick is None:
            return
        if not event.resume_key or now >= kick.until:
            del self._kicks[user]
        elif is_one_of(event.resume_key, kick.keys):
            raise ManuallyKickedOut(kick.reason)
