"""What is drawn in hw/ is what the station files there say, on the right pins."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from gpiozero.pins.pi import PiBoardInfo

from hw.draw import DRAWINGS, HERE, Drawing, drawn, placed
from intercomd.cli.main import main
from intercomd.station.config import load
from intercomd.station.header import GROUNDS, I2S_PINS, POSITIONS

SVG = "{http://www.w3.org/2000/svg}"
NAMED = [pytest.param(drawing, id=drawing.name) for drawing in DRAWINGS]
REVISIONS = {"Zero 2 W": 0x902120, "3 B": 0xA02082, "4 B": 0xB03111, "5 B": 0xC04170}


def wires(drawing: Drawing) -> list[dict[str, str]]:
    root = ElementTree.fromstring(drawn(drawing))  # noqa: S314 - our own
    return [
        dict(path.attrib) for path in root.iter(f"{SVG}path") if "class" in path.attrib
    ]


def configured(drawing: Drawing) -> set[int]:
    config = load(drawing.config)
    keys = {key.pin for key in config.keys if key.pin is not None}
    knobs = {pin for knob in config.knobs for pin in knob.pins}
    return keys | knobs | {pin for light in config.lights for pin in light.pins}


@pytest.mark.parametrize("drawing", NAMED)
def test_the_drawing_that_is_checked_in_is_the_one_that_is_made(
    drawing: Drawing,
) -> None:
    made = (HERE / f"{drawing.name}.svg").read_text(encoding="utf-8")
    assert made == drawn(drawing), "run 'python hw/draw.py' and commit what it wrote"


@pytest.mark.parametrize("drawing", NAMED)
def test_every_pin_of_the_file_is_wired_and_no_other(drawing: Drawing) -> None:
    wired = {int(wire["data-gpio"]) for wire in wires(drawing) if wire["data-gpio"]}
    card = set(I2S_PINS) if drawing.i2s else set()
    assert wired == configured(drawing) | card
    assert not wired & set(drawing.taken)


@pytest.mark.parametrize("drawing", NAMED)
def test_every_part_has_its_ground_and_no_hole_takes_two_parts(
    drawing: Drawing,
) -> None:
    left, right = placed(drawing)
    holes: Counter[int] = Counter()
    for part in left + right:
        positions = {terminal.position for terminal in part.terminals}
        assert positions & set(GROUNDS), part.name
        holes.update(positions - {POSITIONS[pin] for pin in I2S_PINS})
    assert max(holes.values()) == 1


@pytest.mark.parametrize("board", REVISIONS)
def test_positions_are_those_of_the_boards(board: str) -> None:
    header = PiBoardInfo.from_revision(REVISIONS[board]).headers["J8"]
    names = {number: pin.name for number, pin in header.pins.items()}
    assert {f"GPIO{gpio}": at for gpio, at in POSITIONS.items()} == {
        name: number
        for number, name in names.items()
        if re.fullmatch(r"GPIO\d+", name) and name not in {"GPIO0", "GPIO1"}
    }
    assert tuple(n for n, name in names.items() if name == "GND") == GROUNDS


def test_the_files_drawn_are_without_mistakes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [str(drawing.config) for drawing in DRAWINGS]
    assert main(["check", "--kind", "station", *files]) == os.EX_OK


def test_the_guide_shows_every_drawing_and_names_every_file() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    for drawing in DRAWINGS:
        assert f"({drawing.name}.svg)" in text
    for path in HERE.glob("*.yaml"):
        assert path.name in text


def test_links_of_the_guide_lead_somewhere() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (HERE / target).exists(), target


def test_pins_that_the_guide_gives_are_where_it_says() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"GPIO(\d+) \(pin (\d+)\)", text)
    assert told
    assert all(POSITIONS[int(gpio)] == int(pin) for gpio, pin in told)


def test_every_drawing_is_made_of_a_file_that_is_there() -> None:
    assert all(Path(drawing.config).is_file() for drawing in DRAWINGS)
