"""Which ALSA cards there are now. It opens none of them."""

from __future__ import annotations

import alsaaudio

from intercomd.audio.card import ALSA_DIRECTIONS
from intercomd.audio.direction import Direction

_CONVERTING = "plughw:"
_BY_NAME = ("default", "pulse", "pipewire")


def card_names(direction: Direction) -> tuple[str, ...]:
    """The names under which a card can be opened so that it grants our format.

    Takes some milliseconds: not for the event loop.
    """
    names = alsaaudio.pcms(ALSA_DIRECTIONS[direction])
    return tuple(
        name for name in names if name in _BY_NAME or name.startswith(_CONVERTING)
    )
