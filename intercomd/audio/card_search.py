"""The cards the kernel has now, by what tells them apart. It opens none of them.

From /sys/class/sound, which unlike /proc/asound a sandboxed service may read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from intercomd.audio.card_choice import (
    ByCardId,
    ByName,
    ByPort,
    ByProduct,
    BySerial,
    Choice,
)
from intercomd.audio.direction import Direction

SYSFS = Path("/sys/class/sound")

_CARD = re.compile(r"card[0-9]+\Z")
_PCM = re.compile(r"pcmC([0-9]+)D([0-9]+)([cp])\Z")


@dataclass(frozen=True, slots=True)
class FoundCard:
    """A card that is there; the USB fields are "" for a card that is not of USB.

    captures, playbacks  the numbers of its devices that do so, the lowest first
    """

    id: str
    port: str = ""
    vendor: str = ""
    product: str = ""
    serial: str = ""
    captures: tuple[int, ...] = ()
    playbacks: tuple[int, ...] = ()

    def devices(self, direction: Direction) -> tuple[int, ...]:
        return self.captures if direction is Direction.CAPTURE else self.playbacks

    def is_meant(self, choice: Choice) -> bool:
        match choice:
            case ByCardId(card_id):
                return self.id == card_id
            case ByPort(port):
                return self.port == port
            case ByProduct(vendor, product):
                return (self.vendor, self.product) == (vendor, product)
            case BySerial(serial):
                return self.serial == serial
            case ByName():
                return False

    def __str__(self) -> str:
        """All by which it can be chosen."""
        told = [f"CARD={self.id}"]
        if self.port:
            told += [f"usb:{self.port}", f"{self.vendor}:{self.product}"]
        if self.serial:
            told.append(f"serial:{self.serial}")
        return " = ".join(told)


def found_cards(sysfs: Path = SYSFS) -> tuple[FoundCard, ...]:
    """Every card, in the order of ports and ids, which a new plug does not change.

    Some small reads a card: not for the event loop.
    """
    names = listing(sysfs)
    cards = (
        _found(sysfs / name, names) for name in names if _CARD.match(name) is not None
    )
    return tuple(
        sorted((card for card in cards if card.id), key=lambda c: (c.port, c.id))
    )


def listing(sysfs: Path = SYSFS) -> frozenset[str]:
    """What changes whenever a card comes or goes; one cheap look."""
    try:
        return frozenset(os.listdir(sysfs))  # noqa: PTH208 - names are all it takes
    except OSError:
        return frozenset()  # a kernel without sound


def alsa_names(
    choice: Choice, direction: Direction, cards: Sequence[FoundCard]
) -> Iterator[str]:
    """The names by which ALSA opens what is meant, of the cards that are there.

    They name the hardware itself, without ALSA's conversions and their buffers.
    """
    if isinstance(choice, ByName):
        yield choice.name
        return
    for card in cards:
        if card.is_meant(choice) and (devices := card.devices(direction)):
            yield f"hw:CARD={card.id},DEV={devices[0]}"


def _found(card: Path, names: frozenset[str]) -> FoundCard:
    """One that goes away meanwhile has the id ""."""
    number = card.name.removeprefix("card")
    devices: dict[str, list[int]] = {"c": [], "p": []}
    for name in names:
        if (pcm := _PCM.match(name)) is not None and pcm[1] == number:
            devices[pcm[3]].append(int(pcm[2]))
    usb = (card / "device").resolve().parent  # `device` is one interface of it
    is_usb = (usb / "idVendor").exists()
    return FoundCard(
        id=_text(card / "id"),
        port=usb.name if is_usb else "",
        vendor=_text(usb / "idVendor") if is_usb else "",
        product=_text(usb / "idProduct") if is_usb else "",
        serial=_text(usb / "serial") if is_usb else "",
        captures=tuple(sorted(devices["c"])),
        playbacks=tuple(sorted(devices["p"])),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
