"""One tree: each code has one class, each class one code and one remedy."""

from __future__ import annotations

from collections import Counter

import pytest

from intercomd.domain.errors import (
    ErrorCode,
    IntercomError,
    RoomFull,
    WireMalformed,
    error_for,
)

KINDS = IntercomError.__subclasses__()


def name(kind: type[IntercomError]) -> str:
    return kind.__name__


def test_every_code_but_success_has_exactly_one_class() -> None:
    assert Counter(kind.code for kind in KINDS) == Counter(
        code for code in ErrorCode if code is not ErrorCode.SUCCESS
    )


def test_no_code_is_given_twice() -> None:
    assert len(ErrorCode.__members__) == len(set(ErrorCode.__members__.values()))


def test_the_tree_is_flat() -> None:
    assert not [kind for kind in KINDS if kind.__subclasses__()]


def test_no_two_remedies_are_the_same() -> None:
    assert [r for r, n in Counter(kind.remedy for kind in KINDS).items() if n > 1] == []


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_the_class_is_named_as_its_code(kind: type[IntercomError]) -> None:
    assert kind.__name__.lower() == kind.code.name.replace("_", "").lower()


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_it_is_also_the_builtin_it_means(kind: type[IntercomError]) -> None:
    builtin = kind.__mro__[2]
    assert builtin is not Exception
    assert issubclass(builtin, Exception)
    assert builtin.__module__ == "builtins"


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_its_remedy_is_one_sentence_without_an_end(kind: type[IntercomError]) -> None:
    assert kind.remedy == kind.remedy.strip()
    assert kind.remedy
    assert not kind.remedy.endswith(".")
    assert "\n" not in kind.remedy


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_its_text_holds_the_detail_where_there_is_one(
    kind: type[IntercomError],
) -> None:
    assert str(kind()) == kind.remedy
    assert "room 7" in str(kind("room 7"))
    assert kind("room 7").detail == "room 7"


@pytest.mark.parametrize("code", [c for c in ErrorCode if c is not ErrorCode.SUCCESS])
def test_error_for_a_code_is_of_its_class(code: ErrorCode) -> None:
    error = error_for(int(code), "room 7")
    assert error.code is code
    assert error.detail == "room 7"


def test_error_for_an_unknown_code_names_it() -> None:
    error = error_for(4242, "something new")
    assert isinstance(error, WireMalformed)
    assert "4242" in str(error)
    assert "something new" in str(error)


def test_error_for_without_detail() -> None:
    assert isinstance(error_for(1002034), RoomFull)


@pytest.mark.parametrize("code", ErrorCode)
def test_codes_are_the_references_or_clearly_our_own(code: ErrorCode) -> None:
    assert code == 0 or 1_000_001 <= code <= 1_999_999 or code >= 2_000_001


def test_error_for_the_whole_text_of_another_says_nothing_twice() -> None:
    first = RoomFull("room 7 (the attic)")
    assert str(error_for(first.code, str(first))) == str(first)
