"""What a client shows at the door: the proof of an AppSign, a token, or both."""

from __future__ import annotations

from dataclasses import dataclass, field

from intercomd.protocol.authentication import proof
from intercomd.protocol.client_events import LoginWanted
from intercomd.protocol.messages import Login


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the server must accept. `app_sign` never leaves this process; where it
    is "", every login must bring a token."""

    app_id: int
    app_sign: str = field(repr=False)

    def login(
        self,
        wish: LoginWanted,
        *,
        request_id: int,
        nonce: str,
        token: str,
        resume_key: str,
    ) -> Login:
        """The message that logs in over the connection that greeted with `nonce`."""
        return Login(
            id=request_id,
            app_id=self.app_id,
            room_id=wish.room_id,
            user_id=wish.user.user_id,
            user_name=wish.user.user_name,
            proof=self._proof(wish, nonce),
            token=token,
            is_user_status_notify=wish.is_user_status_notify,
            max_member_count=wish.max_member_count,
            resume_key=resume_key,
        )

    def _proof(self, wish: LoginWanted, nonce: str) -> str:
        if not self.app_sign:
            return ""
        return proof(
            self.app_sign,
            nonce=nonce,
            app_id=self.app_id,
            room_id=wish.room_id,
            user_id=wish.user.user_id,
        )
