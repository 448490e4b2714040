"""One receive slot: from RTP to packets, each handed on once. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from intercomd.domain.audio import FRAME_S, SAMPLE_RATE_HZ
from intercomd.domain.errors import PacketMalformed
from intercomd.media import red, rtp
from intercomd.media.allowance import Allowance
from intercomd.media.gaps import YOUNG_S, Gaps
from intercomd.media.opus import packet_samples
from intercomd.media.packet import Packet, earlier
from intercomd.media.reception import Reception
from intercomd.media.session_stats import ReceiveSlotStats
from intercomd.media.slot_format import SlotFormat

PACKETS_PER_S = 600.0
"""So much is handed on, and as much at once: six times what 10 ms packets make, and
the backlog of an outage of seconds. Every packet costs its forwarder one a listener."""


class ReceiveSlot:
    """Takes what arrives for one SSRC and undoes redundancy."""

    def __init__(self, index: int, slot: SlotFormat) -> None:
        self.index = index
        self.format = slot
        self.reception = Reception(slot.ssrc or 0)
        self.gaps = Gaps()
        self._allowance = Allowance(PACKETS_PER_S)
        self._octets = 0
        self._recovered = 0

    def received(self, received: rtp.Received, now: float) -> list[Packet] | None:
        """The packets to hand on, in order; None for what is not of this slot.

        More than `PACKETS_PER_S` are left out. A browser that probes its path sends
        packets of padding alone; they have numbers, so they are handed on, too. Hot
        path: without redundancy only the list is allocated.
        """
        packet, span = received.packet, 0
        copies: Sequence[red.Copy] = ()
        if received.payload_type != self.format.payload_type:
            if received.payload_type != self.format.red:
                return None
            if packet.payload:
                unwrapped = red.unwrap(packet.payload, self.format.payload_type)
                if unwrapped is None:
                    return None
                payload, copies = unwrapped
                packet = _with_payload(packet, payload)
                span = copies[0].offset if copies else 0
        self._octets += len(packet.payload)
        self.reception.received(packet.sequence, packet.timestamp, now)
        is_new = self.gaps.received(
            packet.sequence,
            now,
            patience_s=self._patience_s(),
            span_s=span / SAMPLE_RATE_HZ,
        )
        packets = self._recover(packet, copies) if copies else []
        if is_new:
            packets.append(packet)
        del packets[self._allowance.take(len(packets), now) :]
        return packets

    def stats(self) -> ReceiveSlotStats:
        """The counters as they are now."""
        expected, received = self.reception.counts
        jitter_ms = 1000 * self.reception.jitter_s
        return ReceiveSlotStats(
            expected, received, self._octets, jitter_ms, self._recovered
        )

    def _patience_s(self) -> float:
        """How long a packet may be overtaken for: not at all on a steady path."""
        wait_s = 3 * self.reception.jitter_s
        return 0.0 if wait_s < FRAME_S else min(wait_s, YOUNG_S)

    def _recover(self, packet: Packet, copies: Sequence[red.Copy]) -> list[Packet]:
        packets = []
        for copy in copies:
            distance = _distance(copy)
            sequence = (packet.sequence - distance) & 0xFFFF
            if distance and self.gaps.recovered(sequence):
                packets.append(_original(packet, sequence, copy))
        self._recovered += len(packets)
        return packets


def _distance(copy: red.Copy) -> int:
    """How many packets back the original is; 0 if that cannot be told."""
    try:
        distance, rest = divmod(copy.offset, packet_samples(copy.payload))
    except PacketMalformed:
        return 0
    return 0 if rest else distance


def _original(packet: Packet, sequence: int, copy: red.Copy) -> Packet:
    sent_at = packet.sent_at
    return Packet(
        sequence,
        (packet.timestamp - copy.offset) & 0xFFFFFFFF,
        copy.payload,
        sent_at=None if sent_at is None else earlier(sent_at, copy.offset),
        is_redundant=True,
    )


def _with_payload(packet: Packet, payload: bytes) -> Packet:
    return Packet(
        packet.sequence,
        packet.timestamp,
        payload,
        packet.marker,
        packet.level,
        packet.sent_at,
    )
