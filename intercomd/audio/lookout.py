"""Finds the card that is wanted most among those that are there, and opens it.

It waits for nothing: who calls it decides when to look again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from intercomd.audio.card import Card, Wanted
from intercomd.audio.card_choice import ByName, parse_choice
from intercomd.audio.card_search import (
    SYSFS,
    FoundCard,
    alsa_names,
    found_cards,
    listing,
)
from intercomd.audio.direction import Direction
from intercomd.audio.mixer import Mixer
from intercomd.domain.errors import DeviceUnavailable

Wish: TypeAlias = str | tuple[str, ...]
"""A card, or several from which the first that is there is taken; each is written as
`card_choice` has it: `CARD=Device`, `usb:1-1.4`, `0d8c:0014`, `serial:A1B2`, or a name
of ALSA's own as `default`."""

LOOK_AGAIN_S = 0.25
"""So often a missing card is looked for."""

_SETTLED_AFTER_S = 0.3


class Lookout:
    """For one direction of a station, whose choices stand in their order.

    Not safe to use from two threads.
    """

    def __init__(
        self,
        wish: Wish,
        direction: Direction,
        wanted: Wanted,
        sysfs: Path = SYSFS,
        levels: Mapping[str, int] | None = None,
    ) -> None:
        """`levels` are set in the mixer of whatever is opened.

        Raises `ConfigInvalid` for a wish that cannot be understood.
        """
        self._texts = (wish,) if isinstance(wish, str) else wish
        self._choices = [parse_choice(text) for text in self._texts]
        self._direction = direction
        self._wanted = wanted
        self._sysfs = sysfs
        self._mixer = Mixer(levels or {}, direction)
        self._listing = listing(sysfs)
        self._changed_at: float | None = None
        self._rank = 0  # of the choice that was opened last

    def __str__(self) -> str:
        return ", ".join(self._texts)

    def open(self) -> Card:
        """The first that opens; raises `DeviceUnavailable` telling why none did."""
        self._listing = listing(self._sysfs)
        self._changed_at = None
        cards = found_cards(self._sysfs)
        faults = []
        for rank, choice in enumerate(self._choices):
            for name in alsa_names(choice, self._direction, cards):
                try:
                    card = Card(name, self._direction, self._wanted)
                except DeviceUnavailable as error:
                    faults.append(error.detail)
                else:
                    self._rank = rank
                    self._mixer.set_levels(name)
                    return card
        raise DeviceUnavailable("; ".join(faults) or _not_there(cards))

    def is_better_there(self) -> bool:
        """Whether to close what was opened, for something was plugged in that may be
        an earlier choice. Cheap: one look into a folder, and no search.
        """
        if self._rank == 0:
            return False
        now = listing(self._sysfs)
        if now != self._listing:
            # Only once nothing changes any more is a new card ready to be opened.
            self._listing = now
            self._changed_at = monotonic()
        if (
            self._changed_at is None
            or monotonic() - self._changed_at < _SETTLED_AFTER_S
        ):
            return False
        self._changed_at = None
        return self._finds_better()

    def _finds_better(self) -> bool:
        cards = found_cards(self._sysfs)
        earlier = self._choices[: self._rank]
        return any(
            name
            for choice in earlier
            if not isinstance(choice, ByName)
            for name in alsa_names(choice, self._direction, cards)
        )


def _not_there(cards: tuple[FoundCard, ...]) -> str:
    """What to write instead."""
    if not cards:
        return "this machine has no sound card now"
    return f"it is not among {'; '.join(map(str, cards))}"
