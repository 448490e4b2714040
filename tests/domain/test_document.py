"""A YAML text becomes values with positions, or sentences that say why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.domain.document import (
    DEPTH_MAX,
    TEXT_MAX,
    Document,
    KeyPath,
    Position,
    Value,
    did_you_mean,
)
from intercomd.domain.errors import ConfigInvalid

TEXT = """\
# a comment
audio:
  capture: default
  target_ms: 20
apps:
  - id: 1
  - id: 2
"""


def parse(text: str) -> Document:
    return Document.parse(text, "some.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as caught:
        parse(text)
    return str(caught.value).splitlines()


def test_a_text_becomes_plain_values() -> None:
    assert parse(TEXT).value == {
        "audio": {"capture": "default", "target_ms": 20},
        "apps": [{"id": 1}, {"id": 2}],
    }


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n"])
def test_an_empty_text_has_no_value(text: str) -> None:
    assert parse(text).value is None


@pytest.mark.parametrize(
    ("path", "position"),
    [
        (("audio",), Position(2, 1)),
        (("audio", "target_ms"), Position(4, 3)),
        (("apps", 1), Position(7, 5)),
        (("apps", 1, "id"), Position(7, 5)),
    ],
)
def test_a_key_is_found_where_an_editor_shows_it(
    path: KeyPath, position: Position
) -> None:
    assert parse(TEXT).at(path) == position


def test_a_key_that_is_missing_is_found_where_its_section_is() -> None:
    document = parse(TEXT)
    assert document.at(("audio", "playback")) == document.at(("audio",))
    assert document.at(("room", "id")) == document.at(())
    assert parse("").at(("room",)) == Position(1, 1)


def test_a_problem_is_one_sentence_with_file_line_and_key() -> None:
    told = parse(TEXT).problem(("apps", 1, "id"), "is wrong")
    assert told == "some.yaml:7:5: apps[1].id: is wrong"


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("off", "off"),
        ("~", None),
        ("null", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("1:30", "1:30"),
        ("0x1F", "0x1F"),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        (".", "."),
        ("1.5e3", 1500.0),
        (".nan", ".nan"),
        ("2026-01-31", "2026-01-31"),
        ("<<", "<<"),
        ("9" * 30, "9" * 30),
        ('"12"', "12"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
    ],
)
def test_plain_words_mean_what_yaml_1_2_says(scalar: str, value: object) -> None:
    assert parse(f"key: {scalar}").value == {"key": value}


def test_a_key_given_twice_is_refused_where_it_is_repeated() -> None:
    assert problems("audio:\n  capture: a\n  capture: b\n") == [
        "some.yaml:3:3: audio.capture: is given twice, first in line 2"
    ]


def test_all_of_what_is_wrong_with_the_text_is_told_at_once() -> None:
    told = problems("a: 1\na: 2\n? [x]\n: 3\nc: !secret 1\nd: !!int x\n")
    assert told == [
        "some.yaml:2:1: a: is given twice, first in line 1",
        "some.yaml:3:3: a key here is not text: quote it",
        "some.yaml:5:4: c: the tag !secret is not allowed: remove it",
        "some.yaml:6:4: d: 'x' is not of type int",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system [ls]",
        "a: !!binary aGVsbG8=",
        "a: !!timestamp 2026-01-31",
        "!!set {a, b}",
        "!!omap [a: 1]",
        "a: !mine {b: 1}",
    ],
)
def test_only_the_core_tags_are_allowed(text: str) -> None:
    (told,) = problems(text)
    assert "is not allowed" in told


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1", "some.yaml:1:6: "),
        ("a: 1\nb: 2: 3", "some.yaml:2:5: "),
        ("a: *nothing", "some.yaml:1:4: "),
        ("a\n---\nb", "some.yaml:2:1: "),
        ("a: \x01", "some.yaml: "),
        ("\tb: 1", "some.yaml:1:1: "),
    ],
)
def test_what_is_not_yaml_is_one_sentence_with_its_place(text: str, place: str) -> None:
    (told,) = problems(text)
    assert told.startswith(place + "is not YAML: ")


def test_an_anchor_may_be_used_again() -> None:
    text = "a: &card {name: x}\nb: *card\n"
    assert parse(text).value == {"a": {"name": "x"}, "b": {"name": "x"}}


def test_aliases_that_multiply_are_refused() -> None:
    first = "a0: &a0 [x, x, x, x, x, x, x, x]"
    more = (f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 8))
    (told,) = problems("\n".join([first, *more]))
    assert "values, those of its aliases included" in told


def test_an_alias_to_what_it_is_in_is_refused() -> None:
    (told,) = problems("&all [*all]")
    assert "nests deeper" in told


@pytest.mark.parametrize("text", ["[" * 100_000, "? " * 10_000, "- " * 1_000 + "x"])
def test_deep_nesting_is_refused_before_it_costs_anything(text: str) -> None:
    (told,) = problems(text)
    assert told.endswith(f"nests deeper than {DEPTH_MAX} levels")


def test_a_long_text_is_refused() -> None:
    assert problems("#" * (TEXT_MAX + 1)) == [
        f"some.yaml: longer than {TEXT_MAX} characters"
    ]


def test_the_nearest_known_word_is_offered() -> None:
    assert did_you_mean("caputre", ["capture", "playback"]).endswith("'capture'?")
    assert did_you_mean("xyz", ["capture", "playback"]) == ""


@given(st.text(max_size=200))
def test_any_text_is_a_value_or_a_sentence(text: str) -> None:
    try:
        document = parse(text)
    except ConfigInvalid as error:
        told = str(error)
    else:
        told = document.problem((), "is fine")
        assert all(document.at(path) for path in paths(document.value))
    assert told.startswith("some.yaml:")


def paths(value: Value, path: KeyPath = ()) -> list[KeyPath]:
    match value:
        case dict():
            parts = [paths(item, (*path, key)) for key, item in value.items()]
        case list():
            parts = [paths(item, (*path, at)) for at, item in enumerate(value)]
        case _:
            return [path]
    return [path, *(found for part in parts for found in part)]
