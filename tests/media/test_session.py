"""Two RTP sessions on a simulated wire: slots, repair, reports. Time is a number."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest

from intercomd.media import rtcp, rtp
from intercomd.media.liveness import FIRST_PROMISES
from intercomd.media.packet import Packet, earlier
from intercomd.media.rtp import Extensions
from intercomd.media.send_slot import HISTORY_PACKETS
from intercomd.media.session import Session
from intercomd.media.slot_format import SlotFormat

EXTENSIONS = Extensions(level=1, sent_at=2)
WALL_OFFSET_S = 1_800_000_000.0


def is_keep_alive(datagram: bytes) -> bool:
    return [type(each) for each in rtcp.read(datagram)] == [rtcp.KeepAlive]


class Wire:
    """A session on either end; what one transmits waits until `carry`.

    Keep-alives are counted and not delivered.
    """

    def __init__(
        self, *, delay_s: float = 0.0, has_nack: bool = True, has_red: bool = True
    ) -> None:
        self.heard: list[tuple[int, Packet, float]] = []
        self.is_up = True
        self.keep_alives = 0
        self.delay_s = delay_s
        self._under_way: deque[tuple[Session, bytes]] = deque()
        red = 63 if has_red else None
        slots = [SlotFormat(ssrc, 111, nack=has_nack, red=red) for ssrc in (10, 11)]
        self.talker = self._session(slots, [])
        self.listener = self._session([], slots)

    def _session(self, sends: list[SlotFormat], receives: list[SlotFormat]) -> Session:
        return Session(
            send_slots=sends,
            receive_slots=receives,
            extensions=EXTENSIONS,
            transmit=self._to_talker if receives else self._to_listener,
            on_packet=lambda *packet: self.heard.append(packet),
            cname="test",
            wall_offset_s=WALL_OFFSET_S,
            now=0.0,
        )

    def _to_talker(self, datagram: bytes) -> bool:
        return self._send(self.talker, datagram)

    def _to_listener(self, datagram: bytes) -> bool:
        return self._send(self.listener, datagram)

    def _send(self, to: Session, datagram: bytes) -> bool:
        if is_keep_alive(datagram):
            self.keep_alives += 1
        else:
            self._under_way.append((to, datagram))
        return self.is_up

    def lose(self) -> None:
        """What is under way never arrives."""
        self._under_way.clear()

    def carry(self, now: float) -> float:
        """Deliver all that is under way, and what it causes; returns the time."""
        while self._under_way:
            now += self.delay_s
            self.deliver(now)
        return now

    def deliver(self, now: float) -> None:
        """Deliver what is under way, but not what it causes."""
        for _ in range(len(self._under_way)):
            session, datagram = self._under_way.popleft()
            if 192 <= datagram[1] < 224:
                session.rtcp_received(datagram, now)
            else:
                session.rtp_received(datagram, now)


def packet(sequence: int) -> Packet:
    return Packet(sequence & 0xFFFF, 480 * sequence, b"sound", level=9, sent_at=77)


def test_packet_arrives_on_its_slot_as_it_was_sent() -> None:
    wire = Wire()
    assert wire.talker.send(1, packet(5), 1.0)
    wire.carry(1.5)
    assert wire.heard == [(1, packet(5), 1.5)]


def test_unknown_slot_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        Wire().talker.send(2, packet(5), 1.0)


def test_packet_that_cannot_be_sent_is_not_counted() -> None:
    wire = Wire()
    wire.is_up = False
    assert not wire.talker.send(0, packet(5), 1.0)
    assert wire.talker.stats().packets_sent == 0


def test_payload_longer_than_opus_can_be_is_not_sent() -> None:
    assert not Wire().talker.send(0, Packet(1, 2, bytes(1276)), 1.0)


def test_lost_packet_is_asked_for_and_sent_again() -> None:
    wire = Wire()
    wire.talker.send(0, packet(1), 1.0)
    wire.carry(1.0)
    wire.talker.send(0, packet(2), 1.01)
    wire.lose()
    wire.talker.send(0, packet(3), 1.02)
    wire.carry(1.02)
    assert [each[1].sequence for each in wire.heard] == [1, 3, 2]
    assert wire.heard[-1][1] == packet(2)
    assert wire.listener.stats().nacks_sent == 1
    assert wire.talker.stats().nacks_answered == 1


def test_question_that_is_lost_is_asked_again_when_due() -> None:
    wire = Wire()
    wire.talker.send(0, packet(1), 0.1)
    wire.carry(0.1)
    wire.talker.send(0, packet(2), 0.11)
    wire.lose()
    wire.talker.send(0, packet(3), 0.12)
    wire.deliver(0.12)
    wire.lose()
    wire.listener.tick(0.12)
    wire.lose()  # the report of the loss
    assert wire.listener.deadline == pytest.approx(0.14)
    wire.listener.tick(0.14)
    wire.carry(0.14)
    assert wire.listener.stats().nacks_sent == 2
    assert [each[1].sequence for each in wire.heard] == [1, 3, 2]
    assert wire.listener.deadline >= 0.2  # nothing is asked any more


def test_flood_of_questions_gets_a_limited_answer() -> None:
    wire = Wire()
    for sequence in range(HISTORY_PACKETS):
        wire.talker.send(0, packet(sequence), 1.0)
    wire.lose()
    nack = rtcp.write_nack(rtcp.Nack(1, 10, tuple(range(HISTORY_PACKETS))))
    for _ in range(100):
        wire.talker.rtcp_received(nack, 1.0)
    assert wire.talker.stats().nacks_answered == 100


def test_packet_older_than_the_history_is_not_sent_again() -> None:
    wire = Wire()
    for sequence in range(HISTORY_PACKETS + 1):
        wire.talker.send(0, packet(sequence), 1.0)
    wire.talker.rtcp_received(rtcp.write_nack(rtcp.Nack(1, 10, (0, 1))), 1.0)
    assert wire.talker.stats().nacks_answered == 1


def test_reports_tell_round_trip_loss_and_jitter() -> None:
    wire = Wire(delay_s=0.015)
    now = 1.0
    for sequence in range(1, 101):
        wire.talker.send(0, packet(sequence), now)
        if sequence % 10 == 0:
            wire.lose()
        else:
            wire.carry(now)
        now += 0.01
    wire.talker.tick(now)
    wire.carry(now)
    wire.listener.tick(now + 0.2)
    wire.carry(now + 0.2)
    stats = wire.talker.stats()
    assert stats.rtt_ms == pytest.approx(30, abs=1)
    assert stats.loss is not None
    assert stats.jitter_ms is not None
    assert stats.jitter_ms < 5


def test_reports_of_a_path_without_loss_come_every_half_to_one_and_a_half_seconds() -> (
    None
):
    wire = Wire()
    now = reported_at = 0.0
    for sequence in range(2000):
        now += 0.01
        wire.talker.send(0, packet(sequence), now)
        wire.lose()
        wire.talker.tick(now)
        if wire._under_way:
            assert 0.5 <= now - reported_at <= 1.52
            reported_at = now
            wire.lose()
    assert reported_at > 18
    assert wire.keep_alives == FIRST_PROMISES


OPUS_10_MS = bytes((0xF0,))


def sound(number: int) -> Packet:
    """The number-th packet of a stream of 10 ms packets."""
    return Packet(
        number, 480 * number, OPUS_10_MS + bytes((number % 256,)), level=9, sent_at=77
    )


def talk(wire: Wire, lost: set[int], count: int) -> list[Packet]:
    """Send so many packets, without those that are lost; what the listener heard."""
    for number in range(count):
        now = 1 + number / 100
        wire.talker.send(0, sound(number), now)
        if number in lost:
            wire.lose()
        wire.carry(now)
        for session in (wire.talker, wire.listener):
            if session.deadline <= now:
                session.tick(now)
        wire.carry(now)
    return [packet for _, packet, _ in wire.heard]


def test_path_that_loses_nothing_carries_no_copies() -> None:
    wire = Wire()
    talk(wire, set(), 500)
    assert wire.talker.send_stats(0).redundant_bytes == 0
    assert wire.talker.send_stats(0).distances == ()


def test_losses_are_reported_within_a_tenth_of_a_second_and_made_good() -> None:
    wire = Wire(has_nack=False)
    lost = {50, 60, 70, 85, 101}
    heard = talk(wire, lost, 120)
    assert wire.talker.send_stats(0).distances == (1,)
    assert sorted(set(range(120)) - {packet.sequence for packet in heard}) == [
        50,
        60,
        70,
    ]
    copy = next(packet for packet in heard if packet.sequence == 101)
    assert copy.is_redundant
    assert copy.timestamp == sound(101).timestamp
    assert copy.payload == sound(101).payload
    assert copy.sent_at == earlier(77, 480)


def test_copy_is_handed_on_just_before_the_packet_that_carried_it() -> None:
    wire = Wire(has_nack=False)
    heard = talk(wire, {50, 60, 70, 85}, 90)
    assert [packet.sequence for packet in heard][-5:] == [85, 86, 87, 88, 89]


def test_packet_with_copies_carries_level_and_capture_time() -> None:
    wire = Wire(has_nack=False)
    heard = talk(wire, {50, 60, 70}, 90)
    assert wire.talker.send_stats(0).redundant_bytes > 0
    assert heard[-1] == sound(89)


def test_copies_go_only_to_who_understands_them() -> None:
    wire = Wire(has_nack=False, has_red=False)
    talk(wire, {50, 60, 70, 85}, 90)
    assert wire.talker.send_stats(0).redundant_bytes == 0


def test_nothing_is_asked_for_that_a_copy_brings() -> None:
    wire = Wire()
    talk(wire, {50, 60, 70, 85, 101, 105}, 120)
    assert wire.listener.stats().nacks_sent == 3  # those before there were copies
    assert wire.listener.receive_stats(0).recovered == 3


def test_what_was_lost_on_the_way_here_asks_for_no_copies_on_the_way_on() -> None:
    """Every tenth packet never came here, or as a copy that came with a later one."""
    wire = Wire()
    for number in range(300):
        now = 1 + number / 100
        if number % 10:
            wire.talker.send(0, sound(number), now)
        if number % 20 == 2:
            wire.talker.send(0, sound(number - 2), now)
        wire.carry(now)
        wire.listener.tick(now)
        wire.carry(now)
    assert wire.talker.send_stats(0).distances == ()
    assert len(wire.heard) == 300 - 15


def test_padding_among_redundant_packets_is_no_loss() -> None:
    wire = Wire()
    talk(wire, {50, 60, 70}, 90)
    padding = rtp.write(
        Packet(90, 480 * 89, b""), ssrc=10, payload_type=63, extensions=EXTENSIONS
    )
    wire.listener.rtp_received(padding, 2.9)
    wire.talker.send(0, sound(91), 2.91)
    wire.carry(2.91)
    assert [packet.sequence for _, packet, _ in wire.heard][-3:] == [89, 90, 91]
    assert not wire.listener.receive_stats(0).recovered


def test_copies_do_not_reach_across_a_pause() -> None:
    wire = Wire(has_nack=False)
    talk(wire, {50, 60, 70}, 90)
    resumed = replace(sound(90), timestamp=480 * 190)
    before = wire.talker.send_stats(0).redundant_bytes
    wire.talker.send(0, resumed, 2.9)
    assert wire.talker.send_stats(0).redundant_bytes == before


def test_packet_asked_for_is_sent_again_bit_by_bit() -> None:
    wire = Wire()
    talk(wire, {50, 60, 70}, 90)
    wire.talker.send(0, sound(90), 2.9)
    _, datagram = wire._under_way[-1]
    wire.talker.rtcp_received(rtcp.write_nack(rtcp.Nack(1, 10, (90,))), 2.91)
    assert wire._under_way[-1][1] == datagram


def test_who_reports_shares_only_gets_copies_two_packets_away() -> None:
    wire = Wire()
    for number in range(400):
        wire.talker.send(0, sound(number), number / 100)
        wire.lose()
    for highest, lost in ((199, 0), (399, 20)):
        block = rtcp.Block(10, 0, lost, highest, 0, 0, 0)
        report = rtcp.ReceiverReport(1, (block,))
        wire.talker.rtcp_received(rtcp.write_receiver_report(report), 4.0)
    assert wire.talker.send_stats(0).distances == (2,)


def test_who_sends_nothing_keeps_alive_five_times_a_second() -> None:
    wire = Wire()
    now = 0.0
    for _ in range(50):
        now = wire.listener.deadline
        wire.listener.tick(now)
    assert wire.keep_alives == pytest.approx(now * 5, abs=1)


def test_who_only_listens_measures_the_round_trip_by_keep_alives() -> None:
    wire = Wire()
    listener, talker = wire.listener, wire.talker
    for now in (1.0, 2.0):  # each takes 30 ms there, is held 100 ms, 20 ms back
        said = keep_alive_of(listener, now)
        talker.rtcp_received(said, now + 0.03)
        answer = keep_alive_of(talker, now + 0.13)
        listener.rtcp_received(answer, now + 0.15)
    assert listener.stats().rtt_ms == pytest.approx(50, abs=1)
    assert talker.stats().rtt_ms is not None


def test_a_keep_alive_without_times_is_no_round_trip() -> None:
    wire = Wire()
    wire.listener.rtcp_received(rtcp.write_keep_alive(rtcp.KeepAlive(7)), 1.0)
    assert wire.listener.stats().rtt_ms is None


def keep_alive_of(session: Session, now: float) -> bytes:
    sent: list[bytes] = []

    def transmit(datagram: bytes) -> bool:
        sent.append(datagram)
        return True

    real, session._transmit = session._transmit, transmit
    session._liveness.sent_at = now - 1
    session._report_at = now + 1
    session.tick(now)
    session._transmit = real
    return sent[-1]


def test_silence_is_noticed_of_who_promised_to_speak() -> None:
    wire = Wire()
    wire.talker.rtcp_received(rtcp.write_keep_alive(rtcp.KeepAlive(7)), 1.0)
    assert not wire.talker.is_silent(1.59)
    assert wire.talker.is_silent(1.61)
    wire.talker.rtcp_received(rtcp.write_keep_alive(rtcp.KeepAlive(7)), 2.0)
    assert not wire.talker.is_silent(2.1)


def test_silent_session_reports_nothing() -> None:
    wire = Wire()
    wire.talker.tick(2.0)
    wire.listener.tick(2.0)
    assert not wire._under_way


def test_report_from_an_impossible_past_is_no_round_trip() -> None:
    wire = Wire()
    block = rtcp.Block(10, 0, 0, 0, 0, 0x12345678, 0)
    wire.talker.rtcp_received(
        rtcp.write_receiver_report(rtcp.ReceiverReport(1, (block,))), 1.0
    )
    assert wire.talker.stats().rtt_ms is None


def test_stranger_and_foreign_payload_type_are_ignored() -> None:
    wire = Wire()
    wire.talker.send(0, packet(1), 1.0)
    _, datagram = wire._under_way.pop()
    for changed in (datagram[:8] + b"1234" + datagram[12:], b"\x90\x70" + datagram[2:]):
        wire.listener.rtp_received(changed, 1.0)
    assert wire.heard == []


def test_only_slot_without_announced_ssrc_adopts_the_first_one() -> None:
    heard: list[int] = []
    session = Session(
        send_slots=[],
        receive_slots=[SlotFormat(None, 111)],
        extensions=EXTENSIONS,
        transmit=lambda _: True,
        on_packet=lambda slot, packet, _: heard.append(packet.sequence),
        cname="test",
        wall_offset_s=0.0,
        now=0.0,
    )
    wire = Wire()
    for slot, sequence in ((0, 1), (1, 2), (0, 3)):
        wire.talker.send(slot, packet(sequence), 1.0)
        session.rtp_received(wire._under_way.pop()[1], 1.0)
    assert heard == [1, 3]
