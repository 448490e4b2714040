from __future__ import annotations

import logging

import pytest

from intercomd.audio.presence import Presence
from intercomd.domain.errors import DeviceUnavailable
from tests.audio.frames import States


def test_a_missing_card_is_said_once_an_episode(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    presence = Presence("microphone hw:7", "arecord -L", None)
    for _ in range(3):
        presence.gone(DeviceUnavailable("No such device [hw:7]"))
    presence.came("hw:7")
    presence.gone(DeviceUnavailable("No such device [hw:7]"))
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "DEBUG", "DEBUG", "INFO", "WARNING"]


def test_the_warning_names_card_cause_and_remedy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    presence = Presence("microphone hw:7", "arecord -L", None)
    presence.gone(DeviceUnavailable("No such device [hw:7]"))
    for part in ("hw:7", "No such device", "see 'arecord -L'"):
        assert part in caplog.text


def test_only_changes_are_told() -> None:
    states = States()
    presence = Presence("microphone hw:7", "arecord -L", states)
    assert not presence.is_open
    for _ in range(2):
        presence.came("hw:7")
        presence.came("hw:7")
        presence.gone(DeviceUnavailable("unplugged"))
        presence.gone(DeviceUnavailable("unplugged"))
    assert states.seen == [True, False, True, False]


def test_another_card_in_the_place_of_one_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    presence = Presence("microphone usb:1-1.4, default", "arecord -L", None)
    presence.came("default")
    presence.came("hw:CARD=Device,DEV=0")
    assert [r.getMessage().rpartition(" ")[2] for r in caplog.records] == [
        "default",
        "hw:CARD=Device,DEV=0",
    ]
