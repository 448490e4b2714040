"""What a client asked of the server and was not answered yet."""

from __future__ import annotations

from collections.abc import Callable

from intercomd.protocol.client_events import Output, Transmit
from intercomd.protocol.messages import ClientMessage

REQUEST_IDS = 2**31 - 1


class OpenRequests:
    """Numbers the requests of a client and remembers those that are open."""

    def __init__(self, emit: Callable[[Output], None]) -> None:
        self._emit = emit
        self._open: dict[int, ClientMessage] = {}
        self._last_id = 0

    def next_id(self) -> int:
        """The ID of the request to be made next; none is used twice."""
        self._last_id = self._last_id % REQUEST_IDS + 1
        return self._last_id

    def ask(self, request: ClientMessage) -> None:
        """Send this request and await its answer."""
        self._open[request.id] = request
        self._emit(Transmit(request))

    def has(self, request_id: int) -> bool:
        """Whether this request still awaits its answer."""
        return request_id in self._open

    def answered(self, request_id: int | None) -> ClientMessage | None:
        """The request that this answer is to; None if nobody awaits it."""
        return None if request_id is None else self._open.pop(request_id, None)

    def forget(self, is_moot: Callable[[ClientMessage], bool]) -> None:
        """What is still answered to such requests concerns nobody any more."""
        for request in [r for r in self._open.values() if is_moot(r)]:
            del self._open[request.id]

    def end(self) -> list[ClientMessage]:
        """Nothing that was asked will be answered any more: what that was."""
        unanswered = list(self._open.values())
        self._open.clear()
        return unanswered
