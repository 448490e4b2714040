"""How a card is told: by its own id, its USB port, maker or serial number, or by ALSA.

Texts and what they mean; it looks at no card, and needs no ALSA.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from intercomd.domain.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class ByCardId:
    """`CARD=Device`: the id the card has in `arecord -l`; at any port."""

    id: str


@dataclass(frozen=True, slots=True)
class ByPort:
    """`usb:1-1.4`: what is plugged in there, whatever it is."""

    port: str


@dataclass(frozen=True, slots=True)
class ByProduct:
    """`0d8c:0014`: any card of this vendor and product, as `lsusb` tells them."""

    vendor: str
    product: str


@dataclass(frozen=True, slots=True)
class BySerial:
    """`serial:A1B2`: the one card with this serial number, at any port."""

    serial: str


@dataclass(frozen=True, slots=True)
class ByName:
    """Any name of ALSA's own, as `default` or one of asound.conf; ALSA finds it."""

    name: str


Choice: TypeAlias = ByCardId | ByPort | ByProduct | BySerial | ByName

_CARD_ID = re.compile(r"[A-Za-z0-9_-]{1,15}\Z")
_PORT = re.compile(r"[0-9]+-[0-9]+(\.[0-9]+)*\Z")
_PRODUCT = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})\Z")
_NEARLY_PRODUCT = re.compile(r"(0x)?[0-9][0-9a-fA-F]*:(0x)?[0-9a-fA-F]+\Z")
_NAME = re.compile(r"[\x21-\x7e]{1,200}\Z")
_NUMBERED = re.compile(r"[a-z]+:(CARD=)?[0-9]+(,|\Z)")


def parse_choice(text: str) -> Choice:
    """What `text` chooses; raises `ConfigInvalid` saying how it is written."""
    kind, _, rest = text.partition(":")
    if text.startswith("CARD="):
        return _card_id(text.removeprefix("CARD="))
    if kind == "usb":
        _require(_PORT, rest, "usb: is followed by a port as in usb:1-1.4")
        return ByPort(rest)
    if kind == "serial":
        _require(_NAME, rest, "serial: is followed by what lsusb -v calls iSerial")
        return BySerial(rest)
    if product := _PRODUCT.match(text):
        return ByProduct(product[1].lower(), product[2].lower())
    if _NEARLY_PRODUCT.match(text):
        raise ConfigInvalid(
            f"'{text}' is no vendor:product: write four digits each, as in 0d8c:0014"
        )
    if text.isdigit():
        raise ConfigInvalid(
            f"a card is not chosen by its number ({text}), which changes: "
            "write CARD=<id>, the id as in 'arecord -l'"
        )
    _require(_NAME, text, "a card's name has 1 to 200 printable characters, no spaces")
    return ByName(text)


def check_choices(texts: tuple[str, ...] | None) -> None:
    """Raise `ConfigInvalid` unless these are choices, the best first, or none at all
    (None)."""
    if texts is None:
        return
    if not texts:
        raise ConfigInvalid("is an empty list: name a card, or write null for none")
    for text in texts:
        parse_choice(text)
        if texts.count(text) > 1:
            raise ConfigInvalid(f"has '{text}' twice")


def is_numbered(text: str) -> bool:
    """Whether ALSA is told a card's number, as in hw:0: another card may get it."""
    return _NUMBERED.match(text) is not None


def _card_id(card_id: str) -> ByCardId:
    _require(_CARD_ID, card_id, "CARD= is followed by a card's id as in CARD=Device")
    if card_id.isdigit():
        raise ConfigInvalid(
            f"CARD={card_id} is a card's number, which changes: "
            "write its id, the word before the brackets in 'arecord -l'"
        )
    return ByCardId(card_id)


def _require(pattern: re.Pattern[str], text: str, rule: str) -> None:
    if not pattern.match(text):
        raise ConfigInvalid(f"{rule}, not '{text}'")
