"""A packet of sound, and the 24-bit clock that dates it end to end.

It does not know what the payload holds nor how it is encrypted.
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.audio import SAMPLE_RATE_HZ

_TICKS_PER_S = 1 << 18
_TICKS = 1 << 24
SENT_AT_WRAP_S = _TICKS / _TICKS_PER_S
"""The 24-bit clock starts again after this many seconds: 64."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet without the parts that belong to a slot (SSRC, payload type).

    `sequence` is 16 bit, `timestamp` 32 bit at 48 kHz. `level` is the loudness in
    -dBov (0 loudest, 127 silence; RFC 6464). `sent_at` is the wall clock at which
    the first sample was captured, as 6.18 fixed point modulo 64 s (abs-send-time).

    `is_redundant` marks a copy that came with a later packet (RED, RFC 2198). It has
    the sequence, timestamp and `sent_at` of the original, and no `level`. A session
    hands copies on just before the packet that carried them, oldest first, and only
    what it has not handed on already; receive buffers refuse duplicates all the same.
    """

    sequence: int
    timestamp: int
    payload: bytes
    marker: bool = False
    level: int | None = None
    sent_at: int | None = None
    is_redundant: bool = False


def sequence_ahead(sequence: int, of: int) -> int:
    """By how many packets a sequence number is ahead; negative is behind."""
    return ((sequence - of + (1 << 15)) & 0xFFFF) - (1 << 15)


def sent_at_from_wall(wall_s: float) -> int:
    """The 24-bit date of `wall_s`, a `time.time()`."""
    return int(wall_s * _TICKS_PER_S) % _TICKS


def earlier(sent_at: int, samples: int) -> int:
    """The date so many samples at 48 kHz before `sent_at`."""
    return (sent_at - samples * _TICKS_PER_S // SAMPLE_RATE_HZ) % _TICKS


def age_s(sent_at: int, wall_s: float) -> float:
    """Seconds from `sent_at` to `wall_s` (a `time.time()`), in -32..32."""
    ticks = (sent_at_from_wall(wall_s) - sent_at) % _TICKS
    if ticks >= _TICKS // 2:
        ticks -= _TICKS
    return ticks / _TICKS_PER_S
