"""The shortest way through `intercomd.audio`: what a card hears, it plays.

Run as a child: `python -m tests.bench.loop CAPTURE PLAYBACK [--busy]`; prints
"ready", and on SIGTERM a JSON object of counters. `--busy` holds the interpreter
for 5 ms every 50 ms, as an event loop with much to do does.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections import deque
from dataclasses import asdict
from time import perf_counter

from intercomd.audio.capture import AlsaCapture
from intercomd.audio.playback import AlsaPlayback
from intercomd.domain.audio import SILENCE, Frame

_BUSY_S = 0.005
_IDLE_S = 0.045


class _Loop:
    """Holds two frames at most; an older one is forgotten.

    Two, because a frame may be delivered just before or just after the pull.
    """

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque(maxlen=2)

    def deliver(self, frame: Frame, _captured_at: float) -> None:
        self._frames.append(frame)

    def pull(self, _plays_at: float) -> Frame:
        return self._frames.popleft() if self._frames else SILENCE


async def _run(capture_name: str, playback_name: str, *, busy: bool) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    loop = _Loop()
    async with (
        AlsaCapture(capture_name, loop.deliver) as capture,
        AlsaPlayback(playback_name, loop.pull) as playback,
    ):
        while not (capture.is_open and playback.is_open):  # noqa: ASYNC110
            await asyncio.sleep(_IDLE_S)
        print("ready", flush=True)  # noqa: T201 - to the parent
        while not stopping.is_set():
            if busy:
                _hold_the_interpreter()
            await asyncio.sleep(_IDLE_S)
    counters = {
        "capture": asdict(capture.counters),
        "playback": asdict(playback.counters),
    }
    print(json.dumps(counters), flush=True)  # noqa: T201 - to the parent


def _hold_the_interpreter() -> None:
    until = perf_counter() + _BUSY_S
    while perf_counter() < until:
        pass


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], sys.argv[2], busy="--busy" in sys.argv[3:]))
