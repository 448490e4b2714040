"""A sender on a path that is narrow for a while, in virtual time, without sound."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from itertools import count

import pytest

from intercomd.domain.room import Scenario
from intercomd.engine.sound_settings import (
    LONGEST_MS,
    SCENARIOS,
    SoundSettings,
    fitted,
    headers_kbps,
)
from intercomd.media.packet import Packet
from intercomd.media.rate_control import RateControl
from intercomd.media.rtp import Extensions
from intercomd.media.session import Session
from intercomd.media.slot_format import SlotFormat
from tests.bench.hub import Impairment, Link

CALL = SCENARIOS[Scenario.DEFAULT]
FIRST_BYTE = {10: 30 << 3, 20: 31 << 3, 60: 11 << 3}
"""Opus' own word for how long a packet lasts (RFC 6716, 3.1)."""

UDP_IP_SRTP_BYTES = 38
LEAST_KBPS = 8
HEARD_MAX_S = 0.4


@dataclass
class NarrowCall:
    """Talker and listener; `up` is the talker's way, the way back is a good one."""

    now: float = 100.0
    up: Link = field(default_factory=Link)
    used: SoundSettings = CALL
    delays_s: list[float] = field(default_factory=list)
    sent: int = 0

    def __post_init__(self) -> None:
        random.seed(1)  # of when reports are due
        slots = [SlotFormat(10, 111, nack=True, red=63)]
        self.talker = self._session(slots, [])
        self.listener = self._session([], slots)
        self.control = RateControl(CALL.path_kbps)
        self._order = count()
        self._under_way: list[tuple[float, int, Session, bytes]] = []
        self._captured: dict[int, float] = {}
        self._timestamp = 0
        self._packet_due = self.now

    @property
    def copies(self) -> tuple[int, ...]:
        return self.talker.send_stats(0).distances

    def go_on(self, seconds: float) -> None:
        """Talk without a pause; `delays_s` are of what arrives in this time."""
        self.delays_s = []
        self.sent = 0
        for _ in range(round(1000 * seconds)):
            self.now += 0.001
            self._talk()
            while self._under_way and self._under_way[0][0] <= self.now:
                _, _, to, datagram = heapq.heappop(self._under_way)
                if 192 <= datagram[1] < 224:
                    to.rtcp_received(datagram, self.now)
                else:
                    to.rtp_received(datagram, self.now)
            for session in (self.talker, self.listener):
                if self.now >= session.deadline:
                    session.tick(self.now)
            if round(1000 * self.now) % 100 == 0:
                self._adapt()

    def _talk(self) -> None:
        if self.now < self._packet_due:
            return
        self._packet_due += self.used.frame_ms / 1000
        size = round(self.used.bitrate_kbps * self.used.frame_ms / 8)
        payload = bytes((FIRST_BYTE[self.used.frame_ms],)).ljust(size, b"x")
        number = len(self._captured) + 1
        self._captured[number] = self.now
        self._timestamp += 48 * self.used.frame_ms
        sound = Packet(number & 0xFFFF, self._timestamp, payload, level=9, sent_at=7)
        self.talker.send(0, sound, self.now)
        self.sent += 1

    def _adapt(self) -> None:
        sent = self.talker.send_stats(0)
        self.control.note(
            sent.lost,
            sent.due,
            self.now,
            is_queueing=self.talker.stats().is_queueing,
            is_late=self.talker.stats().is_late,
            has_copies=bool(sent.distances),
            least_kbps=LEAST_KBPS + headers_kbps(LONGEST_MS),
        )
        self.used = fitted(CALL, self.control.kbps, LEAST_KBPS, self.used)

    def _session(self, sends: list[SlotFormat], receives: list[SlotFormat]) -> Session:
        return Session(
            send_slots=sends,
            receive_slots=receives,
            extensions=Extensions(level=1, sent_at=2),
            transmit=self._to_talker if receives else self._to_listener,
            on_packet=self._heard,
            cname="test",
            wall_offset_s=1_800_000_000.0,
            now=self.now,
        )

    def _heard(self, slot: int, packet: Packet, now: float) -> None:
        delay_s = now - self._captured[packet.sequence]
        if delay_s < HEARD_MAX_S:
            self.delays_s.append(delay_s)

    def _to_listener(self, datagram: bytes) -> bool:
        size = len(datagram) + UDP_IP_SRTP_BYTES
        self._carry(self.listener, datagram, self.up.due(self.now, udp=True, size=size))
        return True

    def _to_talker(self, datagram: bytes) -> bool:
        self._carry(self.talker, datagram, self.now)
        return True

    def _carry(self, to: Session, datagram: bytes, at: float | None) -> None:
        if at is not None:
            entry = (at + 0.01, next(self._order), to, datagram)
            heapq.heappush(self._under_way, entry)


@pytest.mark.parametrize("rate_kbps", [20, 40, 60])
@pytest.mark.parametrize("queue_ms", [300, 1000])
def test_talk_goes_on_over_a_narrow_path_and_comes_back_to_what_it_was(
    rate_kbps: float, queue_ms: float
) -> None:
    call = NarrowCall()
    call.go_on(10)
    assert (call.used, call.control.kbps) == (CALL, CALL.path_kbps)
    call.up.impairment = Impairment(rate_kbps=rate_kbps, queue_ms=queue_ms)
    call.go_on(12)
    call.go_on(60)
    assert sum(delay_s < 0.3 for delay_s in call.delays_s) >= 0.9 * call.sent
    assert sorted(call.delays_s)[call.sent // 2] < 0.15
    assert call.used.bitrate_kbps >= LEAST_KBPS
    call.up.impairment = Impairment()
    call.go_on(30)
    assert call.used == CALL


def test_voice_coding_in_longer_packets_takes_over_on_a_narrow_path() -> None:
    call = NarrowCall()
    call.up.impairment = Impairment(rate_kbps=60)
    call.go_on(20)
    assert call.used.frame_ms in (20, 60)
    assert call.used.bitrate_kbps >= 10


@pytest.mark.parametrize("burst", [1.0, 3.0])
def test_path_that_loses_a_tenth_keeps_its_bitrate_and_its_copies(
    burst: float,
) -> None:
    call = NarrowCall()
    call.up.impairment = Impairment(loss=0.1, burst=burst)
    call.go_on(30)
    assert call.used == CALL
    assert call.copies


def test_copies_that_no_longer_pass_are_given_up_before_the_bitrate() -> None:
    call = NarrowCall()
    call.up.impairment = Impairment(loss=0.05)
    call.go_on(10)
    assert call.copies
    call.up.impairment = Impairment(loss=0.05, rate_kbps=1.07 * CALL.path_kbps)
    while call.copies:
        call.go_on(0.1)
    assert call.used == CALL
    call.go_on(10)
    assert call.used.bitrate_kbps >= 30
