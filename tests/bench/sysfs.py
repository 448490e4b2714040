"""A made-up /sys/class/sound, in which cards are plugged and pulled."""

from __future__ import annotations

import shutil
from pathlib import Path


class Sysfs:
    """Laid out as the kernel lays it out; `sound` is what /sys/class/sound is."""

    def __init__(self, root: Path) -> None:
        self.sound = root / "class" / "sound"
        self.sound.mkdir(parents=True)
        self._devices = root / "devices"

    def plug(
        self,
        number: int,
        card_id: str,
        *,
        port: str = "",
        product: str = "0d8c:0014",
        serial: str = "",
        pcms: tuple[str, ...] = ("D0c", "D0p"),
    ) -> None:
        """A card comes as number `number`; without a port it is not of USB."""
        device = self._devices / (f"usb1/{port}/{port}:1.0" if port else "soc/sound")
        (device / "sound").mkdir(parents=True, exist_ok=True)
        if port:
            usb = device.parent
            vendor, _, model = product.partition(":")
            (usb / "idVendor").write_text(f"{vendor}\n")
            (usb / "idProduct").write_text(f"{model}\n")
            if serial:
                (usb / "serial").write_text(f"{serial}\n")
        card = self.sound / f"card{number}"
        card.mkdir()
        (card / "id").write_text(f"{card_id}\n")
        (card / "device").symlink_to(device)
        for pcm in pcms:
            (self.sound / f"pcmC{number}{pcm}").mkdir()
        (self.sound / f"controlC{number}").mkdir()

    def pull(self, number: int) -> None:
        """The card of this number goes, and what was known of its port with it."""
        card = self.sound / f"card{number}"
        shutil.rmtree((card / "device").resolve().parent)
        for entry in self.sound.iterdir():
            if entry == card or f"C{number}" in entry.name:
                shutil.rmtree(entry)
