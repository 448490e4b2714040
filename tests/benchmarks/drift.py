"""Whether latency grows while two sound cards disagree.

`python -m tests.benchmarks.drift --minutes 30`. The listener's card runs faster or
slower than the talker's, as no two cards agree; a train of chirps once a minute says
what becomes of it. In real time: the whole path is asked, cards included. Needs root.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path

import numpy as np

from tests.bench.signals import chirp_latencies, chirp_train, mouth_drift_ms
from tests.benchmarks.machine import machine
from tests.benchmarks.peers.intercomd import INTERCOMD
from tests.benchmarks.scenarios import Scenario
from tests.benchmarks.stage import STATION, Stage
from tests.benchmarks.take import in_one_clock

_CHIRPS = 10
_DRIFT_LIMIT_MS = 1.0


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--skew-ppm", type=float, default=500.0)
    parser.add_argument("--every-s", type=float, default=60.0)
    chosen = parser.parse_args()
    here = machine([INTERCOMD])
    scenario = Scenario("drift", "skew", skew_ppm=chosen.skew_ppm)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Stage(Path(folder), scenario) as stage,
        INTERCOMD.call(stage),
    ):
        medians = _medians_ms(stage, 60.0 * chosen.minutes, chosen.every_s)
    print(
        json.dumps(
            {
                "skew_ppm": chosen.skew_ppm,
                "minutes": chosen.minutes,
                "medians_ms": medians,
                "growth_ms": _growth_ms(medians),
                "unabsorbed_it_would_be_ms": 60e-3 * chosen.minutes * chosen.skew_ppm,
                "machine": asdict(here),
            },
            indent=2,
        )
    )


def _medians_ms(stage: Stage, seconds: float, every_s: float) -> list[float | None]:
    """The median latency of each train; None where the player stumbled."""
    pause, medians = threading.Event(), list[float | None]()
    for _ in range(1 + int(seconds / every_s)):
        train = chirp_train(_CHIRPS)
        with stage.recorded() as (near, far):
            stage.cards.play(STATION["talker"], train.samples)
            pause.wait(0.5)
        mouth, ear = in_one_clock(
            near,
            far,
            mouth=stage.cards.mouth(STATION["talker"]),
            ear=stage.cards.ear(STATION["listener"]),
        )
        found = chirp_latencies(mouth, ear)
        is_valid = found.heard_ms and mouth_drift_ms(mouth, train) < _DRIFT_LIMIT_MS
        medians.append(round(found.median_ms, 1) if is_valid else None)
        pause.wait(max(0.0, every_s - near.seconds))
    return medians


def _growth_ms(medians: list[float | None]) -> float | None:
    """The last quarter of the trains against the first, each by its median."""
    known = [each for each in medians if each is not None]
    quarter = len(known) // 4
    if not quarter:
        return None
    growth = np.median(known[-quarter:]) - np.median(known[:quarter])
    return round(float(growth), 1)


if __name__ == "__main__":
    main()
