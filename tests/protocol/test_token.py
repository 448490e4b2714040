"""Token04: the vectors byte for byte, and a code for everything that is wrong."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.domain.errors import (
    AuthenticationFailed,
    ErrorCode,
    IntercomError,
    TokenAppIdError,
    TokenExpired,
    TokenFormatError,
    TokenNonceTypeError,
    TokenUserIdError,
    TokenVersionError,
)
from intercomd.protocol.messages import TOKEN_CHARACTERS
from intercomd.protocol.privileges import ALL, Privileges, parse, payload_of
from intercomd.protocol.token import Mode, Token, check_text, create, verify
from tests.protocol.tokens import (
    APP_ID,
    EXPIRES_AT,
    IVS,
    OTHER_SECRET,
    SECRET,
    TOKEN,
    USER_ID,
    VECTORS,
    body_of,
    inside,
    sealed,
    text_of,
)

BOTH = pytest.mark.parametrize("mode", list(Mode), ids=lambda mode: mode.name)

CODES = {
    ErrorCode.AUTHENTICATION_FAILED,
    ErrorCode.TOKEN_FORMAT_ERROR,
    ErrorCode.TOKEN_APP_ID_ERROR,
    ErrorCode.TOKEN_USER_ID_ERROR,
    ErrorCode.TOKEN_EXPIRED,
    ErrorCode.TOKEN_VERSION_ERROR,
    ErrorCode.TOKEN_NONCE_TYPE_ERROR,
}


def verified(
    text: str,
    *,
    secret: str = SECRET,
    app_id: int = APP_ID,
    user_id: str = USER_ID,
    now: float = EXPIRES_AT,
) -> Token:
    return verify(text, secret, app_id=app_id, user_id=user_id, now=now)


def code_of(text: str) -> ErrorCode | None:
    """The code a token is refused with, None for one that is accepted."""
    try:
        verified(text)
    except IntercomError as error:
        return error.code
    return None


@BOTH
def test_a_token_is_made_as_the_vector_has_it(mode: Mode) -> None:
    assert create(TOKEN, SECRET, iv=IVS[mode], mode=mode) == VECTORS[mode]


@BOTH
def test_the_vector_is_accepted(mode: Mode) -> None:
    assert verified(VECTORS[mode]) == TOKEN
    assert TOKEN.privileges is ALL


def test_a_mode_byte_of_zero_is_cbc_too() -> None:
    assert verified(text_of(body_of(VECTORS[Mode.CBC]) + b"\0")) == TOKEN


@BOTH
def test_fields_may_come_in_any_order_and_with_others(mode: Mode) -> None:
    reversed_ = dict(reversed(inside(more=[1, 2]).items()))
    assert verified(sealed(reversed_, mode)) == TOKEN


def test_the_payload_may_be_left_out() -> None:
    without = inside()
    del without["payload"]
    assert verified(sealed(without)) == TOKEN


@BOTH
def test_a_token_is_good_to_its_last_second_and_not_longer(mode: Mode) -> None:
    verified(VECTORS[mode], now=EXPIRES_AT)
    with pytest.raises(TokenExpired):
        verified(VECTORS[mode], now=EXPIRES_AT + 0.001)


WRONG: dict[str, tuple[str, type[IntercomError]]] = {
    "nothing": ("", TokenVersionError),
    "half a version": ("0", TokenVersionError),
    "another version": ("03" + VECTORS[Mode.GCM][2:], TokenVersionError),
    "a version alone": ("04", TokenFormatError),
    "no base64": ("04****", TokenFormatError),
    "no ASCII": ("04üüüü", TokenFormatError),
    "a line feed": (VECTORS[Mode.GCM] + "\n", TokenFormatError),
    "base64 of the web": (
        VECTORS[Mode.GCM].replace("+", "-").replace("/", "_"),
        TokenFormatError,
    ),
    "base64 without padding": (VECTORS[Mode.GCM].rstrip("="), TokenFormatError),
    "a huge one": ("04" + "A" * 10_000_000, TokenFormatError),
    "one just too long": ("04" + "A" * (TOKEN_CHARACTERS - 1), TokenFormatError),
    "bytes after the mode": (
        text_of(body_of(VECTORS[Mode.GCM]) + b"\1"),
        TokenFormatError,
    ),
    "GCM said to be CBC": (
        text_of(body_of(VECTORS[Mode.GCM])[:-1] + b"\0"),
        TokenFormatError,
    ),
    "CBC said to be GCM": (
        text_of(body_of(VECTORS[Mode.CBC]) + b"\1"),
        TokenFormatError,
    ),
    "an unknown mode": (
        text_of(body_of(VECTORS[Mode.GCM])[:-1] + b"\2"),
        TokenFormatError,
    ),
    "no whole blocks": (
        text_of(bytes(9) + b"\x10" + bytes(17) + b"\x01\0"),
        TokenFormatError,
    ),
    "nothing encrypted": (
        text_of(bytes(9) + b"\x10" + bytes(16) + bytes(2)),
        TokenFormatError,
    ),
    "GCM shorter than its tag": (
        text_of(bytes(9) + b"\x0c" + bytes(12) + b"\0\x0f" + bytes(15) + b"\1"),
        AuthenticationFailed,
    ),
    "GCM without JSON": (sealed(b"rubbish"), TokenFormatError),
    "CBC without JSON": (sealed(b"rubbish", Mode.CBC), AuthenticationFailed),
    "no object": (sealed([1, 2]), TokenFormatError),
    "no object in CBC": (sealed([1, 2], Mode.CBC), AuthenticationFailed),
    "deep JSON": (sealed(b"[" * 2500), TokenFormatError),
    "no UTF-8": (sealed(b'{"user_id":"\xff\xfe"}'), TokenFormatError),
    "an empty object": (sealed({}), TokenAppIdError),
    "another AppID": (sealed(inside(app_id=1)), TokenAppIdError),
    "an AppID as text": (sealed(inside(app_id=str(APP_ID))), TokenAppIdError),
    "an AppID that is no whole number": (
        sealed(inside(app_id=float(APP_ID) + 0.5)),
        TokenAppIdError,
    ),
    "an AppID that is true": (sealed(inside(app_id=True)), TokenAppIdError),
    "an AppID of 70 bits": (sealed(inside(app_id=1 << 70)), TokenAppIdError),
    "another user": (sealed(inside(user_id="id2")), TokenUserIdError),
    "a user as number": (sealed(inside(user_id=1)), TokenUserIdError),
    "no user": (sealed(inside(user_id=None)), TokenUserIdError),
    "a nonce as text": (sealed(inside(nonce="1")), TokenNonceTypeError),
    "no nonce": (sealed(inside(nonce=None)), TokenNonceTypeError),
    "a creation as text": (sealed(inside(ctime="now")), TokenFormatError),
    "an expiry as text": (sealed(inside(expire="later")), TokenFormatError),
    "an expiry as fraction": (sealed(inside(expire=1e9 + 0.5)), TokenFormatError),
    "two times of expiry": (
        sealed(inside(expire=EXPIRES_AT + 1)),
        TokenFormatError,
    ),
    "an expired one": (
        sealed(inside(expire=EXPIRES_AT - 1), expires_at=EXPIRES_AT - 1),
        TokenExpired,
    ),
    "one of before all time": (
        sealed(inside(expire=-(1 << 63)), expires_at=-(1 << 63)),
        TokenExpired,
    ),
    "a payload as object": (sealed(inside(payload={})), TokenFormatError),
    "a payload of rubbish": (sealed(inside(payload="rubbish")), TokenFormatError),
    "a payload of a list": (sealed(inside(payload="[]")), TokenFormatError),
    "a deep payload": (sealed(inside(payload="[" * 2500)), TokenFormatError),
    "a room as number": (sealed(inside(payload='{"room_id":1}')), TokenFormatError),
    "a privilege of 2": (
        sealed(inside(payload='{"privilege":{"1":2}}')),
        TokenFormatError,
    ),
    "a privilege that is true": (
        sealed(inside(payload='{"privilege":{"1":true}}')),
        TokenFormatError,
    ),
    "a stream as number": (
        sealed(inside(payload='{"stream_id_list":[1]}')),
        TokenFormatError,
    ),
}


@pytest.mark.parametrize(("text", "error"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_token_is_refused_with_its_code(
    text: str, error: type[IntercomError]
) -> None:
    with pytest.raises(error):
        verified(text)


@BOTH
def test_a_token_of_another_secret_is_refused(mode: Mode) -> None:
    with pytest.raises(AuthenticationFailed):
        verified(VECTORS[mode], secret=OTHER_SECRET)


@BOTH
def test_a_token_of_another_app_is_refused(mode: Mode) -> None:
    with pytest.raises(TokenAppIdError):
        verified(VECTORS[mode], app_id=APP_ID + 1)


@BOTH
def test_a_token_of_another_user_is_refused(mode: Mode) -> None:
    with pytest.raises(TokenUserIdError):
        verified(VECTORS[mode], user_id="id2")


@BOTH
def test_a_token_cut_off_at_any_character_is_refused(mode: Mode) -> None:
    text = VECTORS[mode]
    for length in range(len(text)):
        expected = {ErrorCode.TOKEN_FORMAT_ERROR}
        if length < 2:
            expected = {ErrorCode.TOKEN_VERSION_ERROR}
        assert code_of(text[:length]) in expected, length


@BOTH
def test_a_token_cut_off_at_any_byte_is_refused(mode: Mode) -> None:
    body = body_of(VECTORS[mode])
    for length in range(len(body)):
        assert code_of(text_of(body[:length])) == ErrorCode.TOKEN_FORMAT_ERROR, length


def layout(mode: Mode) -> dict[str, range]:
    """Where the parts of a vector's body are."""
    iv, total = len(IVS[mode]), len(body_of(VECTORS[mode]))
    end = total - (1 if mode is Mode.GCM else 0)
    return {
        "expire": range(8),
        "iv length": range(8, 10),
        "iv": range(10, 10 + iv),
        "length": range(10 + iv, 12 + iv),
        "sealed": range(12 + iv, end),
        "mode": range(end, total),
    }


