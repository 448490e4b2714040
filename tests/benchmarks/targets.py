"""What intercomd must reach against the others within one run, and by how much not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.rows import Row, Rows
from tests.benchmarks.scenarios import BURSTS, CLEAN, JITTER, LOSS

OURS = "intercomd"


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that must be at most (or at least) `limit`."""

    name: str
    limit: float
    figure: Callable[[Rows], float | None]
    at_least: bool = False
    unit: str = ""

    @property
    def wanted(self) -> str:
        """In words."""
        return f"at {'least' if self.at_least else 'most'} {self.limit:g}{self.unit}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a target; `found` is None when it was not measured, or not validly.

    `missed_by` is above 0 when the target is missed.
    """

    target: Target
    found: float | None

    @property
    def missed_by(self) -> float | None:
        if self.found is None:
            return None
        over = self.found - self.target.limit
        return round(max(0.0, -over if self.target.at_least else over), 3)

    def __str__(self) -> str:
        if self.found is None:
            told = "not measured"
        elif self.missed_by:
            told = f"{self.found:g}{self.target.unit}: missed by {self.missed_by:g}"
        else:
            told = f"{self.found:g}{self.target.unit}: reached"
        return f"{self.target.name}: wanted {self.target.wanted}, {told}"


def verdicts(rows: Rows) -> list[Verdict]:
    """Every target against the rows of one run."""
    return [Verdict(target, target.figure(rows)) for target in TARGETS]


def _ratio(
    field: str, scenario: str, peer: str, *, less: float = 0.0
) -> Callable[[Rows], float | None]:
    """Our figure by the peer's, `less` taken from both: the network's own delay."""

    def figure(rows: Rows) -> float | None:
        ours, theirs = _pair(rows, field, scenario, peer)
        if ours is None or theirs is None or theirs <= less:
            return None
        return round((ours - less) / (theirs - less), 3)

    return figure


def _gain(field: str, scenario: str, peer: str) -> Callable[[Rows], float | None]:
    """Our figure minus the peer's."""

    def figure(rows: Rows) -> float | None:
        ours, theirs = _pair(rows, field, scenario, peer)
        return None if ours is None or theirs is None else round(ours - theirs, 3)

    return figure


def _ours(field: str, scenario: str) -> Callable[[Rows], float | None]:
    return lambda rows: _figure(rows.get((OURS, scenario)), field)


def _pair(
    rows: Rows, field: str, scenario: str, peer: str
) -> tuple[float | None, float | None]:
    ours, theirs = rows.get((OURS, scenario)), rows.get((peer, scenario))
    return _figure(ours, field), _figure(theirs, field)


def _figure(row: Row | None, field: str) -> float | None:
    """A figure that may be believed."""
    if row is None or not row.valid:
        return None
    found: float | None = getattr(row, field)
    return found


TARGETS = (
    Target(
        "clean mouth-to-ear, by Chromium's",
        0.60,
        _ratio("m2e_ms", CLEAN.name, "chromium"),
    ),
    Target(
        "clean mouth-to-ear, by Mumble's", 0.65, _ratio("m2e_ms", CLEAN.name, "mumble")
    ),
    Target(
        "10 % loss: mouth-to-ear, by Chromium's",
        0.70,
        _ratio("m2e_ms", LOSS.name, "chromium"),
    ),
    Target(
        "10 % loss: PESQ above Chromium's",
        0.3,
        _gain("pesq", LOSS.name, "chromium"),
        at_least=True,
    ),
    Target(
        "30 ms delay with jitter: mouth-to-ear less the 30 ms, by Chromium's",
        0.50,
        _ratio("m2e_ms", JITTER.name, "chromium", less=JITTER.delay_ms),
    ),
    Target(
        "30 ms delay with jitter: PESQ above Chromium's",
        0.0,
        _gain("pesq", JITTER.name, "chromium"),
        at_least=True,
    ),
    Target(
        "bursts of 3 at 10 %: PESQ above Chromium's",
        0.0,
        _gain("pesq", BURSTS.name, "chromium"),
        at_least=True,
    ),
    Target(
        "CPU of a station in a duplex call, by Chromium's",
        0.35,
        _ratio("cpu", CLEAN.name, "chromium"),
    ),
    Target(
        "CPU of a station in a duplex call, by baresip's",
        2.0,
        _ratio("cpu", CLEAN.name, "baresip"),
    ),
    Target("memory (PSS) of a station", 90.0, _ours("pss_mb", CLEAN.name), unit=" MB"),
)
