"""Keys, knobs, lights and foot-switches: whether they are there, and at rest.

No light is lit: a running station's would flicker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from intercomd.domain.errors import PinUnavailable
from intercomd.hardware.input_devices import KeyDevice, key_devices
from intercomd.hardware.pins import ContactPin, Pins
from intercomd.station.config import StationConfig
from intercomd.station.doctor.finding import Finding, failure, fine, note, warning
from intercomd.station.header import I2S_PINS, POSITIONS, is_i2s
from intercomd.station.panel_config import Active, KeySettings, Pull

_CODES_TOLD = 12
_PULLS = {Pull.UP: True, Pull.DOWN: False, Pull.NONE: None}
_TREE = "proc/device-tree"
_SPI_PINS, _I2C_PINS, _CONSOLE_PINS = (7, 8, 9, 10, 11), (2, 3), (14, 15)
_CONSOLES = ("console=serial0", "console=ttyS0", "console=ttyAMA0")


@dataclass(frozen=True, slots=True)
class Panel:
    """What was read. `closed` has for each key's pin whether it is pressed, or why
    that cannot be told; `functions` what else the system uses pins for."""

    closed: Mapping[int, bool | str] = field(default_factory=dict)
    functions: Mapping[int, str] = field(default_factory=dict)
    devices: Sequence[KeyDevice] = ()


def read_panel(config: StationConfig, root: Path) -> Panel:
    """Look at pins and devices; nothing that is absent raises."""
    keys = [key for key in config.keys if key.pin is not None]
    return Panel(_closed(keys), pin_functions(root), key_devices())


def judge_panel(panel: Panel, config: StationConfig) -> Iterator[Finding]:
    """What of the configured keys and lights does not work."""
    for index, key in enumerate(config.keys):
        name = f"keys[{index}] ({key.does.value})"
        if key.pin is not None:
            yield _judge_key(name, key.pin, panel.closed.get(key.pin, "not tried"))
        else:
            yield _judge_foot_switch(name, key, panel.devices)
    yield from _judge_pins(panel.functions, config)
    for device in panel.devices:
        told = ", ".join(device.codes[:_CODES_TOLD])
        more = len(device.codes) - _CODES_TOLD
        told += f" and {more} more" if more > 0 else ""
        yield note("switches", f"usb: {device.name} at {device.port}, code: {told}")


def place(pin: int) -> str:
    """A pin as people look for it on the board."""
    return f"GPIO{pin} (pin {POSITIONS[pin]} of the header)"


def pin_functions(root: Path) -> dict[int, str]:
    """What the system uses pins for, as far as the device tree, the kernel's command
    line and the sound cards tell."""
    found: dict[int, str] = {}
    if any(_is_on(root, name) for name in ("spi0", "spi")):
        found |= dict.fromkeys(_SPI_PINS, "SPI (dtparam=spi=on)")
    if any(_is_on(root, name) for name in ("i2c_arm", "i2c1")):
        found |= dict.fromkeys(_I2C_PINS, "I2C (dtparam=i2c_arm=on)")
    if any(word.startswith(_CONSOLES) for word in _text(root / "proc/cmdline").split()):
        found |= dict.fromkeys(_CONSOLE_PINS, "the serial console")
    cards = [_text(path) for path in root.glob("sys/class/sound/card*/id")]
    is_card = any(is_i2s(f"CARD={card}") for card in cards)
    if is_card or any(_is_on(root, name) for name in ("i2s", "i2s_clk_producer")):
        found |= {pin: f"the I2S sound card's {use}" for pin, use in I2S_PINS.items()}
    return found


def _judge_key(name: str, pin: int, closed: bool | str) -> Finding:  # noqa: FBT001
    where = place(pin)
    if isinstance(closed, str):
        if "busy" in closed.lower():
            text = f"{name}: {where} is in use, by the running station perhaps"
            return note("keys", text, "to try it: sudo systemctl stop intercomd")
        remedy = "look for what uses the pin, and for group 'gpio'"
        return failure("keys", f"{name}: {closed}", remedy)
    if closed:
        return warning(
            "keys",
            f"{name}: {where} is pressed, or looks so at rest",
            "let go of it; else look for a short, or turn active: and pull: round",
        )
    return fine("keys", f"{name}: {where} is at rest")


def _judge_foot_switch(
    name: str, key: KeySettings, devices: Sequence[KeyDevice]
) -> Finding:
    meant = [each for each in devices if key.usb in each.name or key.usb in each.port]
    if not meant:
        return failure(
            "keys",
            f"{name}: there is no device {key.usb}",
            "plug it in; its name is below if this user may read it (group 'input')",
        )
    if all(key.code not in device.codes for device in meant):
        return failure(
            "keys",
            f"{name}: {meant[0].name} has no key {key.code}",
            f"its keys are {', '.join(meant[0].codes[:_CODES_TOLD])}",
        )
    return fine("keys", f"{name}: {meant[0].name} has {key.code}")


def _judge_pins(
    functions: Mapping[int, str], config: StationConfig
) -> Iterator[Finding]:
    for name, pin in _pins(config):
        if pin not in functions:
            continue
        text = f"{name}: {place(pin)} is {functions[pin]} as well"
        if pin in I2S_PINS:
            yield failure("pins", text, "choose another pin: hw/README.md has a table")
        else:
            yield warning(
                "pins", text, "choose another pin, or switch that off in config.txt"
            )


def _pins(config: StationConfig) -> Iterator[tuple[str, int]]:
    for index, key in enumerate(config.keys):
        if key.pin is not None:
            yield f"keys[{index}]", key.pin
    for index, knob in enumerate(config.knobs):
        yield from ((f"knobs[{index}]", pin) for pin in knob.pins)
    for index, light in enumerate(config.lights):
        yield from ((f"lights[{index}]", pin) for pin in light.pins)


def _closed(keys: Sequence[KeySettings]) -> dict[int, bool | str]:
    found: dict[int, bool | str] = {}
    if not keys:
        return found
    for key in keys:
        assert key.pin is not None
        contact = ContactPin(key.pin, _PULLS[key.pull], key.active is Active.HIGH)
        try:
            with Pins() as pins:
                found[key.pin] = pins.watch(contact, lambda _closed, _at: None)
        except PinUnavailable as error:
            found[key.pin] = error.detail
    return found


def _is_on(root: Path, symbol: str) -> bool:
    """Whether the device tree's node of this name is switched on."""
    node = _text(root / _TREE / "__symbols__" / symbol).strip("\0")
    status = _text(root / _TREE / node.lstrip("/") / "status") if node else ""
    return status.strip("\0") in ("okay", "ok")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