@BOTH
def test_a_token_with_any_bit_of_any_byte_flipped_is_refused(mode: Mode) -> None:
    body = body_of(VECTORS[mode])
    seen: dict[str, set[ErrorCode]] = {}
    for part, places in layout(mode).items():
        for place in places:
            for bit in range(8):
                flipped = bytearray(body)
                flipped[place] ^= 1 << bit
                code = code_of(text_of(bytes(flipped)))
                assert code in CODES, (part, place, bit)
                seen.setdefault(part, set()).add(code)
    form, secret = ErrorCode.TOKEN_FORMAT_ERROR, ErrorCode.AUTHENTICATION_FAILED
    assert seen["expire"] == seen["iv length"] == seen["length"] == {form}
    if mode is Mode.GCM:
        assert seen["iv"] == seen["sealed"] == {secret}
        assert seen["mode"] == {form}


@BOTH
def test_a_token_with_any_character_changed_is_refused(mode: Mode) -> None:
    text = VECTORS[mode]
    same = text_of(body_of(text) + b"\0")  # CBC said aloud
    for place, character in enumerate(text):
        for other in ("A", "/", "=", "\n", "\0", "é", chr(ord(character) ^ 1)):
            changed = text[:place] + other + text[place + 1 :]
            if changed not in (text, same):
                assert code_of(changed) in CODES, (place, other)


