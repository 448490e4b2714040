"""Where a station's CPU goes in a duplex call: `python -m tests.benchmarks.cost`.

For each thread: milliseconds of CPU and voluntary switches (it waited and was woken) a
second. The loop is "python" with the process's own number; then come the threads of
the microphone and the loudspeaker, and those of PulseAudio's client, "threaded-ml",
which a station on real cards has not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tests.bench.pulse import PulseBench
from tests.bench.signals import SAMPLE_RATE_HZ
from tests.bench.speech import speech
from tests.benchmarks.machine import machine
from tests.benchmarks.peers.intercomd import INTERCOMD
from tests.system.site import UNPROCESSED, Site

_SENTENCE = "The visitor is waiting at the north gate. Please open the door."
_SETTLES_S = 3.0
_LEAST_MS_PER_S = 0.05


@dataclass(frozen=True, slots=True)
class Thread:
    """What a thread used so far, or in a second."""

    name: str
    cpu_ms: float
    switches: float


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="of duplex speech")
    parser.add_argument("--silence", action="store_true", help="instead of speech")
    chosen = parser.parse_args()
    told = {"machine": asdict(machine([INTERCOMD]))} | {
        name: _station(processing, chosen.seconds, is_silent=chosen.silence)
        for name, processing in (("processed", {}), ("unprocessed", UNPROCESSED))
    }
    print(json.dumps(told, indent=2))


def _station(
    processing: dict[str, bool], seconds: int, *, is_silent: bool
) -> dict[str, object]:
    """Each thread of a station that talks and listens at once, and all together."""
    sentence = speech(_SENTENCE) * (not is_silent)
    voice = np.resize(sentence, round(seconds + 2 * _SETTLES_S) * SAMPLE_RATE_HZ)
    voices = {0: voice, 1: np.roll(voice, len(sentence) // 2)}
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        PulseBench(Path(folder) / "pulse", stations=2) as bench,
        Site(Path(folder), bench, processing=processing) as site,
    ):
        talk = threading.Thread(target=bench.play_together, args=(voices,))
        talk.start()
        time.sleep(_SETTLES_S)
        before, began_at = _threads(site.stations[0].pid), time.monotonic()
        time.sleep(seconds)
        after, passed_s = _threads(site.stations[0].pid), time.monotonic() - began_at
        talk.join()
    used = {
        number: _used(before.get(number), thread, passed_s)
        for number, thread in after.items()
    }
    return {
        "cpu_ms_per_s": round(sum(thread.cpu_ms for thread in used.values()), 1),
        "threads": [
            asdict(thread)
            for _, thread in sorted(used.items())
            if thread.cpu_ms >= _LEAST_MS_PER_S
        ],
    }


def _used(before: Thread | None, after: Thread, seconds: float) -> Thread:
    cpu_ms, switches = after.cpu_ms, after.switches
    if before is not None:
        cpu_ms, switches = cpu_ms - before.cpu_ms, switches - before.switches
    return Thread(after.name, round(cpu_ms / seconds, 2), round(switches / seconds, 1))


def _threads(pid: int) -> dict[int, Thread]:
    """By their numbers, in the order in which they began."""
    threads = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (task / "comm").read_text().strip()
            nanoseconds = int((task / "schedstat").read_text().split()[0])
            status = (task / "status").read_text()
        except OSError:  # it ended under our eyes
            continue
        switches = int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
        threads[int(task.name)] = Thread(name, nanoseconds / 1e6, switches)
    return threads


if __name__ == "__main__":
    main()
