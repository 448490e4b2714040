"""A certificate's fingerprint: the SHA-256 of its DER form, and how it is written."""

from __future__ import annotations

import hashlib
import re

from intercomd.domain.errors import ConfigInvalid

_HEX = re.compile(r"[0-9A-Fa-f]{64}\Z")


def fingerprint_of(certificate: bytes) -> str:
    """64 lower-case hexadecimal digits for a certificate in DER."""
    return hashlib.sha256(certificate).hexdigest()


def check_fingerprint(text: str) -> str:
    """Return `text` as 64 lower-case hexadecimal digits; colons may divide it.

    An empty text stays empty: nothing is pinned. Raises `ConfigInvalid`.
    """
    digits = text.replace(":", "")
    if text and not _HEX.match(digits):
        raise ConfigInvalid(
            "must be a certificate's SHA-256 fingerprint, 64 hexadecimal digits "
            f"as the room server tells it at its start, not '{text}'"
        )
    return digits.lower()
