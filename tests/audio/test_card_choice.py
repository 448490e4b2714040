"""How a card is written in a configuration."""

from __future__ import annotations

import pytest

from intercomd.audio.card_choice import (
    ByCardId,
    ByName,
    ByPort,
    ByProduct,
    BySerial,
    Choice,
    check_choices,
    is_numbered,
    parse_choice,
)
from intercomd.domain.errors import ConfigInvalid


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("CARD=Device", ByCardId("Device")),
        ("CARD=Device_1", ByCardId("Device_1")),
        ("usb:1-1.4", ByPort("1-1.4")),
        ("usb:3-2", ByPort("3-2")),
        ("0d8c:0014", ByProduct("0d8c", "0014")),
        ("0D8C:013C", ByProduct("0d8c", "013c")),
        ("serial:A1B2-3", BySerial("A1B2-3")),
        ("default", ByName("default")),
        ("plughw:CARD=Device,DEV=0", ByName("plughw:CARD=Device,DEV=0")),
        ("hw:1,0", ByName("hw:1,0")),
        ("dac:7", ByName("dac:7")),
    ],
)
def test_a_card_is_chosen_by(text: str, choice: Choice) -> None:
    assert parse_choice(text) == choice


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1", "not chosen by its number"),
        ("CARD=1", "write its id"),
        ("CARD=", "as in CARD=Device"),
        ("CARD=Device,DEV=0", "as in CARD=Device"),
        ("usb:", "as in usb:1-1.4"),
        ("usb:1.4", "as in usb:1-1.4"),
        ("usb:0d8c:0014", "as in usb:1-1.4"),
        ("serial:", "iSerial"),
        ("0d8c:14", "four digits each"),
        ("0x0d8c:0x0014", "four digits each"),
        ("USB Audio", "no spaces"),
        ("", "1 to 200"),
    ],
)
def test_what_chooses_no_card_is_refused_with_the_remedy(text: str, told: str) -> None:
    with pytest.raises(ConfigInvalid, match=told):
        parse_choice(text)


def test_a_list_of_cards_is_neither_empty_nor_repetitive() -> None:
    check_choices(None)
    check_choices(("usb:1-1.4", "CARD=Device", "default"))
    with pytest.raises(ConfigInvalid, match="write null"):
        check_choices(())
    with pytest.raises(ConfigInvalid, match="twice"):
        check_choices(("default", "usb:1-1", "default"))


@pytest.mark.parametrize("text", ["hw:0", "plughw:1,0", "sysdefault:0", "hw:CARD=1"])
def test_a_number_is_recognized(text: str) -> None:
    assert is_numbered(text)


@pytest.mark.parametrize(
    "text", ["hw:CARD=Device,DEV=0", "CARD=Device", "usb:1-1.4", "0d8c:0014", "default"]
)
def test_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    assert not is_numbered(text)
