"""How long the machine itself stood still, which nothing that runs on it can help."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

_WAKES_EVERY_S = 0.005


class Standstill:
    """A thread that wants to wake up every 5 ms while this is entered.

    longest_s  by how much it was late at worst
    """

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join()

    def _watch(self) -> None:
        due = time.monotonic() + _WAKES_EVERY_S
        while not self._ending.wait(max(0.0, due - time.monotonic())):
            now = time.monotonic()
            self.longest_s = max(self.longest_s, now - due)
            due = now + _WAKES_EVERY_S
