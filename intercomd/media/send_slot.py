"""One send slot: its history, and what the other end reports of it. Pure.

It writes datagrams and does not send them.
"""

from __future__ import annotations

from math import inf

from intercomd.domain.audio import SAMPLE_RATE_HZ
from intercomd.domain.errors import PacketMalformed
from intercomd.media import red, rtcp, rtp
from intercomd.media.allowance import Allowance
from intercomd.media.opus import packet_samples
from intercomd.media.packet import Packet
from intercomd.media.redundancy import Redundancy
from intercomd.media.session_stats import SendStats
from intercomd.media.slot_format import SlotFormat

HISTORY_PACKETS = 128
ANSWERS_PER_S = 100.0
"""Repairs per slot and second: a flood of NACKs must not become one of sound."""

PACKET_BYTES_MAX = 1200
"""Copies that would not fit are left out."""

_WINDOW = 512
_ALL = (1 << _WINDOW) - 1


class SendSlot:
    """One RTP stream, with as many copies of earlier packets as its path asks for.

    Only what was sent and lost on this path counts: a number that was never sent, or
    sent late because it was recovered on the way here, says nothing of the path.
    """

    def __init__(self, slot: SlotFormat) -> None:
        assert slot.ssrc is not None, "our own slots announce their SSRC"
        self.ssrc = slot.ssrc
        self.answers = Allowance(ANSWERS_PER_S)
        self.block: rtcp.Block | None = None
        self.packets = 0
        self.octets = 0
        self._redundant_octets = 0
        self._format = slot
        self._redundancy = Redundancy()
        self._may_repeat = True
        self._history: list[tuple[Packet, bytes, float] | None] = [
            None
        ] * HISTORY_PACKETS
        self._newest: int | None = None
        # Bit k stands for the k-th number before the newest.
        self._sent = 0
        self._sent_in_turn = 0
        self._judged: int | None = None
        self._reported = 0
        self._timestamp = 0
        self._sent_at = 0.0

    def write(self, packet: Packet, extensions: rtp.Extensions, now: float) -> bytes:
        """The datagram that carries the packet at `now`. Hot path.

        A copy of a datagram that is sent again is that datagram itself: to encrypt
        anything else under its number would give both away (RFC 3711, 9.1).
        """
        payload = None
        payload_type = self._format.payload_type
        if self._redundancy.distances and self._format.red is not None:
            copies = self._copies(packet)
            if copies:
                payload = red.wrap(packet.payload, copies, payload_type)
                payload_type = self._format.red
                self._redundant_octets += len(payload) - len(packet.payload)
        datagram = rtp.write(
            packet,
            ssrc=self.ssrc,
            payload_type=payload_type,
            extensions=extensions,
            payload=payload,
        )
        self._history[packet.sequence % HISTORY_PACKETS] = packet, datagram, now
        self._timestamp, self._sent_at = packet.timestamp, now
        return datagram

    def count(self, packet: Packet) -> None:
        """The packet that was written last is on its way."""
        self.packets += 1
        self.octets += len(packet.payload)
        if self._newest is None:
            self._newest = packet.sequence - 1
        ahead = (packet.sequence - self._newest) & 0xFFFF
        if 0 < ahead < 0x8000:
            ahead = min(ahead, _WINDOW)
            self._sent = (self._sent << ahead | 1) & _ALL
            self._sent_in_turn = (self._sent_in_turn << ahead | 1) & _ALL
            self._newest = packet.sequence
        else:
            self._sent |= 1 << min(-ahead & 0xFFFF, _WINDOW) & _ALL

    @property
    def may_repeat(self) -> bool:
        """Whether copies may answer losses: those of a full queue ask for none."""
        return self._may_repeat

    @may_repeat.setter
    def may_repeat(self, may_repeat: bool) -> None:
        if self._may_repeat and not may_repeat:
            self._redundancy = Redundancy()
        self._may_repeat = may_repeat

    def round_trip_s(self, block: rtcp.Block, now: float) -> tuple[float, float]:
        """What a report that came at `now` says of the round trip: at least, at most.

        The packet with the highest number had arrived when it was written, the next
        one had not. While sound is sent these are a packet's time apart.
        """
        next_at = self._written_at(block.highest_sequence + 1)
        arrived_at = self._written_at(block.highest_sequence)
        least_s = 0.0 if next_at is None else now - next_at
        return least_s, inf if arrived_at is None else now - arrived_at

    def history_of(self, sequence: int) -> bytes | None:
        """The datagram of this number, exactly as it was sent."""
        entry = self._history[sequence % HISTORY_PACKETS]
        return entry[1] if entry is not None and entry[0].sequence == sequence else None

    def note_block(self, block: rtcp.Block) -> None:
        """The other end reports how many packets it misses, but not which."""
        before, self.block = self.block, block
        if before is None or self._newest is None or self._judged is not None:
            return
        behind = (self._newest - block.highest_sequence) & 0xFFFF
        count = (block.highest_sequence - before.highest_sequence) & 0xFFFFFFFF
        if not 0 < count <= _WINDOW - behind:
            return
        due = (1 << count) - 1
        unsent = count - (self._sent >> behind & due).bit_count()
        lost = block.packets_lost - before.packets_lost - unsent
        if self._may_repeat:
            self._redundancy.note_share(max(0, min(lost, count)), count)

    def note_losses(self, losses: rtcp.Losses) -> None:
        """The other end reports which packets it misses; maps overlap."""
        if self._newest is None:
            return
        behind = (self._newest - losses.newest) & 0xFFFF
        count = losses.count
        if self._judged is not None:
            count = min(count, (losses.newest - self._judged) & 0xFFFF)
        if not count or behind + count > _WINDOW:
            return
        lost = losses.lost & self._sent_in_turn >> behind & (1 << count) - 1
        self._judged = losses.newest
        if self._may_repeat:
            self._redundancy.note(lost, count)

    def talked_since_report(self) -> bool:
        """Whether there is something to report."""
        return self.packets > self._reported

    def report(self, ntp: int, now: float) -> rtcp.SenderReport:
        """What was sent so far."""
        self._reported = self.packets
        elapsed = int((now - self._sent_at) * SAMPLE_RATE_HZ)
        timestamp = (self._timestamp + elapsed) & 0xFFFFFFFF
        return rtcp.SenderReport(self.ssrc, ntp, timestamp, self.packets, self.octets)

    def stats(self) -> SendStats:
        """The counters as they are now."""
        block = self.block
        return SendStats(
            packets=self.packets,
            bytes=self.octets,
            loss=None if block is None else block.fraction_lost / 256,
            jitter_ms=None if block is None else 1000 * block.jitter / SAMPLE_RATE_HZ,
            lost=0 if block is None else block.packets_lost,
            due=0 if block is None else block.highest_sequence,
            redundant_bytes=self._redundant_octets,
            distances=() if self._format.red is None else self._redundancy.distances,
        )

    def _written_at(self, sequence: int) -> float | None:
        entry = self._history[sequence % HISTORY_PACKETS]
        is_it = entry is not None and entry[0].sequence == sequence & 0xFFFF
        return entry[2] if entry is not None and is_it else None

    def _copies(self, packet: Packet) -> list[red.Copy]:
        """Copies of earlier packets, oldest first.

        RED says how much earlier, not which number: the receiver divides by the
        copy's own length. So a copy must lie a whole number of its lengths back.
        """
        copies: list[red.Copy] = []
        room = PACKET_BYTES_MAX - len(packet.payload)
        for distance in self._redundancy.distances:
            sequence = (packet.sequence - distance) & 0xFFFF
            entry = self._history[sequence % HISTORY_PACKETS]
            if entry is None or entry[0].sequence != sequence:
                continue
            payload = entry[0].payload
            offset = (packet.timestamp - entry[0].timestamp) & 0xFFFFFFFF
            room -= len(payload) + 4
            if (
                room >= 0
                and len(payload) <= red.COPY_BYTES_MAX
                and offset <= red.OFFSET_MAX
                and offset == distance * _samples(payload)
            ):
                copies.append(red.Copy(offset, payload))
        copies.reverse()
        return copies


def _samples(payload: bytes) -> int:
    try:
        return packet_samples(payload)
    except PacketMalformed:
        return 0
