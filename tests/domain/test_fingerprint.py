"""A certificate's fingerprint, as people write it."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import ConfigInvalid
from intercomd.domain.fingerprint import check_fingerprint, fingerprint_of

DIGITS = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_it_is_the_sha_256_in_lower_case_digits() -> None:
    assert fingerprint_of(b"") == DIGITS


@pytest.mark.parametrize(
    "text",
    [
        DIGITS,
        DIGITS.upper(),
        ":".join(DIGITS[n : n + 2] for n in range(0, 64, 2)).upper(),
    ],
)
def test_case_and_colons_make_no_difference(text: str) -> None:
    assert check_fingerprint(text) == DIGITS


def test_none_is_none() -> None:
    assert check_fingerprint("") == ""


@pytest.mark.parametrize("text", ["x", DIGITS[:-1], DIGITS + "0", "g" * 64, ":"])
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ConfigInvalid, match="64 hexadecimal digits"):
        check_fingerprint(text)
