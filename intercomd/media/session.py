"""One RTP session without I/O: slots, reports, repair.

Datagrams come in as arguments and go out through `transmit`; time is an argument.
It does not know how datagrams are encrypted or carried.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from intercomd.media import rtcp, rtp
from intercomd.media.congestion import Congestion
from intercomd.media.liveness import Liveness
from intercomd.media.opus import PAYLOAD_BYTES_MAX
from intercomd.media.packet import Packet
from intercomd.media.receive_slot import ReceiveSlot
from intercomd.media.reception import Reception
from intercomd.media.send_slot import SendSlot
from intercomd.media.session_stats import PeerStats, ReceiveSlotStats, SendStats
from intercomd.media.slot_format import SlotFormat

REPORT_S = (0.5, 1.5)
EARLY_REPORT_S = 0.1
"""Losses are reported at once, but never more often than this."""

_MAPS_MAX = 12
"""More would not fit into one datagram; of the others the report blocks tell."""

_RTT_MAX_S = 10.0
_RTT_ROUNDING_S = 0.001
_RTT_WEIGHT = 0.25
_NTP_EPOCH_S = 2_208_988_800

OnPacket = Callable[[int, Packet, float], None]
"""Takes the receive slot, its packet and the `time.monotonic()` of its arrival."""


class Session:
    """A machine in all but its name: `deadline` says when `tick` wants a call."""

    def __init__(
        self,
        *,
        send_slots: Sequence[SlotFormat],
        receive_slots: Sequence[SlotFormat],
        extensions: rtp.Extensions,
        transmit: Callable[[bytes], bool],
        on_packet: OnPacket,
        cname: str,
        wall_offset_s: float,
        now: float,
    ) -> None:
        """`wall_offset_s` is `time.time()` less the clock that `now` is on.

        It is taken once, so that a stepped wall clock cannot upset the round trip.
        """
        self._senders = [SendSlot(slot) for slot in send_slots]
        self._receivers = [
            ReceiveSlot(index, slot) for index, slot in enumerate(receive_slots)
        ]
        self._sender_of = {slot.ssrc: slot for slot in self._senders}
        self._receiver_of = {
            slot.format.ssrc: slot
            for slot in self._receivers
            if slot.format.ssrc is not None
        }
        self._extensions = extensions
        self._transmit = transmit
        self._on_packet = on_packet
        self._cname = cname
        self._ntp_offset_s = wall_offset_s + _NTP_EPOCH_S
        self._own_ssrc = (
            self._senders[0].ssrc if self._senders else random.getrandbits(32) or 1
        )
        self._reported_at = now
        self._report_at = now + random.uniform(*REPORT_S)
        self._gaps_due_at: float | None = None
        self._liveness = Liveness(now)
        self._rtt_s: float | None = None
        self._congestion = Congestion()
        self._echo_judged = int((now + self._ntp_offset_s - 1.0) * 65536) & 0xFFFFFFFF
        self._heard_time = 0
        self._heard_time_at = 0.0
        self._packets_received = 0
        self._bytes_received = 0
        self._nacks_sent = 0
        self._nacks_answered = 0

    @property
    def deadline(self) -> float:
        """When `tick` is due."""
        due = min(self._report_at, self._liveness.deadline)
        return due if self._gaps_due_at is None else min(due, self._gaps_due_at)

    def is_silent(self, now: float) -> bool:
        """Whether the other end, which promised to, has said nothing for 600 ms."""
        return self._liveness.is_silent(now)

    def send(self, slot: int, packet: Packet, now: float) -> bool:
        """Send at once; False if it could not be. Hot path: one bytes object.

        A slot is one RTP stream for life: numbers may leave gaps, not start anew.
        """
        if len(packet.payload) > PAYLOAD_BYTES_MAX:
            return False
        sender = self._senders[slot]
        datagram = sender.write(packet, self._extensions, now)
        if not self._transmit(datagram):
            return False
        sender.count(packet)
        self._liveness.sent_at = now
        return True

    def rtp_received(self, datagram: bytes, now: float) -> None:
        """A decrypted RTP datagram arrived at `now`. Never raises on its content."""
        received = rtp.read(datagram, self._extensions)
        if received is None:
            return
        slot = self._receiver_of.get(received.ssrc) or self._adopt(received.ssrc)
        packets = None if slot is None else slot.received(received, now)
        if slot is None or packets is None:
            return
        self._liveness.heard_at = now
        self._packets_received += 1
        self._bytes_received += len(received.packet.payload)
        if slot.gaps.deadline is not None or self._gaps_due_at is not None:
            self._look_after(slot, now)
            self._gaps_due_at = self._earliest_gap()
        for packet in packets:
            self._on_packet(slot.index, packet, now)

    def rtcp_received(self, datagram: bytes, now: float) -> None:
        """A decrypted RTCP datagram arrived at `now`. Never raises on its content."""
        self._liveness.heard_at = now
        for report in rtcp.read(datagram):
            match report:
                case rtcp.SenderReport(ssrc=ssrc, ntp=ntp, blocks=blocks):
                    self._note_blocks(blocks, now)
                    slot = self._receiver_of.get(ssrc)
                    if slot is not None:
                        slot.reception.reported(ntp, now)
                case rtcp.ReceiverReport(blocks=blocks):
                    self._note_blocks(blocks, now)
                case rtcp.Nack(media_ssrc=ssrc, sequences=sequences):
                    self._answer(ssrc, sequences, now)
                case rtcp.Losses(media_ssrc=ssrc):
                    sender = self._sender_of.get(ssrc)
                    if sender is not None:
                        sender.note_losses(report)
                case rtcp.KeepAlive():
                    self._liveness.kept_alive()
                    self._note_echo(report, now)

    def tick(self, now: float) -> None:
        """Do what is due at `now`: ask again, report, keep alive."""
        if self._gaps_due_at is not None and now >= self._gaps_due_at:
            for slot in self._receivers:
                self._look_after(slot, now)
            self._gaps_due_at = self._earliest_gap()
        if now >= self._report_at:
            self._report(now)
        if now >= self._liveness.deadline:
            is_sent = self._transmit(self._keep_alive(now))
            self._liveness.tried(now, is_sent=is_sent)

    def stats(self) -> PeerStats:
        """The counters as they are now."""
        blocks = [slot.block for slot in self._senders if slot.block is not None]
        worst = max(blocks, key=lambda block: block.fraction_lost, default=None)
        return PeerStats(
            packets_sent=sum(slot.packets for slot in self._senders),
            bytes_sent=sum(slot.octets for slot in self._senders),
            packets_received=self._packets_received,
            bytes_received=self._bytes_received,
            rtt_ms=None if self._rtt_s is None else self._rtt_s * 1000,
            loss=None if worst is None else worst.fraction_lost / 256,
            jitter_ms=None if worst is None else worst.jitter / 48,
            nacks_sent=self._nacks_sent,
            nacks_answered=self._nacks_answered,
            is_queueing=self._congestion.is_queueing,
            is_late=self._congestion.is_late,
        )

    def send_stats(self, slot: int) -> SendStats:
        """One send slot's figures; all zero for one that was not agreed."""
        if slot >= len(self._senders):
            return SendStats()
        return self._senders[slot].stats()

    def receive_stats(self, slot: int) -> ReceiveSlotStats:
        """One receive slot's figures; all zero for one that was not agreed."""
        if slot >= len(self._receivers):
            return ReceiveSlotStats()
        return self._receivers[slot].stats()

    def _adopt(self, ssrc: int) -> ReceiveSlot | None:
        """The only slot whose SSRC was not announced, if there is just one."""
        open_slots = [slot for slot in self._receivers if slot.format.ssrc is None]
        if len(open_slots) != 1 or open_slots[0].reception.ssrc:
            return None
        slot = open_slots[0]
        slot.reception = Reception(ssrc)
        self._receiver_of[ssrc] = slot
        return slot

    def _look_after(self, slot: ReceiveSlot, now: float) -> None:
        """Ask for what is missing; report soon if something was lost."""
        missing = slot.gaps.due(now, self._rtt_s or 0.0)
        if missing and slot.format.nack:
            nack = rtcp.Nack(self._own_ssrc, slot.reception.ssrc, tuple(missing))
            if self._transmit(rtcp.write_nack(nack)):
                self._nacks_sent += len(missing)
        if slot.gaps.take_alarm():
            soon = max(now, self._reported_at + EARLY_REPORT_S)
            self._report_at = min(self._report_at, soon)

    def _earliest_gap(self) -> float | None:
        deadlines = [slot.gaps.deadline for slot in self._receivers]
        return min((at for at in deadlines if at is not None), default=None)

    def _answer(self, ssrc: int, sequences: tuple[int, ...], now: float) -> None:
        """Not into a queue: there a repair comes too late and makes others late."""
        sender = self._sender_of.get(ssrc)
        if sender is None or self._congestion.is_queueing:
            return
        for sequence in sequences[: sender.answers.take(len(sequences), now)]:
            datagram = sender.history_of(sequence)
            if datagram is not None and self._transmit(datagram):
                self._nacks_answered += 1

    def _note_blocks(self, blocks: tuple[rtcp.Block, ...], now: float) -> None:
        for block in blocks:
            sender = self._sender_of.get(block.ssrc)
            if sender is not None:
                least_s, most_s = sender.round_trip_s(block, now)
                self._judge(least_s, most_s, now)
                sender.note_block(block)
                self._note_round_trip(block, now)

    def _note_round_trip(self, block: rtcp.Block, now: float) -> None:
        """RFC 3550, 6.4.1: arrival less last report less the delay in between."""
        if block.last_report:
            self._take_round_trip(block.last_report, block.since_last_report, now)

    def _note_echo(self, alive: rtcp.KeepAlive, now: float) -> None:
        """The same of keep-alives, for who sends nothing that could be reported."""
        if alive.sent:
            self._heard_time, self._heard_time_at = alive.sent, now
        if alive.echoed:
            self._take_round_trip(alive.echoed, alive.held, now)

    def _keep_alive(self, now: float) -> bytes:
        held = int((now - self._heard_time_at) * 65536) if self._heard_time else 0
        sent = self._ntp(now) >> 16 & 0xFFFFFFFF
        alive = rtcp.KeepAlive(
            self._own_ssrc, sent, self._heard_time, min(held, 0xFFFFFFFF)
        )
        return rtcp.write_keep_alive(alive)

    def _take_round_trip(self, sent: int, held: int, now: float) -> None:
        ticks = (self._ntp(now) >> 16) - sent - held
        rtt_s = (((ticks + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)) / 65536
        if not -_RTT_ROUNDING_S < rtt_s < _RTT_MAX_S:
            return
        rtt_s = max(0.0, rtt_s)
        if 0 < (sent - self._echo_judged) & 0xFFFFFFFF < 1 << 31:
            # An echo that is told again is of a path as it was.
            self._echo_judged = sent
            self._judge(rtt_s, rtt_s, now)
        if self._rtt_s is None:
            self._rtt_s = rtt_s
        else:
            self._rtt_s += _RTT_WEIGHT * (rtt_s - self._rtt_s)

    def _judge(self, least_s: float, most_s: float, now: float) -> None:
        """Copies give way to a queue at once."""
        self._congestion.note(least_s, most_s, now)
        for sender in self._senders:
            sender.may_repeat = not self._congestion.is_queueing

    def _report(self, now: float) -> None:
        self._reported_at = now
        self._report_at = now + random.uniform(*REPORT_S)
        blocks = [slot.reception.block(now) for slot in self._receivers]
        known = tuple(block for block in blocks if block is not None)
        parts = [
            rtcp.write_sender_report(sender.report(self._ntp(now), now))
            for sender in self._senders
            if sender.talked_since_report()
        ]
        if known:
            report = rtcp.ReceiverReport(self._own_ssrc, known)
            parts.append(rtcp.write_receiver_report(report))
        maps = [slot.gaps.losses(slot.reception.ssrc) for slot in self._receivers]
        news = [losses for losses in maps if losses is not None]
        if news:
            parts.append(rtcp.write_losses(self._own_ssrc, news[:_MAPS_MAX]))
        if parts:
            parts.append(rtcp.write_source_description(self._own_ssrc, self._cname))
            # Who talks without a pause has to make the promise, too.
            parts.append(self._keep_alive(now))
            self._transmit(b"".join(parts))

    def _ntp(self, now: float) -> int:
        return int((now + self._ntp_offset_s) * (1 << 32))
