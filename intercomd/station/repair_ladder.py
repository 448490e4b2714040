"""Which rung is tried for what ails a station, and which after that.

        symptom comes              bound passed            no rung left
    WELL ----------> first rung tried ----------> next ... ----------> RESTING
      ^                   | symptom gone: mended                          |
      +-------------------+-------------------------------- symptom gone -+
                                                rested: from the first rung

A machine: it has no clock and mends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from intercomd.station.repair_symptoms import Symptom

REST_S = 60.0
REST_CAP_S = 3600.0
RESTART_AFTER_S = 600.0
"""A process younger than this does not restart itself: so it never does it often."""


class Rung(Enum):
    """What can be tried, the mildest first. Its text goes into the log."""

    REOPEN_CARDS = "opening the cards anew"
    MIGRATE_PATH = "taking another path"
    NEW_CONNECTION = "making a new media connection"
    REJOIN = "leaving the room and entering it again"
    RESTART = "ending, to be started again"


@dataclass(frozen=True, slots=True)
class Step:
    """A rung, and how long it has, to be done and to be seen to help."""

    rung: Rung
    bound_s: float


STEPS: Mapping[Symptom, tuple[Step, ...]] = MappingProxyType(
    {
        # It may be the switch on its cable.
        Symptom.FLAT: (Step(Rung.REOPEN_CARDS, 5.0),),
        Symptom.STALLED: (Step(Rung.REOPEN_CARDS, 5.0), Step(Rung.RESTART, 60.0)),
        # It may be that nobody sends. What others can see is done only after the
        # server has put out (100 s) whoever fell silent because he is gone.
        Symptom.DEAF: (
            Step(Rung.MIGRATE_PATH, 6.0),
            Step(Rung.NEW_CONNECTION, 120.0),
            Step(Rung.REJOIN, 15.0),
        ),
        Symptom.DUMB: (
            Step(Rung.MIGRATE_PATH, 6.0),
            Step(Rung.NEW_CONNECTION, 10.0),
            Step(Rung.REJOIN, 15.0),
            Step(Rung.RESTART, 60.0),
        ),
        Symptom.LAGGING: (Step(Rung.RESTART, 60.0),),
    }
)
"""Only what nothing outside can cause leads to a restart."""


@dataclass(frozen=True, slots=True)
class Try:
    """Do this now, for that."""

    rung: Rung
    symptom: Symptom


@dataclass(frozen=True, slots=True)
class Mended:
    """The symptom is gone; `rung` was the last to be tried."""

    rung: Rung
    symptom: Symptom


@dataclass(slots=True)
class _Climb:
    """Of one symptom.

    steps    those not tried yet
    tried    the last one, and None when its outcome is known
    due      when the next may be tried
    rest_s   how long to rest once there is none left
    gone_at  since when the symptom is away, None while it is not
    """

    steps: list[Step]
    tried: Rung | None = None
    due: float = 0.0
    rest_s: float = REST_S
    gone_at: float | None = None


class RepairLadder:
    """Told every second what ails the station, says what to do about it.

    After the last rung it rests before it begins again, each time twice as long, up to
    an hour. A symptom that comes back before it was away for so long is the same one:
    it goes on where it was.
    """

    def __init__(self, now: float) -> None:
        self._began_at = now
        self._climbs: dict[Symptom, _Climb] = {}

    def handle(self, symptoms: Iterable[Symptom], now: float) -> list[Try | Mended]:
        """What is to be done and what is over, for these symptoms at `now`."""
        present = set(symptoms)
        outputs: list[Try | Mended] = []
        for symptom, climb in self._climbs.items():
            if symptom in present or climb.gone_at is not None:
                continue
            climb.gone_at = now
            if climb.tried is not None:
                outputs.append(Mended(climb.tried, symptom))
                climb.tried = None
        for symptom in Symptom:
            if symptom in present:
                outputs += self._climb(symptom, now)
        return outputs

    def _climb(self, symptom: Symptom, now: float) -> list[Try | Mended]:
        climb = self._climbs.get(symptom)
        if climb is None or _is_forgotten(climb, now):
            climb = self._climbs[symptom] = _Climb(list(STEPS[symptom]))
        climb.gone_at = None
        if now < climb.due:
            return []
        step = climb.steps[0]
        may_restart_at = self._began_at + RESTART_AFTER_S
        if step.rung is Rung.RESTART and now < may_restart_at:
            climb.due = may_restart_at
            return []
        climb.tried = step.rung
        climb.due = now + step.bound_s
        del climb.steps[0]
        if not climb.steps:
            climb.steps = list(STEPS[symptom])
            climb.due += climb.rest_s
            climb.rest_s = min(2 * climb.rest_s, REST_CAP_S)
        return [Try(step.rung, symptom)]


def _is_forgotten(climb: _Climb, now: float) -> bool:
    return climb.gone_at is not None and now - climb.gone_at >= climb.rest_s