def test_wrong_padding_is_told_no_differently_from_wrong_text() -> None:
    body = bytearray(body_of(VECTORS[Mode.CBC]))
    told: set[tuple[type, str]] = set()
    for last in range(256):  # the last byte of the last block but one
        body[-17] = last
        try:
            verified(text_of(bytes(body)))
        except IntercomError as error:
            told.add((type(error), str(error)))
        else:
            told.add((Token, "accepted"))
    assert len(told) == 2, "the vector itself, and one refusal for all others"


def test_a_refusal_tells_nothing_of_token_and_secret() -> None:
    for text, _ in WRONG.values():
        with pytest.raises(IntercomError) as caught:
            verified(text)
        told = str(caught.value)
        assert SECRET not in told
        assert text[2:40] not in told or len(text) <= 8
        assert "\n" not in told


@given(st.text(max_size=200))
def test_no_text_is_anything_but_refused(text: str) -> None:
    assert code_of(text) in CODES
    assert code_of("04" + text) in CODES


@given(st.binary(max_size=300))
def test_no_bytes_are_anything_but_refused(body: bytes) -> None:
    assert code_of(text_of(body)) in CODES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)
FIELDS = st.sampled_from(sorted(inside()))


@given(st.dictionaries(FIELDS, JSON, min_size=1, max_size=6), st.sampled_from(Mode))
def test_no_json_inside_raises_anything_else(
    changes: dict[str, object], mode: Mode
) -> None:
    assert code_of(sealed(inside(**changes), mode)) in CODES | {None}


