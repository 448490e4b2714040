"""Whether a station is alive: its sound advances, or it is known why it does not.

A machine: it has no clock and feeds no watchdog.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STALLED_AFTER_S = 3.0
"""A card that stops is opened anew within 1 s; what takes longer is no card's fault."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A microphone or loudspeaker at one moment.

    is_open  it has its card; one that looks for it, or shall have none, has not
    frames   how many it has captured or played since it was made
    """

    is_open: bool
    frames: int


class Heartbeat:
    """Looks at the pulses again and again; `handle` says whether the heart beats."""

    def __init__(self) -> None:
        self._pulses: tuple[Pulse, ...] = ()
        self._moved_at: list[float] = []

    def handle(self, pulses: Sequence[Pulse], now: float) -> bool:
        """True unless some open card has not moved for 3 s.

        Other parts than last time, after a change of cards, begin anew.
        """
        before = self._pulses
        if len(pulses) != len(before):
            self._moved_at = [now] * len(pulses)
        else:
            for index, (pulse, last) in enumerate(zip(pulses, before, strict=True)):
                if pulse != last or not pulse.is_open:
                    self._moved_at[index] = now
        self._pulses = tuple(pulses)
        return all(now - at <= STALLED_AFTER_S for at in self._moved_at)
