"""Which devices with keys there are: what a foot-switch can be told by."""

from __future__ import annotations

from dataclasses import dataclass

import evdev
from evdev import ecodes


@dataclass(frozen=True, slots=True)
class KeyDevice:
    """A device that may be read; `port` is where it is plugged in, `codes` its keys."""

    name: str
    port: str
    codes: tuple[str, ...]


def key_devices() -> list[KeyDevice]:
    """Those that this user may read. Takes some milliseconds a device."""
    found = []
    for path in evdev.list_devices():
        try:
            device = evdev.InputDevice(path)
        except OSError:
            continue
        numbers = device.capabilities().get(ecodes.EV_KEY, [])
        if numbers:
            codes = tuple(sorted(_name(number) for number in numbers))
            found.append(KeyDevice(device.name, device.phys, codes))
        device.close()
    return found


def _name(number: int) -> str:
    """KEY_B; of several names that the kernel gives one key, the first."""
    known = ecodes.bytype[ecodes.EV_KEY].get(number, f"KEY_{number}")
    return str(known if isinstance(known, str) else known[0])
