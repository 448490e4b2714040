"""Which machine this is: what a station is recognised by in a fleet file."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

_SERIAL = Path("/sys/firmware/devicetree/base/serial-number")
_INTERFACES = Path("/sys/class/net")
_NO_MAC = "00:00:00:00:00:00"


@dataclass(frozen=True, slots=True)
class Identity:
    """`serial` is a Raspberry Pi's, "" elsewhere; `macs` are lower case with colons."""

    serial: str
    macs: frozenset[str]
    hostname: str

    def __str__(self) -> str:
        told = [
            f"hostname {self.hostname}",
            *(f"mac {mac}" for mac in sorted(self.macs)),
        ]
        return ", ".join([f"serial {self.serial}", *told] if self.serial else told)


def this_machine() -> Identity:
    """Look; nothing that cannot be read raises."""
    return Identity(_serial(), frozenset(_macs()), socket.gethostname())


def _serial() -> str:
    try:
        return _SERIAL.read_text("ascii", "replace").strip("\0\n ").lower()
    except OSError:
        return ""


def _macs() -> set[str]:
    found = set()
    for address in _INTERFACES.glob("*/address"):
        try:
            found.add(address.read_text("ascii").strip().lower())
        except (OSError, UnicodeDecodeError):
            continue
    return found - {_NO_MAC, ""}
