"""Lengths in bytes and characters of every ID, as in the reference's section 13."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from intercomd.domain import errors
from intercomd.domain.identifiers import (
    check_app_id,
    check_app_sign,
    check_room_id,
    check_stream_id,
    check_user_id,
    check_user_name,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = "0123456789" + LETTERS + LETTERS.upper()
PUNCTUATION = "~!@#$%^&*()_+=-`;',.<>\\"

Check = Callable[[str], str]

ALLOWED: list[tuple[Check, str, str]] = [
    (check_room_id, "one character", "a"),
    (check_room_id, "127 bytes", "a" * 127),
    (check_room_id, "letters and digits", WORDS),
    (check_room_id, "all its punctuation", PUNCTUATION),
    (check_user_id, "one character", "a"),
    (check_user_id, "63 bytes", "a" * 63),
    (check_user_id, "letters and digits", WORDS),
    (check_user_id, "all its punctuation", PUNCTUATION),
    (check_user_name, "nothing", ""),
    (check_user_name, "255 bytes", "a" * 255),
    (check_user_name, "255 bytes of Cyrillic and one", "я" * 127 + "a"),
    (check_user_name, "any character", "Jürgen 👷 «1»\n"),
    (check_stream_id, "one character", "a"),
    (check_stream_id, "255 bytes", "a" * 255),
    (check_stream_id, "letters and digits", WORDS),
    (check_stream_id, "underscore and hyphen", "_-"),
    (check_app_sign, "64 digits", "0123456789abcdef" * 4),
    (check_app_sign, "64 digits in capitals", "0123456789ABCDEF" * 4),
]

REFUSED: list[tuple[Check, str, str, type[errors.IntercomError]]] = [
    (check_room_id, "nothing", "", errors.RoomIdNull),
    (check_room_id, "128 bytes", "a" * 128, errors.RoomIdTooLong),
    (check_room_id, "64 two-byte letters", "я" * 64, errors.RoomIdTooLong),
    (check_room_id, "a space", "a b", errors.RoomIdInvalidCharacter),
    (check_room_id, "a slash", "a/b", errors.RoomIdInvalidCharacter),
    (check_room_id, "a line feed at the end", "a\n", errors.RoomIdInvalidCharacter),
    (check_room_id, "a letter of no ASCII", "ä", errors.RoomIdInvalidCharacter),
    (
        check_room_id,
        "a typographic quote",
        "\N{RIGHT SINGLE QUOTATION MARK}",
        errors.RoomIdInvalidCharacter,
    ),
    (check_room_id, "a NUL", "\0", errors.RoomIdInvalidCharacter),
    (check_room_id, "half a surrogate", "\ud800", errors.RoomIdInvalidCharacter),
    (check_user_id, "nothing", "", errors.UserIdNull),
    (check_user_id, "64 bytes", "a" * 64, errors.UserIdTooLong),
    (check_user_id, "32 two-byte letters", "я" * 32, errors.UserIdTooLong),
    (check_user_id, "a space", "a b", errors.UserIdInvalidCharacter),
    (check_user_id, "a line feed at the end", "a\n", errors.UserIdInvalidCharacter),
    (
        check_user_id,
        "a typographic quote",
        "\N{RIGHT SINGLE QUOTATION MARK}",
        errors.UserIdInvalidCharacter,
    ),
    (check_user_name, "256 bytes", "a" * 256, errors.UserNameTooLong),
    (check_user_name, "128 two-byte letters", "я" * 128, errors.UserNameTooLong),
    (check_user_name, "half a surrogate", "a\ud800", errors.UserNameInvalidCharacter),
    (check_stream_id, "nothing", "", errors.StreamIdNull),
    (check_stream_id, "256 bytes", "a" * 256, errors.StreamIdTooLong),
    (check_stream_id, "128 two-byte letters", "я" * 128, errors.StreamIdTooLong),
    (check_stream_id, "a full stop", "a.b", errors.StreamIdInvalidCharacter),
    (check_stream_id, "a query", "a?b=c", errors.StreamIdInvalidCharacter),
    (check_stream_id, "a line feed", "a\n", errors.StreamIdInvalidCharacter),
    (check_stream_id, "a digit of no ASCII", "٣", errors.StreamIdInvalidCharacter),
    (check_app_sign, "nothing", "", errors.AppSignNull),
    (check_app_sign, "63 digits", "0" * 63, errors.AppSignInvalidLength),
    (check_app_sign, "65 digits", "0" * 65, errors.AppSignInvalidLength),
    (check_app_sign, "no hexadecimal", "g" * 64, errors.AppSignInvalidCharacter),
    (check_app_sign, "a line feed", "0" * 63 + "\n", errors.AppSignInvalidCharacter),
    (check_app_sign, "other digits", "٣" * 64, errors.AppSignInvalidCharacter),
]


@pytest.mark.parametrize(
    ("check", "text"),
    [(check, text) for check, _, text in ALLOWED],
    ids=[f"{check.__name__}: {what}" for check, what, _ in ALLOWED],
)
def test_allowed_and_returned_as_it_is(check: Check, text: str) -> None:
    assert check(text) == text


@pytest.mark.parametrize(
    ("check", "text", "error"),
    [(check, text, error) for check, _, text, error in REFUSED],
    ids=[f"{check.__name__}: {what}" for check, what, _, _ in REFUSED],
)
def test_refused_for_the_first_thing_wrong(
    check: Check, text: str, error: type[errors.IntercomError]
) -> None:
    with pytest.raises(error):
        check(text)


@pytest.mark.parametrize("character", [chr(code) for code in range(128)])
def test_of_ascii_an_id_takes_just_the_published_characters(character: str) -> None:
    for check, allowed in (
        (check_room_id, WORDS + PUNCTUATION),
        (check_user_id, WORDS + PUNCTUATION),
        (check_stream_id, WORDS + "_-"),
    ):
        if character in allowed:
            check(character)
        else:
            with pytest.raises(errors.IntercomError):
                check(character)


@pytest.mark.parametrize("app_id", [1, 2**32 - 1])
def test_an_app_id_is_a_32_bit_number(app_id: int) -> None:
    assert check_app_id(app_id) == app_id


@pytest.mark.parametrize("app_id", [0, -1, 2**32])
def test_no_other_number_is_an_app_id(app_id: int) -> None:
    with pytest.raises(errors.AppIdZero):
        check_app_id(app_id)


def test_a_wrong_app_sign_is_never_quoted() -> None:
    for wrong in ("5ec" * 21, "5ec" * 20 + "zzzz"):
        with pytest.raises(errors.IntercomError) as caught:
            check_app_sign(wrong)
        assert "5ec" not in str(caught.value)