@given(st.binary(max_size=60), st.sampled_from(Mode))
def test_no_bytes_inside_raise_anything_else(plain: bytes, mode: Mode) -> None:
    assert code_of(sealed(plain, mode)) in CODES


PRIVILEGES = st.builds(
    Privileges,
    room_id=st.text(max_size=20),
    may_login=st.booleans(),
    may_publish=st.booleans(),
    stream_ids=st.none() | st.frozensets(st.text(max_size=9), min_size=1, max_size=5),
)


@given(PRIVILEGES)
def test_a_payload_is_read_as_it_was_meant(privileges: Privileges) -> None:
    assert parse(payload_of(privileges)) == privileges


@given(
    st.builds(
        Token,
        app_id=st.integers(0, 2**32 - 1),
        user_id=st.text(max_size=64),
        nonce=st.integers(-(2**31), 2**31 - 1),
        created_at=st.integers(0, 2**40),
        expires_at=st.integers(0, 2**40),
        privileges=PRIVILEGES,
    ),
    st.sampled_from(Mode),
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=32, max_size=32).map(
        lambda b: base64.b64encode(b).decode()[:32]
    ),
)
def test_what_is_made_is_what_is_verified(
    token: Token, mode: Mode, iv: bytes, secret: str
) -> None:
    text = create(token, secret, iv=iv[: mode.iv_bytes], mode=mode)
    read = verify(
        text,
        secret,
        app_id=token.app_id,
        user_id=token.user_id,
        now=token.expires_at,
    )
    assert read == token


def test_a_payload_allows_what_it_says_and_nothing_else() -> None:
    assert parse("") == ALL
    assert parse("{}") == Privileges(may_login=False, may_publish=False)
    listener = parse('{"room_id":"r","privilege":{"1":1,"2":0}}')
    assert listener.allow_room("r")
    assert not listener.allow_room("q")
    assert not listener.allow_stream("s")
    speaker = parse('{"privilege":{"1":1,"2":1},"stream_id_list":["s"]}')
    assert speaker.allow_room("any")
    assert speaker.allow_stream("s")
    assert not speaker.allow_stream("t")


@pytest.mark.parametrize("streams", ["null", "[]"])
def test_no_list_of_streams_is_any_stream(streams: str) -> None:
    text = '{"room_id":"","privilege":{"2":1},"stream_id_list":' + streams + "}"
    assert parse(text).allow_stream("any")


def test_a_payload_is_spelt_as_the_generators_spell_it() -> None:
    privileges = Privileges("room1", stream_ids=frozenset({"s1"}))
    assert payload_of(privileges) == (
        '{"room_id":"room1","privilege":{"1":1,"2":1},"stream_id_list":["s1"]}'
    )


def test_a_token_too_long_for_the_wire_is_not_made() -> None:
    streams = frozenset(f"stream-{n}" for n in range(400))
    token = Token(1, "u", 1, 0, 1, Privileges(stream_ids=streams))
    with pytest.raises(TokenFormatError):
        create(token, SECRET, iv=IVS[Mode.GCM])


@pytest.mark.parametrize("text", ["04" + "A" * TOKEN_CHARACTERS, "04é"])
def test_what_the_wire_cannot_carry_is_told_before(text: str) -> None:
    with pytest.raises(TokenFormatError):
        check_text(text)


def seconds(call: Callable[[], object]) -> float:
    began_at = time.perf_counter()
    call()
    return time.perf_counter() - began_at


def test_the_longest_tokens_take_no_time() -> None:
    rng = random.Random(1)
    longest = [
        "04" + base64.b64encode(rng.randbytes(3069)).decode(),
        sealed(inside(payload="x" * 2600), Mode.CBC),
        sealed(b"[" * 2900, Mode.CBC),
        "04" * 50_000_000,
    ]
    for text in longest:
        assert min(seconds(partial(code_of, text)) for _ in range(3)) < 0.01
