"""Proof that a client knows the AppSign, without the AppSign on the wire.

HMAC-SHA256 (RFC 2104) over the server's nonce and what is asked for.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

NONCE_BYTES = 32


def proof(app_sign: str, *, nonce: str, app_id: int, room_id: str, user_id: str) -> str:
    """The hexadecimal proof that goes with a `login`.

    `app_sign` is 64 hexadecimal digits and the key is the 32 bytes they name. The
    fields are joined by line feeds, which no valid ID contains, so that no two
    different logins have the same text.
    """
    text = "\n".join(("intercom.v1", nonce, str(app_id), room_id, user_id))
    key = bytes.fromhex(app_sign)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def is_proof(claim: str, expected: str) -> bool:
    """Whether the two are equal, in a time that does not tell how nearly."""
    return hmac.compare_digest(claim.encode(), expected.encode())


def is_one_of(claim: str, expected: Iterable[str]) -> bool:
    """`is_proof` of any of them."""
    return any(is_proof(claim, each) for each in expected)
