"""Faults in a call, one after the other, and how long each silenced an ear."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median_low

from tests.bench.network import ImpairedNetwork
from tests.bench.processes import Child
from tests.bench.pulse import PulseBench, Recording
from tests.bench.signals import ChirpTrain, chirp_times_s, chirp_train
from tests.bench.standstill import Standstill
from tests.system.faults import Blow, Scene
from tests.system.measures import namespaced_site

CHIRP_EVERY_S = 0.2
STEADY_CHIRPS = 3
STEADY_S = 1.75 * CHIRP_EVERY_S
"""A chirp, and the next within so long, and so on: that is sound."""

LOOK_EVERY_S = 0.2
WARM_UP = 10
"""Faults after which everything has been used once."""

NEVER_S = 45.0

PSS_SPARE_MB = 3.0
THREADS_SPARE = 2
"""The loop's pool of helper threads begins with none and has no more than six."""


@dataclass(frozen=True, slots=True)
class Survived:
    """A fault that is over; `silent_s` from its end until sound was at both ears.

    stood_still_s  how long the machine itself did meanwhile, at worst
    """

    blow: Blow
    silent_s: float
    stood_still_s: float = 0.0

    @property
    def is_within_bound(self) -> bool:
        return self.silent_s <= self.blow.fault.bound_s + self.stood_still_s


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a station holds at one moment."""

    pss_mb: float
    threads: int
    open_files: int

    @classmethod
    def of(cls, station: Child) -> Footprint:
        return cls(station.pss_mb(), station.threads(), station.open_files())


@dataclass(frozen=True, slots=True)
class Ordeal:
    """What became of a site.

    exits   how many stations are not there any more
    traces  of each station its footprints after each fault
    said    every WARNING or worse of the stations' logs
    """

    survived: tuple[Survived, ...]
    exits: int
    traces: tuple[tuple[Footprint, ...], ...]
    said: tuple[str, ...]

    @property
    def has_failed_inside(self) -> bool:
        """Whether an error was told that nobody had reckoned with."""
        return any("Traceback" in line for line in self.said)


def growth(suffered: Ordeal) -> list[str]:
    """What a station holds more of at the end than it should.

    The last third of the faults is compared with the first, after those in which all
    is used for the first time. Memory comes and goes by some MB: of that the least
    counts. A file may be shut for a moment: of those, and of threads, the median.
    """
    grown = []
    for trace in suffered.traces:
        before, after = ends(trace)
        if after.threads > before.threads + THREADS_SPARE:
            grown.append(f"threads: {before.threads} to {after.threads}")
        if after.open_files > before.open_files:
            grown.append(f"open files: {before.open_files} to {after.open_files}")
        if after.pss_mb > before.pss_mb + PSS_SPARE_MB:
            grown.append(f"PSS: {before.pss_mb:.1f} to {after.pss_mb:.1f} MB")
    return grown


def ends(trace: Sequence[Footprint]) -> tuple[Footprint, Footprint]:
    """What was held in the first third and in the last."""
    steady = trace[min(WARM_UP, len(trace) // 3) :]
    third = max(1, len(steady) // 3)
    return _held(steady[:third]), _held(steady[-third:])


def ordeal(
    folder: Path,
    bench: PulseBench,
    network: ImpairedNetwork,
    blows: Iterable[Blow],
    tell: Callable[[Survived], None] = lambda survived: None,
) -> Ordeal:
    """Two stations that talk to each other without a pause, and what befalls them."""
    voices = {0: _voice(falling=False), 1: _voice(falling=True)}
    survived: list[Survived] = []
    with (
        namespaced_site(folder, bench, network) as site,
        bench.repeat({who: voice.samples for who, voice in voices.items()}),
    ):
        scene = Scene(bench, network, site)
        _wait_for_sound(scene)
        footprints = []
        for blow in blows:
            survived.append(_strike(scene, blow))
            tell(survived[-1])
            footprints.append([Footprint.of(station) for station in site.stations])
        exits = sum(not station.is_running for station in site.stations)
    said = [line for station in site.stations for line in station.lines()]
    return Ordeal(
        tuple(survived), exits, _traces(footprints), tuple(filter(_is_bad, said))
    )


def _strike(scene: Scene, blow: Blow) -> Survived:
    bench = scene.bench
    with bench.record(tail_s=0.0) as recording, Standstill() as standstill:
        blow.fault.begin(scene, blow.station)
        recording.wait_for(recording.seconds + blow.lasts_s)
        blow.fault.end(scene, blow.station)
        silent_s = _silence_s(bench, recording, recording.seconds)
    return Survived(blow, silent_s, standstill.longest_s)


def _wait_for_sound(scene: Scene) -> None:
    with scene.bench.record(tail_s=0.0) as recording:
        _silence_s(scene.bench, recording, 0.0)


def _silence_s(bench: PulseBench, recording: Recording, since_s: float) -> float:
    """From `since_s` until sound has come to both ears."""
    deadline = time.monotonic() + NEVER_S
    while time.monotonic() < deadline:
        recording.wait_for(recording.seconds + LOOK_EVERY_S)
        begun = [
            _sound_begins_s(
                chirp_times_s(
                    recording.since(bench.ear(ear), since_s), falling=ear == 0
                )
            )
            for ear in (0, 1)
        ]
        heard = [at for at in begun if at is not None]
        if len(heard) == len(begun):
            return max(heard)
    return float("inf")


def _sound_begins_s(times: list[float]) -> float | None:
    """When chirps begin to come one after the other."""
    run = 1
    for index, (one, next_one) in enumerate(pairwise(times), start=1):
        run = run + 1 if next_one - one <= STEADY_S else 1
        if run == STEADY_CHIRPS:
            return times[index - STEADY_CHIRPS + 1]
    return None


def _voice(*, falling: bool) -> ChirpTrain:
    return chirp_train(
        20,
        gap_s=CHIRP_EVERY_S,
        jitter_s=0.0,
        lead_s=0.0,
        rest_s=CHIRP_EVERY_S,
        falling=falling,
    )


def _held(footprints: Sequence[Footprint]) -> Footprint:
    return Footprint(
        min(each.pss_mb for each in footprints),
        median_low(each.threads for each in footprints),
        median_low(each.open_files for each in footprints),
    )


def _traces(rows: list[list[Footprint]]) -> tuple[tuple[Footprint, ...], ...]:
    return tuple(zip(*rows, strict=True))


def _is_bad(line: str) -> bool:
    """Lines of a traceback have no time of day."""
    return " warning " in line or " error " in line or not line[:2].isdigit()
