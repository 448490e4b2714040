"""What ails a station that believes itself well: signs that last become symptoms.

A machine: it has no clock and mends nothing. What parts notice themselves (a card
unplugged, a path dead, a server away) they mend themselves, and it is no symptom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from intercomd.station.heartbeat import Heartbeat, Pulse

LOOK_EVERY_S = 1.0
LATE_S = 1.0
BUSY_SHARE = 0.5
FLAT_FRAMES = 100


class Symptom(Enum):
    """Its text goes into the log.

    FLAT     the card delivers, and nothing in it ever moves
    STALLED  a card is open, and its sound does not advance
    DEAF     streams are played over a connection that lives, and no packet comes
    DUMB     the microphone's stream is published over a connection that lives, and
             no packet goes
    LAGGING  the event loop is late again and again, by work of its own
    """

    FLAT = "the microphone gives nothing but digital silence"
    STALLED = "a card's sound does not advance"
    DEAF = "no packet comes of what is played"
    DUMB = "no packet goes of what is published"
    LAGGING = "the event loop is late by its own work"


@dataclass(frozen=True, slots=True)
class Signs:
    """A station at one moment.

    flat_frames    how many of the microphone's newest frames had no movement at all
    is_connected   in the room, and packets pass over the media connection
    is_playing     some stream is bound to a slot
    is_publishing  the server confirmed it, and the microphone gives frames
    loop_cpu_s     CPU time of the event loop's thread so far
    """

    pulses: Sequence[Pulse] = ()
    flat_frames: int = 0
    is_connected: bool = False
    is_playing: bool = False
    is_publishing: bool = False
    packets_received: int = 0
    packets_sent: int = 0
    loop_cpu_s: float = 0.0


LASTS_S: Mapping[Symptom, float] = MappingProxyType(
    {
        Symptom.FLAT: 60.0,
        Symptom.STALLED: 0.0,  # the heartbeat has been patient already
        Symptom.DEAF: 4.0,  # even silence is sent every 400 ms
        Symptom.DUMB: 4.0,
        Symptom.LAGGING: 30.0,
    }
)
"""How long a sign must last to be a symptom."""


class Symptoms:
    """Looks once a second; `handle` says which symptoms there are by now."""

    def __init__(self) -> None:
        self._heartbeat = Heartbeat()
        self._last = Signs()
        self._looked_at: float | None = None
        self._since: dict[Symptom, float] = {}

    def handle(self, signs: Signs, now: float) -> frozenset[Symptom]:
        """After a time without looks, as when the process was stopped, nothing but
        lateness can be judged: all else begins anew."""
        last, last_at = self._last, self._looked_at
        self._last, self._looked_at = signs, now
        if last_at is None:
            return frozenset()
        elapsed_s = now - last_at
        if elapsed_s > LOOK_EVERY_S + LATE_S:
            is_busy = signs.loop_cpu_s - last.loop_cpu_s > BUSY_SHARE * elapsed_s
            return self._lagged({Symptom.LAGGING} if is_busy else set(), last_at, now)
        return self._lasting(self._seen(last, signs, now), last_at, now)

    def _seen(self, last: Signs, signs: Signs, now: float) -> set[Symptom]:
        is_connected = signs.is_connected and last.is_connected
        seen = {
            Symptom.FLAT: signs.flat_frames >= FLAT_FRAMES,
            Symptom.STALLED: not self._heartbeat.handle(signs.pulses, now),
            Symptom.DEAF: is_connected
            and (signs.is_playing and last.is_playing)
            and signs.packets_received == last.packets_received,
            Symptom.DUMB: is_connected
            and (signs.is_publishing and last.is_publishing)
            and signs.packets_sent == last.packets_sent,
        }
        return {symptom for symptom, is_seen in seen.items() if is_seen}

    def _lagged(
        self, seen: set[Symptom], last_at: float, now: float
    ) -> frozenset[Symptom]:
        self._heartbeat = Heartbeat()
        return self._lasting(seen, last_at, now)

    def _lasting(
        self, seen: set[Symptom], last_at: float, now: float
    ) -> frozenset[Symptom]:
        """A sign seen now was there since the last look, at which it began."""
        self._since = {symptom: self._since.get(symptom, last_at) for symptom in seen}
        return frozenset(
            symptom
            for symptom, since in self._since.items()
            if now - since >= LASTS_S[symptom]
        )
