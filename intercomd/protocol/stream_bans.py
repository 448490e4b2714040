"""Which streams nobody may publish or play, and until when."""

from __future__ import annotations

from intercomd.domain.errors import PlayForbidden, PublishForbidden
from intercomd.protocol.room_events import StreamKey


class StreamBans:
    """The operator's rules on streams; each is forgotten once it has run out."""

    def __init__(self) -> None:
        self._until: dict[StreamKey, float] = {}

    def forbid(self, key: StreamKey, until: float) -> None:
        """Let nobody publish or play this stream until then."""
        self._until[key] = until

    def allow(self, key: StreamKey) -> None:
        """Take a rule back."""
        self._until.pop(key, None)

    def check_publish(self, key: StreamKey, now: float) -> None:
        """Raise `PublishForbidden` if nobody may publish this stream now."""
        if self._is_forbidden(key, now):
            raise PublishForbidden(f"stream {key[1]}")

    def check_play(self, key: StreamKey, now: float) -> None:
        """Raise `PlayForbidden` if nobody may play this stream now."""
        if self._is_forbidden(key, now):
            raise PlayForbidden(f"stream {key[1]}")

    def _is_forbidden(self, key: StreamKey, now: float) -> bool:
        until = self._until.get(key)
        if until is not None and now >= until:
            del self._until[key]
            return False
        return until is not None
