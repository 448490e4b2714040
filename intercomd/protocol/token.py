"""Token04, byte for byte (reference, section 4.2): who somebody is, until when.

Both binary variants. Pure: nonce, initialisation vector and time are arguments.

Whatever is wrong with a token is one of the reference's codes and nothing else:

    1002079  it does not begin with 04
    1002075  it is not of token04's layout, or its payload is not of privileges
    1002033  it was not made with this secret, or was changed since
    1002076, 1002077, 1002080  its AppID, user or nonce is of another type, or
             for another app or user
    1002078  it has expired
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeGuard

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from intercomd.domain.errors import (
    AuthenticationFailed,
    TokenAppIdError,
    TokenExpired,
    TokenFormatError,
    TokenNonceTypeError,
    TokenUserIdError,
    TokenVersionError,
)
from intercomd.protocol.messages import TOKEN_CHARACTERS
from intercomd.protocol.privileges import ALL, Privileges, parse, payload_of

VERSION = "04"


class Mode(IntEnum):
    """How the inside is encrypted; the last byte of a token, none is CBC."""

    CBC = 0
    GCM = 1

    @property
    def iv_bytes(self) -> int:
        """How long the initialisation vector is."""
        return 16 if self is Mode.CBC else 12


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says; times are unix seconds."""

    app_id: int
    user_id: str
    nonce: int
    created_at: int
    expires_at: int
    privileges: Privileges = ALL


def check_text(text: str) -> str:
    """Return a token's text, or raise `TokenFormatError` if the wire takes it not."""
    if len(text) > TOKEN_CHARACTERS:
        raise TokenFormatError(f"longer than {TOKEN_CHARACTERS} characters")
    if not text.isascii():
        raise TokenFormatError("not base64")
    return text


def create(token: Token, secret: str, *, iv: bytes, mode: Mode = Mode.GCM) -> str:
    """The text of a token. `iv` must be random, of `mode.iv_bytes` bytes.

    Raises `TokenFormatError` if it is longer than the wire takes.
    """
    assert len(iv) == mode.iv_bytes
    inside = _encoder.encode(
        _Inside(
            app_id=token.app_id,
            user_id=token.user_id,
            nonce=token.nonce,
            ctime=token.created_at,
            expire=token.expires_at,
            payload=payload_of(token.privileges),
        )
    )
    if len(inside) > TOKEN_CHARACTERS:
        raise TokenFormatError(f"longer than {TOKEN_CHARACTERS} characters")
    sealed = _seal(inside, secret.encode(), iv, mode)
    body = b"".join(
        (
            _EXPIRE.pack(token.expires_at),
            _LENGTH.pack(len(iv)),
            iv,
            _LENGTH.pack(len(sealed)),
            sealed,
            b"" if mode is Mode.CBC else bytes([mode]),
        )
    )
    text = VERSION + base64.b64encode(body).decode()
    if len(text) > TOKEN_CHARACTERS:
        raise TokenFormatError(f"longer than {TOKEN_CHARACTERS} characters")
    return text


def verify(text: str, secret: str, *, app_id: int, user_id: str, now: float) -> Token:
    """What a token says, if it is this app's and user's and has not expired.

    `now` is in unix seconds. Raises one of the errors above, never another, in a
    time and memory bounded by the longest token there may be.
    """
    body = _body(text)
    inside = _open(body, secret.encode())
    told = _checked(inside, app_id=app_id, user_id=user_id)
    if told.expire != body.expires_at:
        raise TokenFormatError("its two times of expiry differ")
    if told.expire < now:
        raise TokenExpired
    return Token(
        app_id, user_id, told.nonce, told.ctime, told.expire, parse(told.payload)
    )


class _Inside(msgspec.Struct):
    app_id: int
    user_id: str
    nonce: int
    ctime: int
    expire: int
    payload: str


@dataclass(frozen=True, slots=True)
class _Body:
    expires_at: int
    iv: bytes
    sealed: bytes
    mode: Mode


_EXPIRE = struct.Struct(">q")
_LENGTH = struct.Struct(">H")
_BLOCK_BITS = 128
_APP_IDS = range(1 << 32)

_encoder = msgspec.json.Encoder()


