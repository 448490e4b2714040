"""Tokens for tests: the reference's vectors, and any inside that can be sealed."""

from __future__ import annotations

import base64
import json
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from intercomd.protocol.privileges import ALL, Privileges
from intercomd.protocol.token import Mode, Token, create

SECRET = "0123456789abcdef0123456789abcdef"
OTHER_SECRET = "fedcba9876543210fedcba9876543210"
APP_ID, USER_ID = 1234567890, "id1"
CREATED_AT, EXPIRES_AT = 1_700_000_000, 1_700_003_600
TOKEN = Token(APP_ID, USER_ID, 1, CREATED_AT, EXPIRES_AT)

VECTORS = {
    Mode.CBC: (
        "04AAAAAGVT/xAAEDAxMjM0NTY3ODlhYmNkZWYAcNwR7j4AKvPz1yXCdsPGhXpfb+3KfElaWF+U8h"
        "boEjs5A85qjfDTeFU9mKxI4Yz6dwSZRBZRn8qYlMkUTLgvlapIqtCMAK62fWgoC+GmUKtZJ7XWqS"
        "rNGWHk0GLxi1Q/ZOBFhfuphZ8fEKqWq+Y4jUg="
    ),
    Mode.GCM: (
        "04AAAAAGVT/xAADDAxMjM0NTY3ODlhYgBz4ouGSjOV8X/XPxKPgDBJEXW+7f876h8YQf2QcK3ao4"
        "tDG1Zb3tBLqg6NGkPxuEf83Rj1xcczQxVE78J4PEkkqVCKLAmR6vCcl65l62YpPVOtm3H9bvR3uX"
        "ZoiOiuGjbzXT834UOleHF9bAdz34Oj6dR8LgE="
    ),
}
IVS = {Mode.CBC: b"0123456789abcdef", Mode.GCM: b"0123456789ab"}


def token_for(
    user_id: str,
    *,
    app_id: int,
    expires_at: int,
    secret: str = SECRET,
    privileges: Privileges = ALL,
    mode: Mode = Mode.GCM,
) -> str:
    """A token for this user; its nonce and vector are fixed, as no product's are."""
    token = Token(app_id, user_id, 1, expires_at - 3600, expires_at, privileges)
    return create(token, secret, iv=IVS[mode], mode=mode)


def sealed(
    inside: object,
    mode: Mode = Mode.GCM,
    *,
    expires_at: int = EXPIRES_AT,
    secret: str = SECRET,
) -> str:
    """A token with anything inside: bytes as they are, all else as JSON."""
    plain = inside if isinstance(inside, bytes) else json.dumps(inside).encode()
    iv, key = IVS[mode], secret.encode()
    if mode is Mode.GCM:
        locked = AESGCM(key).encrypt(iv, plain, None)
    else:
        fill = 16 - len(plain) % 16
        encryptor = Cipher(AES256(key), CBC(iv)).encryptor()
        locked = encryptor.update(plain + bytes([fill]) * fill)
    body = struct.pack(">qH", expires_at, len(iv)) + iv
    return text_of(
        body + struct.pack(">H", len(locked)) + locked + mode.to_bytes(mode.value)
    )


def inside(**changes: object) -> dict[str, object]:
    """The JSON of a right token, with some of it changed."""
    return {
        "app_id": APP_ID,
        "user_id": USER_ID,
        "nonce": 1,
        "ctime": CREATED_AT,
        "expire": EXPIRES_AT,
        "payload": "",
    } | changes


def body_of(text: str) -> bytes:
    """The bytes of a token's text."""
    return base64.b64decode(text[2:])


def text_of(body: bytes) -> str:
    """The text of a token's bytes."""
    return "04" + base64.b64encode(body).decode()
