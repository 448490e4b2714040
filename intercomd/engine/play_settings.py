"""Volume and mute of the streams that are played. Pure."""

from __future__ import annotations

from collections.abc import Iterable


class PlaySettings:
    """What was set for each stream; nothing of it outlives the stream's play, except
    the switches for all.

    waits_s     by stream ID, how long its sound waits at least and at most
    priorities  by stream ID, which goes before which
    """

    def __init__(self) -> None:
        self.is_all_muted = False
        self._gains: dict[str, float] = {}
        self.priorities: dict[str, int] = {}
        self.waits_s: dict[str, tuple[float, float]] = {}
        self._mutes: dict[str, bool] = {}
        self._is_each_muted = False

    def set_gain(self, stream_ids: Iterable[str], gain: float) -> None:
        """These streams' volume, 1.0 as they are; the last call wins."""
        for stream_id in stream_ids:
            self._gains[stream_id] = gain

    def mute(self, stream_id: str, *, is_muted: bool) -> None:
        """This stream's own switch; it may not be played yet."""
        self._mutes[stream_id] = is_muted

    def mute_each(self, *, is_muted: bool) -> None:
        """Every stream's own switch, also of those to come; the last call wins."""
        self._mutes.clear()
        self._is_each_muted = is_muted

    def is_muted(self, stream_id: str) -> bool:
        """Whether nothing of the stream is to be received."""
        own = self._mutes.get(stream_id, self._is_each_muted)
        return self.is_all_muted or own

    def gain(self, stream_id: str) -> float:
        """The factor it is to be played with, 0.0 while it is muted."""
        return 0.0 if self.is_muted(stream_id) else self._gains.get(stream_id, 1.0)

    def forget(self, stream_id: str) -> None:
        """The stream is played no more."""
        self._gains.pop(stream_id, None)
        self.waits_s.pop(stream_id, None)
        self.priorities.pop(stream_id, None)
        self._mutes.pop(stream_id, None)
