"""This client's token: the newest, until the server refuses it."""

from __future__ import annotations

from intercomd.domain.errors import NoToken
from intercomd.protocol.token import check_text


class OwnToken:
    """Remembers the newest token and the last one that the server accepted."""

    def __init__(self) -> None:
        self.newest = ""
        self._accepted = ""

    def begin(self, token: str, *, has_app_sign: bool) -> None:
        """A login by this token, "" for none. Raise `NoToken` if there is no
        AppSign either, `TokenFormatError` for one that cannot be sent."""
        if not (token or has_app_sign):
            raise NoToken
        self.newest = self._accepted = check_text(token)

    def renew(self, token: str) -> None:
        """Use this one from now on; raises as `begin` does."""
        if not token:
            raise NoToken
        self.newest = check_text(token)

    def accept(self, token: str) -> None:
        """The server took it."""
        self._accepted = token

    def refuse(self, token: str) -> None:
        """The server did not take it: the one before it still counts."""
        if self.newest == token:
            self.newest = self._accepted
