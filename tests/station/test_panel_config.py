"""What can be wrong with keys, knobs, lights, tones and the night."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain.errors import ConfigInvalid
from intercomd.station.config import TalkMode, load
from intercomd.station.panel_config import NightSettings

LEAST = """\
server: {url: ws://host:8470}
app: {id: 1, sign_file: app_sign}
user: {id: me}
room: {id: lobby}
"""


def complaints(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "s.yaml"
    path.write_text(LEAST + text)
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    return [line.removeprefix(f"{path}:") for line in str(caught.value).split("\n")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("keys: [{pin: 17}]", "5:8: keys[0].does: is missing"),
        (
            "keys: [{does: talk}]",
            "5:8: keys[0]: is bound to nothing: give it either pin or usb with code",
        ),
        (
            "keys: [{does: talk, pin: 17, usb: pedal, code: KEY_B}]",
            "5:8: keys[0]: is bound twice: leave out either pin or usb",
        ),
        (
            "keys: [{does: talk, usb: pedal}]",
            "5:21: keys[0].usb: needs code as well, say KEY_B: see 'intercomd doctor'",
        ),
        (
            "keys: [{does: talk, usb: pedal, code: B}]",
            "5:33: keys[0].code: must be a key of the kernel's, say KEY_B, not 'B'",
        ),
        (
            "keys: [{does: tlak, pin: 17}]",
            "5:9: keys[0].does: must be talk, reply, call, login, mute_microphone, "
            "mute_speaker, louder or quieter, not 'tlak'; "
            "did you mean 'talk'?",
        ),
        (
            "keys: [{does: talk, pin: 28}]",
            "5:21: keys[0].pin: must be 2 to 27, not 28",
        ),
        (
            "keys: [{does: talk, pin: 17, long: call}]",
            "5:30: keys[0].long: cannot be, of a key that does talk: give it a key of "
            "its own",
        ),
        (
            "keys: [{does: call, pin: 17, long: talk}]",
            "5:8: keys[0]: long and double presses cannot talk: give talk a key of "
            "its own",
        ),
        (
            "keys: [{does: call, pin: 17, active: high}]",
            "5:30: keys[0].active: cannot be high: pull holds the pin there "
            "unpressed; change one of the two",
        ),
        (
            "keys: [{does: call, pin: 17}, {does: login, pin: 17}]",
            "5:45: keys[1].pin: pin 17 is taken by keys[0].pin already",
        ),
        (
            "keys: [{does: call, pin: 17}]\nlights: [{rgb: [16, 17, 16]}]",
            "6:21: lights[0].rgb[1]: pin 17 is taken by keys[0].pin already",
        ),
        ("lights: [{}]", "5:10: lights[0]: needs either pin or rgb"),
        (
            "lights: [{rgb: [1, 2]}]",
            "5:17: lights[0].rgb[0]: must be 2 to 27, not 1",
        ),
        (
            "lights: [{rgb: [2, 3]}]",
            "5:11: lights[0].rgb: must be the pins of red, green and blue, as "
            "[23, 24, 25]",
        ),
        (
            "knobs: [{pins: [5]}]",
            "5:10: knobs[0].pins: must be the encoder's two pins, as [5, 6]",
        ),
        (
            'night: {begins: "22:00"}',
            "5:1: night: needs both begins and ends, or neither",
        ),
        (
            'night: {begins: "24:00", ends: "06:00"}',
            "5:9: night.begins: must be a time of day as \"22:30\", not '24:00'",
        ),
        (
            "talk: {mode: voice}\nkeys: [{does: talk, pin: 17}]",
            "6:9: keys[0].does: is of no use: talk.mode is voice, not key",
        ),
        (
            "keys: [{does: reply, pin: 17}, {does: talk, pin: 18, channel: aux}]",
            "5:54: keys[1].channel: cannot be aux: a key that does reply needs this "
            "stream",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(
    tmp_path: Path, text: str, told: str
) -> None:
    assert told in complaints(tmp_path, text)


def test_a_pin_taken_twice_is_told_beside_other_mistakes(tmp_path: Path) -> None:
    text = "keys: [{does: tlak, pin: 17}]\nlights: [{pin: 17}]\ntones: {volume: 101}"
    assert [line.split(": ")[1] for line in complaints(tmp_path, text)] == [
        "keys[0].does",
        "lights[0].pin",
        "tones.volume",
    ]


def test_a_station_talks_by_key_if_it_has_one_else_by_voice(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(LEAST)
    assert load(path).talk_mode is TalkMode.VOICE
    path.write_text(LEAST + "keys: [{does: talk, pin: 17}]")
    assert load(path).talk_mode is TalkMode.KEY
    path.write_text(LEAST + "keys: [{does: call, pin: 17}]")
    assert load(path).talk_mode is TalkMode.VOICE


@pytest.mark.parametrize(
    ("begins", "ends", "now", "is_night"),
    [
        ("22:00", "06:30", "21:59", False),
        ("22:00", "06:30", "22:00", True),
        ("22:00", "06:30", "00:00", True),
        ("22:00", "06:30", "06:30", False),
        ("01:00", "05:00", "00:59", False),
        ("01:00", "05:00", "03:00", True),
        ("", "", "03:00", False),
    ],
)
def test_the_night_may_pass_midnight(
    begins: str, ends: str, now: str, is_night: bool
) -> None:
    assert NightSettings(begins, ends).is_now(now) is is_night
