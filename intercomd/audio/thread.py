"""The thread a source or sink works in, and how it is begun and ended.

It knows nothing of sound.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from intercomd.audio.real_time import ask_for_real_time

_log = logging.getLogger(__name__)

_JOIN_WITHIN_S = 0.5


class AudioThread:
    """Runs `work` in a thread of its own from `start` to `stop`, once.

    `work` must return soon after `stopping` is set. It runs under SCHED_FIFO
    where the system allows that.
    """

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.stopping = threading.Event()
        self._work = work
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def stop(self) -> None:
        """End the thread; a thread that hangs in a driver is left behind."""
        self.stopping.set()
        await asyncio.to_thread(self._thread.join, _JOIN_WITHIN_S)
        if self._thread.is_alive():
            _log.warning("%s hangs in its driver and was left", self._thread.name)

    def _run(self) -> None:
        ask_for_real_time()
        try:
            self._work()
        except Exception:  # noqa: BLE001 - the top of a thread; said, not hidden
            _log.exception("%s died: please report this", self._thread.name)
