"""Which card is meant, among those that a made-up kernel lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.audio.card_choice import parse_choice
from intercomd.audio.card_search import alsa_names, found_cards
from intercomd.audio.direction import Direction
from tests.bench.sysfs import Sysfs

CAPTURE, PLAYBACK = Direction.CAPTURE, Direction.PLAYBACK


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    """A Pi with its headphone jack, a headset and two speakerphones of one kind."""
    sysfs = Sysfs(tmp_path)
    sysfs.plug(0, "Headphones", pcms=("D0p",))
    sysfs.plug(1, "Device", port="1-1.4")
    sysfs.plug(3, "Jabra", port="1-1.2", product="0b0e:0412", serial="A1B2")
    sysfs.plug(
        2,
        "Jabra_1",
        port="1-1.3",
        product="0b0e:0412",
        serial="C3D4",
        pcms=("D1c", "D2p"),
    )
    return sysfs


def names(sysfs: Sysfs, text: str, direction: Direction = CAPTURE) -> list[str]:
    cards = found_cards(sysfs.sound)
    return [
        name.partition(":")[2]
        for name in alsa_names(parse_choice(text), direction, cards)
    ]


@pytest.mark.parametrize("text", ["CARD=Device", "usb:1-1.4", "0d8c:0014"])
def test_a_card_is_found_by_its_id_its_port_and_its_product(
    sysfs: Sysfs, text: str
) -> None:
    assert names(sysfs, text) == ["CARD=Device,DEV=0"]


def test_of_two_of_one_product_the_serial_number_tells(sysfs: Sysfs) -> None:
    assert names(sysfs, "serial:C3D4") == ["CARD=Jabra_1,DEV=1"]


def test_of_two_of_one_product_the_first_by_port_comes_first(sysfs: Sysfs) -> None:
    assert names(sysfs, "0b0e:0412") == ["CARD=Jabra,DEV=0", "CARD=Jabra_1,DEV=1"]


def test_the_device_of_a_card_is_one_of_the_wanted_direction(sysfs: Sysfs) -> None:
    assert names(sysfs, "serial:C3D4", PLAYBACK) == ["CARD=Jabra_1,DEV=2"]
    assert names(sysfs, "CARD=Headphones", CAPTURE) == []
    assert names(sysfs, "CARD=Headphones", PLAYBACK) == ["CARD=Headphones,DEV=0"]


@pytest.mark.parametrize("text", ["CARD=device", "usb:1-1", "0d8c:0015", "serial:A"])
def test_nothing_is_meant_by_a_part_of_it(sysfs: Sysfs, text: str) -> None:
    assert names(sysfs, text) == []


def test_a_card_is_the_same_at_another_port_and_number(sysfs: Sysfs) -> None:
    sysfs.pull(3)
    assert names(sysfs, "serial:A1B2") == []
    sysfs.plug(7, "Jabra", port="1-1.1", product="0b0e:0412", serial="A1B2")
    assert names(sysfs, "serial:A1B2") == ["CARD=Jabra,DEV=0"]
    assert names(sysfs, "usb:1-1.2") == []


def test_a_card_says_all_by_which_it_can_be_chosen(sysfs: Sysfs) -> None:
    told = [str(card) for card in found_cards(sysfs.sound)]
    assert told == [
        "CARD=Headphones",
        "CARD=Jabra = usb:1-1.2 = 0b0e:0412 = serial:A1B2",
        "CARD=Jabra_1 = usb:1-1.3 = 0b0e:0412 = serial:C3D4",
        "CARD=Device = usb:1-1.4 = 0d8c:0014",
    ]


def test_a_machine_without_sound_has_no_cards(tmp_path: Path) -> None:
    assert found_cards(tmp_path / "nothing") == ()
