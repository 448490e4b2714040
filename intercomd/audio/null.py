"""The loudspeaker of a station without one."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from intercomd.audio.pace import every_frame
from intercomd.audio.thread import AudioThread
from intercomd.domain.audio import AudioCounters, Pull


class NullSink:
    """An `AudioSink` that pulls in real time, so that buffers drain, and is mute."""

    def __init__(self, pull: Pull) -> None:
        self.counters = AudioCounters()
        self._pull = pull
        self._is_open = False
        self._thread = AudioThread("null sink", self._work)

    @property
    def is_open(self) -> bool:
        return self._is_open

    async def __aenter__(self) -> Self:
        self._thread.start()
        self._is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._thread.stop()
        self._is_open = False

    def _work(self) -> None:
        for due in every_frame(self._thread.stopping):
            self._pull(due)
            self.counters.frames += 1
