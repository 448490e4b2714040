"""RTP on the wire (RFC 3550, 5.1), with two header extensions (RFC 8285).

The extensions are the audio level (RFC 6464) and abs-send-time. Reading never
raises: what is no RTP comes back as None.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from intercomd.media.packet import Packet

LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
SENT_AT_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

_HEAD = struct.Struct("!BBHII")
_LEVEL = struct.Struct("!BBxx")
_SENT_AT = struct.Struct("!I")
_EXTENSION_HEAD = struct.Struct("!HH")

_ONE_BYTE_PROFILE = 0xBEDE
_VERSION = 0x80
_PADDED = 0x20
_EXTENDED = 0x10
_MARKER = 0x80


@dataclass(frozen=True, slots=True)
class Extensions:
    """The IDs (1..14) that were agreed on, or 0 for an extension that was not."""

    level: int = 0
    sent_at: int = 0

    def __and__(self, other: Extensions) -> Extensions:
        """Those that both sides know under the same ID."""
        return Extensions(
            level=self.level if self.level == other.level else 0,
            sent_at=self.sent_at if self.sent_at == other.sent_at else 0,
        )


class Received(NamedTuple):
    """A packet and the slot facts it arrived with."""

    ssrc: int
    payload_type: int
    packet: Packet


def write(
    packet: Packet,
    *,
    ssrc: int,
    payload_type: int,
    extensions: Extensions,
    payload: bytes | None = None,
) -> bytes:
    """The datagram that carries `packet` on a slot; `payload` replaces its own."""
    elements = b""
    if extensions.sent_at and packet.sent_at is not None:
        elements = _SENT_AT.pack(extensions.sent_at << 28 | 2 << 24 | packet.sent_at)
    if extensions.level and packet.level is not None:
        elements += _LEVEL.pack(extensions.level << 4, packet.level)
    head = _HEAD.pack(
        _VERSION | _EXTENDED if elements else _VERSION,
        payload_type | _MARKER if packet.marker else payload_type,
        packet.sequence,
        packet.timestamp,
        ssrc,
    )
    if elements:
        head += _EXTENSION_HEAD.pack(_ONE_BYTE_PROFILE, len(elements) // 4) + elements
    return head + (packet.payload if payload is None else payload)


def read(datagram: bytes, extensions: Extensions) -> Received | None:
    """What `datagram` carries, or None if it is no well-formed RTP."""
    size = len(datagram)
    if size < _HEAD.size:
        return None
    first, kind, sequence, timestamp, ssrc = _HEAD.unpack_from(datagram)
    if first & 0xC0 != _VERSION:
        return None
    start, end = _HEAD.size + 4 * (first & 0x0F), size
    level = sent_at = None
    if first & _EXTENDED:
        if start + 4 > size:
            return None
        profile, words = _EXTENSION_HEAD.unpack_from(datagram, start)
        start += 4
        if profile == _ONE_BYTE_PROFILE and start + 4 * words <= size:
            level, sent_at = _read_extensions(
                datagram, start, start + 4 * words, extensions
            )
        start += 4 * words
    if first & _PADDED:
        end -= datagram[-1]
        if not datagram[-1]:
            return None
    if start > end:
        return None
    packet = Packet(
        sequence, timestamp, datagram[start:end], kind >= _MARKER, level, sent_at
    )
    return Received(ssrc, kind & 0x7F, packet)


def _read_extensions(
    datagram: bytes, at: int, end: int, extensions: Extensions
) -> tuple[int | None, int | None]:
    level = sent_at = None
    while at < end:
        identity, length = datagram[at] >> 4, (datagram[at] & 0x0F) + 1
        if datagram[at] == 0:
            at += 1
            continue
        at += 1
        if identity == 15 or at + length > end:
            break
        if identity == extensions.level and length == 1:
            level = datagram[at] & 0x7F
        elif identity == extensions.sent_at and length == 3:
            sent_at = int.from_bytes(datagram[at : at + 3], "big")
        at += length
    return level, sent_at
