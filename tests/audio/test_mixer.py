"""The mixer of a card, through ALSA; the card's own is PulseAudio's."""

from __future__ import annotations

import logging

import alsaaudio
import pytest

from intercomd.audio.direction import Direction
from intercomd.audio.mixer import Mixer, mixer_device
from tests.bench.pulse import PulseBench


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("hw:CARD=Device,DEV=0", "hw:Device"),
        ("plughw:CARD=Device", "hw:Device"),
        ("hw:1,0", "hw:1"),
        ("default", "default"),
    ],
)
def test_a_card_has_the_mixer_of(name: str, device: str) -> None:
    assert mixer_device(name) == device


@pytest.mark.system
@pytest.mark.parametrize(
    ("direction", "control"),
    [(Direction.CAPTURE, "Capture"), (Direction.PLAYBACK, "Master")],
)
def test_levels_are_set_and_what_was_muted_sounds(
    alsa_bench: PulseBench, direction: Direction, control: str
) -> None:
    card = alsa_bench.capture_name(3)
    Mixer({control: 40}, direction).set_levels(card)
    assert level(card, control) == 40
    Mixer({control: 90}, direction).set_levels(card)
    assert level(card, control) == 90
    Mixer({control: 100}, direction).set_levels(card)


def level(card: str, control: str) -> int:
    both: list[int] = alsaaudio.Mixer(control, device=card).getvolume()
    return both[0]


@pytest.mark.system
def test_a_control_that_is_missing_is_said_once_with_those_there_are(
    alsa_bench: PulseBench, caplog: pytest.LogCaptureFixture
) -> None:
    mixer = Mixer({"Mic": 80}, Direction.CAPTURE)
    for _ in range(3):
        mixer.set_levels(alsa_bench.capture_name(3))
    (warning,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    told = warning.getMessage()
    assert "no capture level Mic: there are Master, Capture" in told
    assert "change audio.mixer.capture" in told


def test_a_name_without_a_mixer_is_said_too(caplog: pytest.LogCaptureFixture) -> None:
    Mixer({"Mic": 80}, Direction.CAPTURE).set_levels("no_such_card")
    assert "there are none" in caplog.text


def test_without_levels_nothing_is_opened(caplog: pytest.LogCaptureFixture) -> None:
    Mixer({}, Direction.CAPTURE).set_levels("no_such_card")
    assert not caplog.records
