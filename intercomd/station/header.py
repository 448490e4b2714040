"""The 40-pin header of a Raspberry Pi: where each GPIO is, and what else needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from intercomd.domain.document import Document, KeyPath, Value
from intercomd.station.panel_config import pins_in

POSITIONS: Final[Mapping[int, int]] = {
    gpio: position
    for position, gpio in enumerate(
        [
            *(None, None, 2, None, 3, None, 4, 14, None, 15, 17, 18, 27, None),
            *(22, 23, None, 24, 10, None, 9, 25, 11, 8, None, 7, None, None),
            *(5, None, 6, 12, 13, None, 19, 16, 26, 20, None, 21),
        ],
        start=1,
    )
    if gpio is not None
}
"""Each GPIO's place on the header, as printed on wiring drawings: GPIO17 is pin 11."""

GROUNDS: Final = (6, 9, 14, 20, 25, 30, 34, 39)

I2S_PINS: Final[Mapping[int, str]] = {18: "BCLK", 19: "LRCLK", 20: "DIN", 21: "DOUT"}
"""What a sound card on the header needs, of a microphone, an amplifier or a HAT."""

_I2S_CARD = re.compile(
    r"CARD=(?:sndrpi|snd_rpi|IQaudIO|wm8960|seeed[24]mic|MAX98357A|adau7002)"
)


def is_i2s(card: str) -> bool:
    """Whether a card of this ALSA name is one of those that sit on the header."""
    return _I2S_CARD.search(card) is not None


def i2s_problems(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """Keys, knobs and lights on pins of the I2S card that the text names, if it does.

    A card named otherwise, say `default`, may be one as well: `intercomd doctor` sees.
    """
    card = next((name for name in _cards_in(document.value) if is_i2s(name)), None)
    if card is None:
        return
    for path, pin in pins_in(document.value):
        if pin in I2S_PINS:
            yield path, f"pin {pin} is the {I2S_PINS[pin]} of the sound card {card}"


def _cards_in(root: Value) -> Iterator[str]:
    audio = root.get("audio") if isinstance(root, dict) else None
    if not isinstance(audio, dict):
        return
    for name in ("capture", "playback"):
        cards = audio.get(name)
        for card in cards if isinstance(cards, list) else [cards]:
            if isinstance(card, str):
                yield card
