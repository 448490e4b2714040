"""Settings are read as declared, and every problem of a text is told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest

from intercomd.domain.document import Document
from intercomd.domain.errors import ConfigInvalid
from intercomd.domain.identifiers import check_user_id
from intercomd.domain.settings import Check, Range, read_settings


class Colour(Enum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Light:
    pin: Annotated[int, Range(0, 27)]
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Tone:
    level_db: Annotated[float, Range(-60, 0, "dB")] = -12
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Who:
    id: Annotated[str, Check(check_user_id)]


@dataclass(frozen=True, slots=True)
class Settings:
    who: Who
    lights: tuple[Light, ...] = ()
    tone: Tone = field(default_factory=Tone)
    latched: bool = False


def read(text: str) -> Settings:
    return read_settings(Settings, Document.parse(text, "s.yaml"))


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as caught:
        read(text)
    return str(caught.value).splitlines()


def test_what_is_not_given_has_its_default() -> None:
    assert read("who: {id: a}") == Settings(Who("a"), (), Tone(-12, None), False)


def test_what_is_given_has_its_declared_type() -> None:
    settings = read(
        "who: {id: a}\n"
        "lights: [{pin: 3, colour: green}, {pin: 4}]\n"
        "tone: {level_db: -6, file: a/b.wav}\n"
        "latched: true\n"
    )
    assert settings.lights == (Light(3, Colour.GREEN), Light(4))
    assert settings.tone == Tone(-6.0, Path("a/b.wav"))
    assert isinstance(settings.tone.level_db, float)
    assert settings.latched is True


def test_null_is_none_where_none_is_declared() -> None:
    assert read("who: {id: a}\ntone: {file: null}").tone.file is None
    assert problems("who: {id: a}\ntone: {level_db: null}") == [
        "s.yaml:2:8: tone.level_db: must be a number, not empty"
    ]


def test_a_section_with_nothing_below_it_has_its_defaults() -> None:
    assert read("who: {id: a}\ntone:\n").tone == Tone()


@pytest.mark.parametrize("text", ["", "tone: {}", "who:", "who: {}"])
def test_a_required_key_is_missed_also_if_its_section_is_not_there(text: str) -> None:
    assert problems(text) == ["s.yaml:1:1: who.id: is missing"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("latched: yes", "latched: must be true or false, not 'yes'"),
        ("latched: 1", "latched: must be true or false, not 1"),
        ("lights: [{pin: true}]", "lights[0].pin: must be a whole number, not true"),
        ("lights: [{pin: 2.0}]", "lights[0].pin: must be a whole number, not 2.0"),
        ("lights: [{pin: 28}]", "lights[0].pin: must be 0 to 27, not 28"),
        ("lights: [3]", "lights[0]: must be a section of keys, not 3"),
        ("lights: {pin: 3}", "lights: must be a list, not a section"),
        ("tone: loud", "tone: must be a section of keys, not 'loud'"),
        ("tone: {level_db: 1}", "tone.level_db: must be -60 to 0 dB, not 1"),
        ("tone: {file: ''}", "tone.file: must be the path of a file, not ''"),
        ("tone: {file: [a]}", "tone.file: must be the path of a file, not a list"),
        ("tune: {}", "tune: is not a known key; did you mean 'tone'?"),
        (
            "volume: 1",
            "volume: is not a known key; known are who, lights, tone, latched",
        ),
        (
            "lights: [{pin: 1, colour: gren}]",
            "lights[0].colour: must be red or green, not 'gren'; did you mean 'green'?",
        ),
    ],
)
def test_a_mistake_is_told_in_one_sentence(line: str, told: str) -> None:
    (sentence,) = problems(f"who: {{id: a}}\n{line}")
    place, _, rest = sentence.partition(": ")
    assert place.startswith("s.yaml:2:")
    assert rest == told


def test_the_reason_of_a_check_is_told_in_its_own_words() -> None:
    assert problems("who: {id: ''}") == [
        "s.yaml:1:7: who.id: the user ID is empty: use 1 to 63 bytes"
    ]


def test_a_number_as_id_is_told_to_be_quoted() -> None:
    (sentence,) = problems("who: {id: 007}")
    assert sentence.endswith(
        "must be text (in quotes, if it looks like something else), not 7"
    )


def test_every_mistake_is_told_at_once_in_the_order_of_the_text() -> None:
    told = problems(
        "latched: maybe\nlights:\n  - pin: 99\n  - color: red\ntone: {leveldb: 0}\n"
    )
    assert [sentence.split(": ")[:2] for sentence in told] == [
        ["s.yaml:1:1", "who.id"],
        ["s.yaml:1:1", "latched"],
        ["s.yaml:3:5", "lights[0].pin"],
        ["s.yaml:4:5", "lights[1].color"],
        ["s.yaml:4:5", "lights[1].pin"],
        ["s.yaml:5:8", "tone.leveldb"],
    ]


def test_a_long_value_is_told_in_short() -> None:
    (sentence,) = problems(f"who: {{id: a}}\nlatched: {'x' * 1000}")
    assert len(sentence) < 120
