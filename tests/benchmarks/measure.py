"""One launch of one peer in one scenario, from nothing to its figures."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.bench.signals import (
    SAMPLE_RATE_HZ,
    Latencies,
    chirp_latencies,
    mouth_drift_ms,
)
from tests.bench.unavailable import BenchUnavailable
from tests.benchmarks.launch import Launch
from tests.benchmarks.peers.peer import NoCall, Peer, Processes
from tests.benchmarks.pressure import Pressure, totals
from tests.benchmarks.quality import quality
from tests.benchmarks.scenarios import CLEAN, Scenario
from tests.benchmarks.script import (
    CHIRP_WINDOW_S,
    Script,
    script,
)
from tests.benchmarks.stage import STATION, Stage
from tests.benchmarks.take import Take, in_one_clock, taken
from tests.benchmarks.usage import cpu_s, pss_mb

_ENDLESS_MS = 9999.0  # JSON knows no infinity


def measured(peer: Peer, scenario: Scenario) -> Launch:
    """Launch it, listen, and end it; a launch that fails is a figure, too."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            with (
                Stage(Path(folder), scenario) as stage,
                peer.call(stage) as processes,
                stage.impaired(),
            ):
                performance = Performance(stage, processes, script())
                performance.run()
        except (NoCall, BenchUnavailable) as failure:
            return Launch(peer.name, scenario.name, failure=str(failure))
    return performance.launch(peer, scenario)


def check_machine() -> None:
    """Raises `BenchUnavailable` where no launch would ever succeed."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Stage(Path(folder), CLEAN),
    ):
        script()


class Performance:
    """The script, said and heard once, and what it cost meanwhile."""

    def __init__(self, stage: Stage, processes: Processes, said: Script) -> None:
        self._stage = stage
        self._processes = processes
        self._script = said
        self._take: Take
        self._pressure: Pressure
        self._cpu: dict[str, float] = {}
        self._pss_mb: dict[str, float] = {}

    def run(self) -> None:
        """Say and record it; takes as long as the script."""
        cards, stage = self._stage.cards, self._stage
        with stage.recorded() as (near, far), ExitStack() as voices:
            begin_s = near.seconds
            for voice in self._voices():
                thread = threading.Thread(target=voice)
                thread.start()
                voices.callback(thread.join)
            near.wait_for(begin_s + self._script.speech.start / SAMPLE_RATE_HZ)
            judged = totals()
            near.wait_for(begin_s + self._script.duplex.start / SAMPLE_RATE_HZ)
            began, before = totals(), self._cpu_s()
            near.wait_for(begin_s + self._script.duplex.stop / SAMPLE_RATE_HZ)
            ended, after = totals(), self._cpu_s()
        span_s = ended.at - began.at
        self._pressure = judged.until(ended)
        self._cpu = {
            place: round((after[place] - before[place]) / span_s, 4) for place in before
        }
        self._pss_mb = {
            place: round(pss_mb(pid), 1) for place, pid in self._processes.items()
        }
        channels = in_one_clock(
            near,
            far,
            mouth=cards.mouth(STATION["talker"]),
            ear=cards.ear(STATION["listener"]),
        )
        self._take = taken(self._script, *channels)

    def launch(self, peer: Peer, scenario: Scenario) -> Launch:
        """The figures."""
        mouth, ear = self._take.part(self._script.chirps)
        latencies = chirp_latencies(mouth, ear, window_s=CHIRP_WINDOW_S)
        judged = quality(*self._take.part(self._script.speech))
        drift_ms = mouth_drift_ms(mouth, self._script.train)
        return Launch(
            peer.name,
            scenario.name,
            m2e_ms=_median_ms(latencies),
            heard=len(latencies.heard_ms),
            chirps=len(self._script.train.starts),
            pesq=judged.pesq if judged else None,
            stoi=judged.stoi if judged else None,
            cpu=self._cpu,
            pss_mb=self._pss_mb,
            mouth_drift_ms=round(min(drift_ms, _ENDLESS_MS), 3),
            pressure=self._pressure,
            load=round(os.getloadavg()[0], 2),
        )

    def _voices(self) -> list[Callable[[], None]]:
        """Both in one player, so in one time, unless their cards differ in theirs."""
        near, far = self._stage.cards, self._stage.far_cards
        talker, listener = self._script.talker, self._script.listener
        if near is far:
            return [lambda: near.play_together({0: talker, 1: listener})]
        return [
            lambda: near.play(STATION["talker"], talker),
            lambda: far.play(STATION["listener"], listener),
        ]

    def _cpu_s(self) -> dict[str, float]:
        return {str(place): cpu_s(pid) for place, pid in self._processes.items()}


def _median_ms(latencies: Latencies) -> float | None:
    return round(latencies.median_ms, 1) if latencies.heard_ms else None
