"""One launch, measured: what came out, and whether it says anything."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.pressure import Pressure

DRIFT_LIMIT_MS = 1.0
PSI_LIMIT = 0.4
HEARD_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Launch:
    """The figures of one launch; `failure` says why there was no call at all.

    CPU (s per s) and memory (PSS, MB) are of talker, listener and, if there is one,
    server, the processes they started included; CPU while both talk.
    """

    peer: str
    scenario: str
    m2e_ms: float | None = None
    heard: int = 0
    chirps: int = 0
    pesq: float | None = None
    stoi: float | None = None
    cpu: dict[str, float] | None = None
    pss_mb: dict[str, float] | None = None
    mouth_drift_ms: float = 0.0
    pressure: Pressure | None = None
    load: float = 0.0
    failure: str = ""


def faults(launch: Launch) -> tuple[str, ...]:
    """Why a launch must not be believed; nothing when it may be."""
    return tuple(_faults(launch))


def _faults(launch: Launch) -> list[str]:
    if launch.failure:
        return [f"no call: {launch.failure}"]
    found = []
    if not launch.mouth_drift_ms < DRIFT_LIMIT_MS:
        found.append(f"the bench stumbled by {launch.mouth_drift_ms:.1f} ms")
    if launch.pressure and launch.pressure.psi > PSI_LIMIT:
        found.append(f"the machine was busy (PSI {launch.pressure.psi:.2f})")
    if launch.heard < HEARD_LEAST * launch.chirps:
        found.append(f"heard {launch.heard} of {launch.chirps} chirps")
    if launch.pesq is None:
        found.append("no speech at the ear")
    return found
