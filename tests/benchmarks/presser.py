"""A station whose talk key is pressed now and then, at no particular phase.

`python -m tests.benchmarks.presser CONFIG MICROPHONE_WAV PRESSES`, a child of
`key_edge`. Once somebody would hear it, it presses, and says of each press the second
(time.monotonic) of the edge; "done" after the last.
"""

from __future__ import annotations

import asyncio
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from intercomd.station.app import Station
from intercomd.station.appliance import Appliance
from intercomd.station.config import Simulation, load
from intercomd.station.run import run

_DOWN_S = 0.3
_UP_S = 0.7


def main() -> None:
    """Press, and be a station until told to stop."""
    config, microphone, presses = sys.argv[1:]

    @contextmanager
    def attended(appliance: Appliance) -> Iterator[None]:
        stopping = threading.Event()
        thread = threading.Thread(
            target=_press, args=(appliance.station, int(presses), stopping)
        )
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    read = lambda: load(Path(config))  # noqa: E731
    asyncio.run(run(read, Simulation(Path(microphone), None), attended))


def _press(station: Station, presses: int, stopping: threading.Event) -> None:
    dice = random.Random(3)
    while not station.status().listeners:
        if stopping.wait(0.1):
            return
    for _ in range(presses):
        if stopping.wait(_UP_S + dice.uniform(0.0, 0.02)):
            return
        pressed_at = time.monotonic()
        station.talk(on=True)
        print(f"{pressed_at:.6f}", flush=True)
        stopping.wait(_DOWN_S)
        station.talk(on=False)
    print("done", flush=True)


if __name__ == "__main__":
    main()
