"""RTCP on the wire (RFC 3550, section 6; NACK of RFC 4585; loss map of RFC 3611).

Reading never raises: what follows the first malformed part is dropped.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_SENDER_REPORT = 200
_RECEIVER_REPORT = 201
_SOURCE_DESCRIPTION = 202
_APPLICATION = 204
_TRANSPORT_FEEDBACK = 205
_EXTENDED_REPORT = 207
_NACK_FORMAT = 1
_LOSS_MAP = 1
_CNAME = 1
_KEEP_ALIVE_NAME = b"intc"

_HEAD = struct.Struct("!BBH")
_SENDER_INFO = struct.Struct("!IQIII")
_BLOCK = struct.Struct("!IIIIII")
_SSRC = struct.Struct("!I")
_FEEDBACK = struct.Struct("!II")
_ECHO = struct.Struct("!III")
_LOST = struct.Struct("!HH")
_MAP_HEAD = struct.Struct("!BBHIHH")

BLOCKS_MAX = 31
MAPPED_MAX = 510
"""So many packets one loss map covers; ours to us, the RFC allows more."""

_CHUNK_BITS = 15
_CHUNK = 1 << _CHUNK_BITS


@dataclass(frozen=True, slots=True)
class Block:
    """How one stream arrives: `fraction_lost` in 1/256, times in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    last_report: int
    since_last_report: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What was sent so far; `ntp` is 32.32 fixed point seconds since 1900."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """How streams arrive at one who sends nothing."""

    ssrc: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Nack:
    """Please send these packets of `media_ssrc` once more."""

    ssrc: int
    media_ssrc: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Losses:
    """Which of the last `count` packets up to number `newest` were lost.

    Bit k of `lost` is for the k-th before `newest`. On the wire a Loss RLE report
    block (RFC 3611, 4.1) without thinning, of bit vectors alone.
    """

    media_ssrc: int
    newest: int
    count: int
    lost: int


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """The other end is there, and promises one of these every 200 ms of silence.

    On the wire an application-defined packet (RFC 3550, 6.7) named "intc". Times are
    the middle 32 bits of an NTP time, as in report blocks: `sent` is the sender's,
    `echoed` the other end's latest, which came `held` before this was sent. All 0
    are unknown.
    """

    ssrc: int
    sent: int = 0
    echoed: int = 0
    held: int = 0


Report = SenderReport | ReceiverReport | Nack | Losses | KeepAlive


def write_sender_report(report: SenderReport) -> bytes:
    """One SR without blocks (the blocks go into a receiver report)."""
    body = _SENDER_INFO.pack(
        report.ssrc,
        report.ntp,
        report.timestamp,
        report.packets & 0xFFFFFFFF,
        report.octets & 0xFFFFFFFF,
    )
    return _framed(_SENDER_REPORT, 0, body)


def write_receiver_report(report: ReceiverReport) -> bytes:
    """One RR of at most 31 blocks."""
    blocks = report.blocks[:BLOCKS_MAX]
    body = _SSRC.pack(report.ssrc) + b"".join(map(_write_block, blocks))
    return _framed(_RECEIVER_REPORT, len(blocks), body)


def write_source_description(ssrc: int, cname: str) -> bytes:
    """The SDES with a CNAME that a compound packet has to hold."""
    name = cname.encode("ascii")
    item = bytes((_CNAME, len(name))) + name
    padding = bytes(4 - len(item) % 4)
    return _framed(_SOURCE_DESCRIPTION, 1, _SSRC.pack(ssrc) + item + padding)


def write_nack(nack: Nack) -> bytes:
    """One generic NACK; neighbours share an entry of 17 packets."""
    body = _FEEDBACK.pack(nack.ssrc, nack.media_ssrc)
    remaining = list(nack.sequences)
    while remaining:
        first, mask, far = remaining[0], 0, []
        for sequence in remaining[1:]:
            step = (sequence - first) & 0xFFFF
            if 1 <= step <= 16:
                mask |= 1 << (step - 1)
            else:
                far.append(sequence)
        body += _LOST.pack(first, mask)
        remaining = far
    return _framed(_TRANSPORT_FEEDBACK, _NACK_FORMAT, body)


def write_losses(ssrc: int, maps: Sequence[Losses]) -> bytes:
    """One XR from `ssrc`, with a block for each map of 1 to `MAPPED_MAX` packets."""
    body = _SSRC.pack(ssrc) + b"".join(map(_write_map, maps))
    return _framed(_EXTENDED_REPORT, 0, body)


def write_keep_alive(alive: KeepAlive) -> bytes:
    """An APP packet of 24 bytes."""
    times = _ECHO.pack(alive.sent, alive.echoed, alive.held)
    return _framed(_APPLICATION, 0, _SSRC.pack(alive.ssrc) + _KEEP_ALIVE_NAME + times)


def read(datagram: bytes) -> list[Report]:
    """The reports in a compound packet, in order; other kinds are left out."""
    reports: list[Report] = []
    at = 0
    while at + _HEAD.size <= len(datagram):
        first, kind, words = _HEAD.unpack_from(datagram, at)
        start, end = at + _HEAD.size, at + _HEAD.size + 4 * words
        if first & 0xC0 != 0x80 or end > len(datagram):
            break
        if kind == _EXTENDED_REPORT:
            reports += _read_maps(datagram[start + _SSRC.size : end])
        else:
            report = _read_one(kind, first & 0x1F, datagram[start:end])
            if report is not None:
                reports.append(report)
        at = end
    return reports


def _read_one(kind: int, count: int, body: bytes) -> Report | None:
    if kind == _SENDER_REPORT and len(body) >= 24 + 24 * count:
        ssrc, ntp, timestamp, packets, octets = _SENDER_INFO.unpack_from(body)
        blocks = _read_blocks(body, 24, count)
        return SenderReport(ssrc, ntp, timestamp, packets, octets, blocks)
    if kind == _RECEIVER_REPORT and len(body) >= 4 + 24 * count:
        (ssrc,) = _SSRC.unpack_from(body)
        return ReceiverReport(ssrc, _read_blocks(body, 4, count))
    if kind == _TRANSPORT_FEEDBACK and count == _NACK_FORMAT and len(body) >= 8:
        ssrc, media_ssrc = _FEEDBACK.unpack_from(body)
        return Nack(ssrc, media_ssrc, _read_lost(body[8:]))
    if kind == _APPLICATION and body[4:8] == _KEEP_ALIVE_NAME:
        times = _ECHO.unpack_from(body, 8) if len(body) >= 20 else ()
        return KeepAlive(*_SSRC.unpack_from(body), *times)
    return None


def _write_block(block: Block) -> bytes:
    lost = max(-(1 << 23), min(block.packets_lost, (1 << 23) - 1)) & 0xFFFFFF
    return _BLOCK.pack(
        block.ssrc,
        block.fraction_lost << 24 | lost,
        block.highest_sequence & 0xFFFFFFFF,
        min(block.jitter, 0xFFFFFFFF),
        block.last_report,
        min(block.since_last_report, 0xFFFFFFFF),
    )


def _read_blocks(body: bytes, at: int, count: int) -> tuple[Block, ...]:
    return tuple(_read_block(body, at + 24 * index) for index in range(count))


def _read_block(body: bytes, at: int) -> Block:
    ssrc, losses, highest, jitter, last, since = _BLOCK.unpack_from(body, at)
    lost = losses & 0xFFFFFF
    if lost >= 1 << 23:
        lost -= 1 << 24
    return Block(ssrc, losses >> 24, lost, highest, jitter, last, since)


def _read_lost(body: bytes) -> tuple[int, ...]:
    sequences: list[int] = []
    for first, mask in _LOST.iter_unpack(body[: len(body) // 4 * 4]):
        sequences.append(first)
        sequences += _masked(first, mask)
    return tuple(sequences)


def _masked(first: int, mask: int) -> Sequence[int]:
    steps = range(16) if mask else ()
    return [(first + 1 + step) & 0xFFFF for step in steps if mask >> step & 1]


def _write_map(losses: Losses) -> bytes:
    """A set bit is a packet that came; the first packet has the highest bit."""
    chunks = -(-losses.count // _CHUNK_BITS)
    came = ~losses.lost & (1 << losses.count) - 1
    came <<= chunks * _CHUNK_BITS - losses.count
    words = [
        _CHUNK | came >> _CHUNK_BITS * (chunks - 1 - place) & _CHUNK - 1
        for place in range(chunks)
    ]
    words += [0] * (chunks % 2)
    end = losses.newest + 1
    head = _MAP_HEAD.pack(
        _LOSS_MAP,
        0,
        2 + len(words) // 2,
        losses.media_ssrc,
        end - losses.count & 0xFFFF,
        end & 0xFFFF,
    )
    return head + struct.pack(f"!{len(words)}H", *words)


def _read_maps(body: bytes) -> list[Losses]:
    """The loss maps of an XR that we can use; other blocks are left out."""
    maps, at = [], 0
    while at + _MAP_HEAD.size <= len(body):
        kind, thinning, words, ssrc, begin, end = _MAP_HEAD.unpack_from(body, at)
        start, at = at + _MAP_HEAD.size, at + 4 + 4 * words
        if at > len(body):
            break
        if kind == _LOSS_MAP and not thinning & 0x0F:
            losses = _read_map(ssrc, begin, end, body[start:at])
            if losses is not None:
                maps.append(losses)
    return maps


def _read_map(ssrc: int, begin: int, end: int, body: bytes) -> Losses | None:
    count = (end - begin) & 0xFFFF
    chunks = -(-count // _CHUNK_BITS)
    if not 0 < count <= MAPPED_MAX or len(body) < 2 * chunks:
        return None
    came = 0
    for chunk in struct.unpack_from(f"!{chunks}H", body):
        if not chunk & _CHUNK:
            return None  # a run length
        came = came << _CHUNK_BITS | chunk & _CHUNK - 1
    came >>= chunks * _CHUNK_BITS - count
    lost = ~came & (1 << count) - 1
    return Losses(ssrc, (end - 1) & 0xFFFF, count, lost)


def _framed(kind: int, count: int, body: bytes) -> bytes:
    return _HEAD.pack(0x80 | count, kind, len(body) // 4) + body
