"""Keys at rest and pressed, pins the system uses as well, and foot-switches."""

from __future__ import annotations

from pathlib import Path

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPWMPin

from intercomd.hardware.input_devices import KeyDevice, key_devices
from intercomd.station.config import StationConfig, load
from intercomd.station.doctor.finding import Finding, Level
from intercomd.station.doctor.panel import (
    Panel,
    judge_panel,
    pin_functions,
    read_panel,
)

LEAST = """\
server: {url: "ws://127.0.0.1:8470"}
app: {id: 1, sign_file: app_sign}
user: {id: gate}
room: {id: yard}
"""
BUTTON = "keys: [{does: talk, pin: 17}]\n"
PEDAL = "keys: [{does: talk, usb: PCsensor, code: KEY_B}]\n"
PEDALS = KeyDevice("PCsensor FootSwitch", "usb-1.4/input0", ("KEY_A", "KEY_B"))


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> MockFactory:
    factory = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(Device, "pin_factory", factory)
    return factory


def config(tmp_path: Path, more: str) -> StationConfig:
    path = tmp_path / "station.yaml"
    path.write_text(LEAST + more)
    return load(path)


def only(panel: Panel, station: StationConfig) -> Finding:
    (finding,) = judge_panel(panel, station)
    return finding


def test_a_key_at_rest_is_told_with_its_place_on_the_board(
    tmp_path: Path, pins: MockFactory
) -> None:
    station = config(tmp_path, BUTTON)
    finding = only(read_panel(station, tmp_path), station)
    assert finding.level is Level.FINE
    assert finding.text == "keys[0] (talk): GPIO17 (pin 11 of the header) is at rest"


def test_a_key_that_is_down_at_rest_is_warned_of(
    tmp_path: Path, pins: MockFactory
) -> None:
    station = config(tmp_path, BUTTON.replace("17", "17, pull: none"))
    pins.pin(17).drive_low()  # as no resistor will undo
    finding = only(read_panel(station, tmp_path), station)
    assert finding.level is Level.WARNING
    assert "is pressed" in finding.text


def test_a_pin_in_use_is_no_fault(tmp_path: Path) -> None:
    finding = only(Panel({17: "GPIO17: 'GPIO busy'"}), config(tmp_path, BUTTON))
    assert finding.level is Level.NOTE
    assert "systemctl stop intercomd" in finding.remedy


def test_where_there_are_no_pins_that_is_one_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    station = config(tmp_path, BUTTON)
    finding = only(read_panel(station, tmp_path), station)
    assert finding.level is Level.FAILURE
    assert "no GPIO" in finding.text


def on_header(root: Path, **nodes: str) -> Path:
    """A device tree in which these symbols are nodes of this status."""
    for symbol, status in nodes.items():
        tree = root / "proc/device-tree"
        (tree / "__symbols__").mkdir(parents=True, exist_ok=True)
        (tree / "__symbols__" / symbol).write_text(f"/soc/{symbol}@7e203000\0")
        node = tree / f"soc/{symbol}@7e203000"
        node.mkdir(parents=True)
        (node / "status").write_text(f"{status}\0")
    return root


def test_what_the_device_tree_switches_on_takes_pins(tmp_path: Path) -> None:
    root = on_header(tmp_path, i2s="okay", spi0="disabled", i2c_arm="okay")
    assert sorted(pin_functions(root)) == [2, 3, 18, 19, 20, 21]


def test_the_serial_console_takes_pins(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    line = "quiet console=serial0,115200 console=tty1 root=PARTUUID=1"
    (tmp_path / "proc/cmdline").write_text(line)
    assert sorted(pin_functions(tmp_path)) == [14, 15]
    (tmp_path / "proc/cmdline").write_text("console=tty1")
    assert pin_functions(tmp_path) == {}


def test_a_card_on_the_header_takes_pins(tmp_path: Path) -> None:
    card = tmp_path / "sys/class/sound/card0"
    card.mkdir(parents=True)
    (card / "id").write_text("sndrpigooglevoi\n")
    assert sorted(pin_functions(tmp_path)) == [18, 19, 20, 21]
    (card / "id").write_text("Device\n")
    assert pin_functions(tmp_path) == {}


def test_a_light_on_a_pin_of_the_card_is_a_failure(tmp_path: Path) -> None:
    functions = {20: "the I2S sound card's DIN", 2: "I2C (dtparam=i2c_arm=on)"}
    station = config(tmp_path, "lights: [{pin: 20}]\nknobs: [{pins: [2, 5]}]\n")
    knob, light = judge_panel(Panel(functions=functions), station)
    assert (knob.level, light.level) == (Level.WARNING, Level.FAILURE)
    assert light.text == (
        "lights[0]: GPIO20 (pin 38 of the header) is the I2S sound card's DIN as well"
    )


def test_a_foot_switch_with_its_key_is_fine_and_is_listed(tmp_path: Path) -> None:
    key, listed = judge_panel(Panel(devices=[PEDALS]), config(tmp_path, PEDAL))
    assert key.level is Level.FINE
    assert listed.text == (
        "usb: PCsensor FootSwitch at usb-1.4/input0, code: KEY_A, KEY_B"
    )


@pytest.mark.parametrize(
    ("devices", "part"),
    [
        ([], "there is no device PCsensor"),
        ([KeyDevice("Keyboard", "usb-1.1/input0", ("KEY_B",))], "there is no device"),
        (
            [KeyDevice("PCsensor", "usb-1.4/input0", ("KEY_A",))],
            "PCsensor has no key KEY_B",
        ),
    ],
)
def test_a_foot_switch_or_key_that_is_not_there_is_told(
    tmp_path: Path, devices: list[KeyDevice], part: str
) -> None:
    first, *_ = judge_panel(Panel(devices=devices), config(tmp_path, PEDAL))
    assert first.level is Level.FAILURE
    assert part in first.text


def test_a_keyboard_is_listed_by_a_few_of_its_keys(tmp_path: Path) -> None:
    codes = tuple(f"KEY_{n}" for n in range(90))
    board = KeyDevice("Keyboard", "usb-1.1/input0", codes)
    finding = only(Panel(devices=[board]), config(tmp_path, ""))
    assert finding.text.endswith("and 78 more")


def test_the_devices_of_this_machine_can_be_listed() -> None:
    assert all(device.name and device.codes for device in key_devices())
