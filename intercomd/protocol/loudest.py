"""More streams than slots: the slots go to those who talk, the loudest first.

Pure: levels and time are arguments. It knows neither packets nor who publishes what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LOUDER_DB = 6.0
LOUDER_FOR_S = 0.3
HOLD_S = 0.3


@dataclass(frozen=True, slots=True)
class Switch:
    """From now on `slot` carries `winner`, and `loser` waits."""

    slot: int
    winner: str
    loser: str


class Loudest:
    """The contest for one listener's slots.

    A waiting stream that talks takes the slot of the one silent longest. While all of
    them talk it takes that of the quietest, once it was 6 dB louder for 300 ms. Who
    took a slot so keeps it for 300 ms at least, unless it falls silent.
    """

    def __init__(self) -> None:
        self._talked_at: dict[str, float] = {}
        self._took_at: dict[str, float] = {}
        self._louder_since: float | None = None

    def next_switch(
        self, plays: Mapping[str, int | None], levels: Mapping[str, float], now: float
    ) -> Switch | None:
        """The next change of `plays` (stream to slot, None for one that waits).

        `levels` are in -dBov (0 loudest) of those who talk; who is not in it is
        silent. Ask again, with the change made, until there is none.
        """
        self._note(plays, levels, now)
        waiting = [s for s, slot in plays.items() if slot is None and s in levels]
        carried = [s for s, slot in plays.items() if slot is not None]
        if not waiting or not carried:
            self._louder_since = None
            return None
        winner = min(waiting, key=levels.__getitem__)
        silent = [stream for stream in carried if stream not in levels]
        if silent:
            loser = min(silent, key=lambda stream: self._talked_at.get(stream, 0.0))
        elif (quieter := self._outdone(winner, carried, levels, now)) is not None:
            loser = quieter
        else:
            return None
        self._louder_since = None
        self._took_at[winner] = now
        slot = plays[loser]
        assert slot is not None, "it is one of those carried"
        return Switch(slot, winner, loser)

    def _note(
        self, plays: Mapping[str, int | None], levels: Mapping[str, float], now: float
    ) -> None:
        for table in (self._talked_at, self._took_at):
            for gone in table.keys() - plays.keys():
                del table[gone]
        for stream in plays:
            if stream in levels:
                self._talked_at[stream] = now

    def _outdone(
        self, winner: str, carried: list[str], levels: Mapping[str, float], now: float
    ) -> str | None:
        """The quietest who may be displaced, if that has been due for long enough."""
        settled = [s for s in carried if now - self._took_at.get(s, -HOLD_S) >= HOLD_S]
        quietest = max(settled, key=levels.__getitem__, default=None)
        if quietest is None or levels[quietest] - levels[winner] < LOUDER_DB:
            self._louder_since = None
            return None
        if self._louder_since is None:
            self._louder_since = now
        return quietest if now - self._louder_since >= LOUDER_FOR_S else None
