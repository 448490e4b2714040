"""Launches of the same call, folded into one row of figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from tests.benchmarks.launch import Launch, faults

# Echo control and noise suppression cost speech, and nothing of the chirps' time. So
# the speech of this peer is judged without them where that suits it better.
UNPROCESSED = {"chromium": "chromium-raw"}


@dataclass(frozen=True, slots=True)
class Row:
    """One peer in one scenario: medians over its valid launches.

    Where none is valid, those of the others, and `valid` is false. `m2e_range_ms`
    is over the launches' own medians. `cpu` (s per s) and `pss_mb` are one station's,
    the mean of talker and listener; a server's are its own. `load` and `psi` are the
    machine's meanwhile.
    """

    peer: str
    scenario: str
    m2e_ms: float | None
    m2e_range_ms: tuple[float, float] | None
    pesq: float | None
    stoi: float | None
    speech_of: str
    cpu: float | None
    server_cpu: float | None
    pss_mb: float | None
    server_pss_mb: float | None
    load: float | None
    psi: float | None
    valid: bool
    launches: int
    invalid_launches: int
    faults: tuple[str, ...]


Rows = Mapping[tuple[str, str], Row]
"""By peer and scenario."""


def rows(launches: Iterable[Launch]) -> Rows:
    """One row for each peer and scenario, in the order in which they came."""
    groups: dict[tuple[str, str], list[Launch]] = {}
    for launch in launches:
        groups.setdefault((launch.peer, launch.scenario), []).append(launch)
    return {
        (peer, scenario): _row(group, groups.get((UNPROCESSED.get(peer, ""), scenario)))
        for (peer, scenario), group in groups.items()
        if peer not in UNPROCESSED.values()
    }


def _row(group: Sequence[Launch], unprocessed: Sequence[Launch] | None) -> Row:
    peer, scenario = group[0].peer, group[0].scenario
    usable, valid = _usable(group)
    latencies = [each.m2e_ms for each in usable if each.m2e_ms is not None]
    speech = max(
        (_usable(each)[0] for each in (group, unprocessed) if each),
        key=lambda each: _median(launch.pesq for launch in each) or 0.0,
    )
    return Row(
        peer,
        scenario,
        m2e_ms=_median(latencies, 1),
        m2e_range_ms=(min(latencies), max(latencies)) if latencies else None,
        pesq=_median((each.pesq for each in speech), 2),
        stoi=_median((each.stoi for each in speech), 3),
        speech_of=speech[0].peer,
        cpu=_median(map(_station, (each.cpu for each in usable)), 4),
        server_cpu=_median(map(_server, (each.cpu for each in usable)), 4),
        pss_mb=_median(map(_station, (each.pss_mb for each in usable)), 1),
        server_pss_mb=_median(map(_server, (each.pss_mb for each in usable)), 1),
        load=_median((each.load for each in usable), 2),
        psi=_median(
            (each.pressure.psi if each.pressure else None for each in usable), 2
        ),
        valid=valid,
        launches=len(group),
        invalid_launches=sum(bool(faults(each)) for each in group),
        faults=tuple(fault for each in group for fault in faults(each)),
    )


def _usable(group: Sequence[Launch]) -> tuple[Sequence[Launch], bool]:
    """The valid ones; all of them, and false, when there are none."""
    valid = [launch for launch in group if not faults(launch)]
    return (valid, True) if valid else (group, False)


def _station(figures: Mapping[str, float] | None) -> float | None:
    if not figures:
        return None
    return fmean(figures[place] for place in ("talker", "listener"))


def _server(figures: Mapping[str, float] | None) -> float | None:
    return figures.get("server") if figures else None


def _median(figures: Iterable[float | None], digits: int = 6) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return round(median(known), digits) if known else None
