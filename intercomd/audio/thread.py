"""The thread a source or sink works in, and how it is begun and ended.

It knows nothing of sound.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)

_JOIN_WITHIN_S = 0.5
_PRIORITY = 20


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
        _ask_for_real_time(self._thread.name)
        try:
            self._work()
        except Exception:  # noqa: BLE001 - the top of a thread; said, not hidden
            _log.exception("%s died: please report this", self._thread.name)


def _ask_for_real_time(name: str) -> None:
    # On Linux a native thread ID is what sched_setscheduler calls a pid.
    thread_id = threading.get_native_id()
    parameters = os.sched_param(_PRIORITY)
    try:
        os.sched_setscheduler(thread_id, os.SCHED_FIFO, parameters)
    except PermissionError:
        _log.info("%s runs without real-time priority: not permitted", name)