def _body(text: str) -> _Body:
    if not text.startswith(VERSION):
        raise TokenVersionError
    if len(text) > TOKEN_CHARACTERS:
        raise TokenFormatError(f"longer than {TOKEN_CHARACTERS} characters")
    try:
        body = base64.b64decode(text[len(VERSION) :], validate=True)
    except ValueError as error:
        raise TokenFormatError("not base64") from error
    # Unused bits of the last character would make one token have several texts.
    if base64.b64encode(body).decode() != text[len(VERSION) :]:
        raise TokenFormatError("not base64 as it is written")
    try:
        return _unpacked(body)
    except (struct.error, ValueError) as error:
        raise TokenFormatError("not of token04's layout") from error


def _unpacked(body: bytes) -> _Body:
    """The parts of a body; ValueError or struct.error for one that has others."""
    (expires_at,) = _EXPIRE.unpack_from(body)
    iv, rest = _counted(body[_EXPIRE.size :])
    sealed, trailer = _counted(rest)
    if len(trailer) > 1:
        raise ValueError("bytes after the mode")
    mode = Mode(trailer[0]) if trailer else Mode.CBC
    if len(iv) != mode.iv_bytes:
        raise ValueError("an initialisation vector of another mode")
    return _Body(expires_at, iv, sealed, mode)


def _counted(data: bytes) -> tuple[bytes, bytes]:
    (length,) = _LENGTH.unpack_from(data)
    end = _LENGTH.size + length
    if end > len(data):
        raise ValueError("cut off")
    return data[_LENGTH.size : end], data[end:]


def _seal(inside: bytes, key: bytes, iv: bytes, mode: Mode) -> bytes:
    match mode:
        case Mode.GCM:
            return AESGCM(key).encrypt(iv, inside, None)
        case Mode.CBC:
            padder = PKCS7(_BLOCK_BITS).padder()
            encryptor = Cipher(AES256(key), CBC(iv)).encryptor()
            padded = padder.update(inside) + padder.finalize()
            return encryptor.update(padded) + encryptor.finalize()


def _open(body: _Body, key: bytes) -> dict[str, object]:
    """The JSON object inside, its fields unchecked."""
    unseal = _open_gcm if body.mode is Mode.GCM else _open_cbc
    try:
        inside = msgspec.json.decode(unseal(body, key))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _unreadable(body.mode) from error
    if not isinstance(inside, dict):
        raise _unreadable(body.mode)
    return inside


def _open_gcm(body: _Body, key: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(body.iv, body.sealed, None)
    except InvalidTag as error:
        raise AuthenticationFailed from error


def _open_cbc(body: _Body, key: bytes) -> bytes:
    if not body.sealed or len(body.sealed) % (_BLOCK_BITS // 8):
        raise TokenFormatError("not of whole blocks")
    decryptor = Cipher(AES256(key), CBC(body.iv)).decryptor()
    padded = decryptor.update(body.sealed) + decryptor.finalize()
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        # As unreadable as any wrong plaintext, and told no differently: who can
        # tell wrong padding from wrong text can forge tokens (Vaudenay, 2002).
        return b""


def _unreadable(mode: Mode) -> AuthenticationFailed | TokenFormatError:
    """GCM has proved that its maker wrote this; in CBC the secret may be wrong."""
    if mode is Mode.GCM:
        return TokenFormatError("not JSON inside")
    return AuthenticationFailed()


def _checked(inside: dict[str, object], *, app_id: int, user_id: str) -> _Inside:
    app, user = inside.get("app_id"), inside.get("user_id")
    if not _is_whole(app) or app not in _APP_IDS or app != app_id:
        raise TokenAppIdError
    if not isinstance(user, str) or user != user_id:
        raise TokenUserIdError
    nonce, created_at = inside.get("nonce"), inside.get("ctime")
    if not _is_whole(nonce):
        raise TokenNonceTypeError
    expires_at, payload = inside.get("expire"), inside.get("payload", "")
    if not _is_whole(created_at) or not _is_whole(expires_at):
        raise TokenFormatError("a time in it is no whole number")
    if not isinstance(payload, str):
        raise TokenFormatError("its payload is no text")
    return _Inside(app, user, nonce, created_at, expires_at, payload)


def _is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number: to JSON, true and false are not."""
    return type(value) is int
