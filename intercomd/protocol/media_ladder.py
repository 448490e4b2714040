"""A client's media connection: opened, mended over another path, opened anew."""

from __future__ import annotations

from collections.abc import Callable

from intercomd.protocol.backoff import Backoff
from intercomd.protocol.client_events import (
    CloseMedia,
    MigrateMedia,
    OpenMedia,
    Output,
    ProbeConnection,
)
from intercomd.protocol.ladder import FIRST_RETRY_S, ClientState, Ladder
from intercomd.protocol.messages import Offer
from intercomd.protocol.open_requests import OpenRequests

MEDIA_TIMEOUT_S = 8.0
MIGRATION_S = 1.5
MEDIA_RETRY_CAP_S = 5.0


class MediaLadder:
    """A part of `client_session.ClientSession`. A new connection needs signalling:
    while that is lost this one waits, but what works goes on.

    deadline  when `pass_time` must be called, or None
    """

    def __init__(
        self,
        emit: Callable[[Output], None],
        *,
        signalling: Ladder,
        requests: OpenRequests,
        chance: Callable[[], float],
    ) -> None:
        self.is_up = False
        self.deadline: float | None = None
        self._emit = emit
        self._signalling = signalling
        self._requests = requests
        self._backoff = Backoff(
            first_s=FIRST_RETRY_S, cap_s=MEDIA_RETRY_CAP_S, chance=chance
        )

    def enter(self, now: float) -> None:
        """The user is in the room: there must be media, without delay."""
        self._backoff.reset()
        if not self.is_up:
            self._open(now)

    def change(self, now: float, *, is_up: bool) -> None:
        """The connection is up, or will not come back by itself."""
        if self._signalling.state is ClientState.OUT:
            return
        self.is_up = is_up
        self.deadline = None
        if is_up:
            self._backoff.reset()
        elif self._signalling.is_in:
            self.deadline = now + self._backoff.next_s()

    def mend(self, now: float) -> None:
        """First another path for the same connection; a new one if that fails.

        Whatever took the path may have taken the signalling, too: that is looked
        into at once, long before its own keep-alive would notice.
        """
        if self._signalling.state is ClientState.OUT or not self.is_up:
            return
        self.is_up = False
        self.deadline = now + MIGRATION_S
        self._emit(MigrateMedia())
        self._emit(ProbeConnection())

    def pass_time(self, now: float) -> None:
        """See to the deadline, if it came."""
        if self.deadline is None or now < self.deadline:
            return
        self.deadline = None
        if self._signalling.is_in:
            self._open(now)

    def close(self) -> None:
        """The server knows nothing of this connection any more."""
        self.is_up = False
        self.deadline = None
        self._emit(CloseMedia())

    def _open(self, now: float) -> None:
        self.deadline = now + MEDIA_TIMEOUT_S
        self._requests.forget(lambda request: isinstance(request, Offer))
        self._emit(OpenMedia())
