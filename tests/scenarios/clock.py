"""Virtual time under real sockets: where nothing happens, the clock jumps.

While a scene runs, `time.monotonic` stands still as long as anything is to be done,
then jumps to the next timer. Twenty minutes pass in seconds, and a slow machine
misses no deadline. All parties must live in the scene's own event loop.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

_GRACE_S = 50e-6
_LATE_S = 1e-6
"""A timer is met just after its time, as in life: never before, by a rounding."""

_real_time = time.monotonic


def run(scene: Coroutine[Any, Any, None]) -> None:
    """Run a scene to its end, in a time of its own."""
    with _Clock() as clock, asyncio.Runner(loop_factory=clock.loop) as runner:
        runner.run(scene)


class _Clock:
    """The time of a scene, in place of the computer's while it is entered."""

    def __init__(self) -> None:
        self._now_s = _real_time()

    def now(self) -> float:
        """What `time.monotonic` says."""
        return self._now_s

    def jump(self, seconds: float) -> None:
        """Let so much time have passed."""
        self._now_s += seconds

    def loop(self) -> asyncio.AbstractEventLoop:
        """An event loop that lives in this time."""
        return asyncio.SelectorEventLoop(_JumpingSelector(self))

    def __enter__(self) -> Self:
        time.monotonic = self.now
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        time.monotonic = _real_time


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for sockets only as long as the kernel takes to pass a packet on."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; with nothing ready until the next timer, be there."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:  # no timer: only another thread can bring anything
            return super().select(None)
        time.sleep(_GRACE_S)
        ready = super().select(0)
        if not ready:
            self._clock.jump(timeout + _LATE_S)
        return ready
