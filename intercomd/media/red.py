"""Redundant audio on the wire (RFC 2198): earlier payloads before the present one.

Pure. It does not choose what to repeat, nor know what a payload holds.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

OFFSET_MAX = (1 << 14) - 1
COPY_BYTES_MAX = (1 << 10) - 1
COPIES_MAX = 2
"""No honest sender repeats more in one packet; each would be forwarded by itself."""

_BLOCK = struct.Struct("!I")
_MORE = 0x80


class Copy(NamedTuple):
    """A payload of `offset` samples at 48 kHz before the packet that carries it."""

    offset: int
    payload: bytes


def wrap(primary: bytes, copies: Sequence[Copy], payload_type: int) -> bytes:
    """The payload that carries `copies`, oldest first, and then `primary`.

    All are of `payload_type`; offsets and lengths are within the two limits.
    """
    heads = b"".join(
        _BLOCK.pack(
            (_MORE | payload_type) << 24 | copy.offset << 10 | len(copy.payload)
        )
        for copy in copies
    )
    bodies = b"".join(copy.payload for copy in copies)
    return heads + bytes((payload_type,)) + bodies + primary


def unwrap(payload: bytes, payload_type: int) -> tuple[bytes, list[Copy]] | None:
    """The primary and the copies, oldest first; None if malformed or of another type.

    Copies of another type, empty ones and all but the last two are left out.
    """
    size, at = len(payload), 0
    blocks: list[tuple[int, int, int]] = []
    while at < size and payload[at] & _MORE:
        if at + _BLOCK.size > size:
            return None
        (word,) = _BLOCK.unpack_from(payload, at)
        blocks.append((word >> 24 & 0x7F, word >> 10 & OFFSET_MAX, word & 0x3FF))
        at += _BLOCK.size
    if at >= size or payload[at] != payload_type:
        return None
    at += 1
    copies = []
    for kind, offset, length in blocks:
        if kind == payload_type and offset and length:
            copies.append(Copy(offset, payload[at : at + length]))
        at += length
    return (payload[at:], copies[-COPIES_MAX:]) if at < size else None
