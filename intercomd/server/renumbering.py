"""Numbers of forwarded packets: one unbroken line for each receive slot.

A slot carries one stream after another, but to its receiver (and to SRTP) it is
one RTP stream. Gaps within a stream are kept, so that the receiver sees the loss.
"""

from __future__ import annotations

from intercomd.domain.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ
from intercomd.media.packet import Packet

LATEST = 512
"""A packet this far behind the newest is of no use to anybody."""

JUMP_MAX = 3000
"""A jump further than this, either way, is a sender that starts anew. SRTP counts the
turns of a receiver's numbers by what arrives: two long jumps would be half a turn."""

_SEQUENCES = 1 << 16
_TIMESTAMPS = 1 << 32


class Renumbering:
    """Rewrites the sequence numbers and timestamps of what goes into one slot."""

    def __init__(self, *, sequence: int, timestamp: int) -> None:
        """`sequence` and `timestamp` are those the slot's first packet gets."""
        self._next_sequence = sequence
        self._last_timestamp = timestamp - FRAME_SAMPLES
        self._last_at: float | None = None
        self._newest: int | None = None
        self._span = 0  # from the stream's first packet to its newest, to LATEST
        self._sequence_offset = 0
        self._timestamp_offset = 0

    @property
    def next_sequence(self) -> int:
        """The number that the next stream's first packet gets."""
        return self._next_sequence

    def begin(self) -> None:
        """The packets that follow are of another stream, or the same one resumed."""
        self._newest = None

    def renumber(self, packet: Packet, now: float) -> Packet | None:
        """The packet with its new numbers; None for one older than its stream.

        Hot path: one new packet, nothing else allocated.
        """
        ahead = self._ahead(packet.sequence)
        if ahead is None or abs(ahead) > JUMP_MAX:
            self._start(packet, now)
            ahead = 1
        if ahead < -self._span:
            return None
        sequence = (packet.sequence + self._sequence_offset) % _SEQUENCES
        timestamp = (packet.timestamp + self._timestamp_offset) % _TIMESTAMPS
        if ahead > 0:
            self._newest = packet.sequence
            self._span = min(self._span + ahead, LATEST)
            self._next_sequence = (sequence + 1) % _SEQUENCES
            self._last_timestamp = timestamp
            self._last_at = now
        return Packet(
            sequence,
            timestamp,
            packet.payload,
            packet.marker,
            packet.level,
            packet.sent_at,
        )

    def _ahead(self, sequence: int) -> int | None:
        """How far it is ahead of the newest; None if the stream has no packet yet."""
        if self._newest is None:
            return None
        return _signed(sequence - self._newest, _SEQUENCES)

    def _start(self, packet: Packet, now: float) -> None:
        """This packet gets the next number; none older than it is of its stream."""
        self._span = -1
        self._sequence_offset = self._next_sequence - packet.sequence
        self._timestamp_offset = self._resumed_at(now) - packet.timestamp

    def _resumed_at(self, now: float) -> int:
        """The timestamp of a new stream's first packet: time went on meanwhile."""
        if self._last_at is None:
            return self._last_timestamp + FRAME_SAMPLES
        pause = int((now - self._last_at) * SAMPLE_RATE_HZ)
        return self._last_timestamp + max(pause, FRAME_SAMPLES)


def _signed(difference: int, modulus: int) -> int:
    """A difference of numbers that wrap, as the nearer of the two ways round."""
    difference %= modulus
    return difference - modulus if difference >= modulus // 2 else difference
