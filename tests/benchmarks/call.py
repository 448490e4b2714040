"""What a call costs and how late it is: `python -m tests.benchmarks.call --help`.

Two stations, one server, each a process of its own, on PulseAudio null sinks as
cards. Absolute figures are of this machine; docs/performance.md says of which.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.bench.network import ImpairedNetwork
from tests.bench.processes import PROJECT, Child
from tests.bench.pulse import PulseBench
from tests.bench.signals import chirp_train, envelope_correlation
from tests.bench.speech import speech
from tests.system.measures import (
    Mover,
    gaps_through_migrations_s,
    mouth_to_ear,
    say,
    silence_after_restart_s,
    through_loss,
)
from tests.system.site import Site

DRIFT_LIMIT_MS = 1.0
SENTENCE = (
    "The visitor is waiting at the north gate. Please open the door, "
    "and tell him that the engineer comes down in five minutes."
)


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--launches", type=int, default=5, help="fresh calls")
    parser.add_argument("--chirps", type=int, default=12, help="in each of them")
    parser.add_argument(
        "--minutes", type=float, default=1.0, help="length of the call that is costed"
    )
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as directory,
        PulseBench(Path(directory) / "pulse", stations=2) as bench,
    ):
        figures = {
            "machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}",
            "python": sys.version.split()[0],
            "mouth_to_ear": _latency(bench, chosen.launches, chosen.chirps),
            "speech_correlation": _speech(bench),
            "loss": _loss(bench),
            "sound_after_server_restart_s": _restart(bench),
            "gap_at_a_changed_address_s": {
                "listener": _migrations(bench, "listener"),
                "talker": _migrations(bench, "talker"),
            },
            "import_s": _import_s("intercomd.cli.run"),
            "cost": _cost(bench, chosen.minutes),
        }
    print(json.dumps(figures, indent=2))


def _latency(bench: PulseBench, launches: int, chirps: int) -> dict[str, object]:
    train = chirp_train(chirps)
    medians: list[float] = []
    every: list[float] = []
    invalid = missed = 0
    while len(medians) < launches and invalid < launches:
        with tempfile.TemporaryDirectory() as folder, Site(Path(folder), bench):
            latencies, drift_ms = mouth_to_ear(bench, train)
        if drift_ms > DRIFT_LIMIT_MS:
            invalid += 1  # the player stumbled: this says nothing of the call
            continue
        missed += latencies.missed
        medians.append(latencies.median_ms)
        every += latencies.heard_ms
    return {
        "launch_medians_ms": [round(m, 1) for m in medians],
        "median_ms": round(statistics.median(medians), 1),
        "p95_ms": round(float(np.percentile(every, 95)), 1),
        "range_ms": [round(min(every), 1), round(max(every), 1)],
        "chirps_missed": missed,
        "launches_invalid": invalid,
    }


def _speech(bench: PulseBench) -> float:
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder), bench):
        heard = say(bench, speech(SENTENCE))
    return round(envelope_correlation(heard.mouth, heard.ear).correlation, 3)


def _loss(bench: PulseBench) -> dict[str, object]:
    told: dict[str, object] = {}
    for name, loss in (("one packet", None), ("5 %", 0.05)):
        with (
            tempfile.TemporaryDirectory() as folder,
            ImpairedNetwork(Path(folder), ("a", "b", "s")) as network,
        ):
            call = through_loss(Path(folder), bench, network, loss=loss)
        told[name] = {
            "longest_gap_ms": round(1000 * call.gap_s),
            "before_ms": round(call.before_ms, 1),
            "after_ms": round(call.after_ms, 1),
        }
    return told


def _restart(bench: PulseBench, runs: int = 3) -> list[float]:
    told: list[float] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            told.append(round(silence_after_restart_s(Path(folder), bench), 2))
    return told


def _migrations(bench: PulseBench, mover: Mover, changes: int = 10) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ImpairedNetwork(Path(folder), ("a", "b", "s")) as network,
    ):
        gaps = gaps_through_migrations_s(
            Path(folder), bench, network, mover=mover, changes=changes
        )
    return {"p50": round(statistics.median(gaps), 2), "max": round(max(gaps), 2)}


def _import_s(module: str, runs: int = 7) -> float:
    """The median over fresh interpreters, less that of an empty one."""

    def seconds(statement: str) -> float:
        began_at = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", statement],
            check=True,
            env=os.environ | {"PYTHONPATH": str(PROJECT)},
        )
        return time.perf_counter() - began_at

    pairs = [(seconds(f"import {module}"), seconds("pass")) for _ in range(runs)]
    return round(statistics.median(full - empty for full, empty in pairs), 3)


def _cost(bench: PulseBench, minutes: float) -> dict[str, object]:
    """CPU and memory of a duplex call with speech both ways."""
    voice = speech(SENTENCE)
    repeats = int(60 * minutes * 48_000 / len(voice)) + 1
    talk = np.tile(voice, repeats)
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder), bench) as site:
        children = {"server": site.server, "station": site.stations[0]}
        before = {name: child.cpu_s() for name, child in children.items()}
        began_at = time.monotonic()
        bench.play_together({0: talk, 1: talk})
        seconds = time.monotonic() - began_at
        return {"seconds": round(seconds, 1)} | {
            name: _usage(child, before[name], seconds)
            for name, child in children.items()
        }


def _usage(child: Child, cpu_before_s: float, seconds: float) -> dict[str, float]:
    return {
        "cpu_s_per_s": round((child.cpu_s() - cpu_before_s) / seconds, 4),
        "rss_mb": round(child.rss_mb(), 1),
        "pss_mb": round(child.pss_mb(), 1),
    }


if __name__ == "__main__":
    main()
