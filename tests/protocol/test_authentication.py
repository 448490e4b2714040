"""The proof of a login: only the right AppSign makes it, and only for this login."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from intercomd.protocol.authentication import is_proof, proof

SIGN = "0123456789abcdef" * 4
NONCE = "ab" * 32


def of(
    app_sign: str = SIGN,
    nonce: str = NONCE,
    app_id: int = 1234,
    room_id: str = "lobby",
    user_id: str = "alice",
) -> str:
    return proof(app_sign, nonce=nonce, app_id=app_id, room_id=room_id, user_id=user_id)


def test_it_is_hmac_sha256_over_five_lines() -> None:
    text = b"intercom.v1\n" + NONCE.encode() + b"\n1234\nlobby\nalice"
    key = bytes.fromhex(SIGN)
    assert of() == hmac.new(key, text, hashlib.sha256).hexdigest()


def test_the_case_of_the_app_sign_makes_no_difference() -> None:
    assert of(app_sign=SIGN.upper()) == of()


@pytest.mark.parametrize(
    "other",
    [
        of(app_sign="f" * 64),
        of(nonce="cd" * 32),
        of(app_id=1235),
        of(room_id="lobby2"),
        of(user_id="bob"),
        of(room_id="lobbya", user_id="lice"),
    ],
    ids=["sign", "nonce", "app", "room", "user", "border between room and user"],
)
def test_another_login_has_another_proof(other: str) -> None:
    assert other != of()


@pytest.mark.parametrize("claim", ["", "0" * 64, of()[:-1], of() + "0", of().upper()])
def test_nothing_but_the_proof_itself_is_one(claim: str) -> None:
    assert not is_proof(claim, of())


def test_the_proof_is_one() -> None:
    assert is_proof(of(), of())


def test_a_claim_in_other_alphabets_is_none() -> None:
    assert not is_proof("ü" * 64, of())
