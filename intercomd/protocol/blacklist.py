"""Who is kept out of which room, and until when."""

from __future__ import annotations

from intercomd.domain.errors import UserInBlacklist

EVERY_ROOM = ""

_Rule = tuple[int, str, str]


class Blacklist:
    """The operator's rules; each is forgotten once it has run out."""

    def __init__(self) -> None:
        self._until: dict[_Rule, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def forbid(self, app_id: int, room_id: str, user_id: str, until: float) -> None:
        """Keep a user out until then, of every room with `EVERY_ROOM`."""
        self._until[app_id, room_id, user_id] = until

    def allow(self, app_id: int, room_id: str, user_id: str) -> None:
        """Take a rule back."""
        self._until.pop((app_id, room_id, user_id), None)

    def check(self, app_id: int, room_id: str, user_id: str, now: float) -> None:
        """Raise `UserInBlacklist` if this user may not enter this room now."""
        for rule in ((app_id, room_id, user_id), (app_id, EVERY_ROOM, user_id)):
            until = self._until.get(rule)
            if until is None:
                continue
            if now < until:
                raise UserInBlacklist(f"user {user_id}, for {until - now:.0f} s more")
            del self._until[rule]
