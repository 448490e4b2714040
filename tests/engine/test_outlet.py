"""Frames become packets: at once, gated, in order, and cheap silence."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from intercomd.domain.audio import FRAME_BYTES
from intercomd.domain.room import Scenario
from intercomd.engine.outlet import SILENCE_FRAMES, Outlet
from intercomd.engine.sound_settings import SCENARIOS
from intercomd.engine.talk_gate import TalkGate
from intercomd.media.opus import packet_samples
from intercomd.media.packet import Packet
from intercomd.media.sender import Sender

FRAME = b"\x10\x00" * (FRAME_BYTES // 2)
CALL = SCENARIOS[Scenario.DEFAULT]
CHAT = SCENARIOS[Scenario.STANDARD_CHATROOM]
LEVEL = 30.0


class Wire:
    """Takes packets, unless it is cut."""

    def __init__(self) -> None:
        self.sent: list[Packet] = []
        self.is_cut = False

    def send(self, packet: Packet) -> bool:
        if not self.is_cut:
            self.sent.append(packet)
        return not self.is_cut


def an_outlet(wire: Wire) -> Outlet:
    outlet = Outlet(CALL, wire.send)
    outlet.is_open = True
    return outlet


def taken(outlet: Outlet, frames: int) -> None:
    """Take frames in a thread of their own, as a card does."""

    def work() -> None:
        for index in range(frames):
            outlet.take(FRAME, time.monotonic() + 0.01 * index, LEVEL)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_each_packet_has_gone_when_the_frame_was_taken_whatever_the_loop_does() -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    taken(outlet, 50)
    assert len(wire.sent) == outlet.frames_sent == outlet.packets_sent == 50


def test_numbers_stay_in_a_row_when_threads_take_at_once() -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: outlet.take(FRAME, n / 100, LEVEL), range(200)))
    numbers = [packet.sequence for packet in wire.sent]
    assert numbers == list(range(numbers[0], numbers[0] + 200))


@pytest.mark.parametrize("gate", ["is_muted", "is_source_silent", "is_open"])
def test_what_is_encoded_when_it_is_muted_or_shut_does_not_go_out_any_more(
    gate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    encode = Sender.encode

    def muted_meanwhile(
        sender: Sender, frame: bytes, at: float, level: float | None = None
    ) -> Packet:
        packet = encode(sender, frame, at, level)
        setattr(outlet, gate, gate != "is_open")
        return packet

    monkeypatch.setattr(Sender, "encode", muted_meanwhile)
    outlet.take(FRAME, 1.0, LEVEL)
    outlet.take(FRAME, 2.0, LEVEL)
    assert {packet.level for packet in wire.sent} <= {127}
    assert outlet.frames_dropped == 1


def test_nothing_is_sent_while_shut() -> None:
    wire = Wire()
    outlet = Outlet(CALL, wire.send)
    outlet.take(FRAME, 1.0, LEVEL)
    outlet.keep_alive(9.0)
    outlet.fall_silent(9.0)
    assert wire.sent == []


def test_packets_that_cannot_be_sent_are_counted() -> None:
    wire = Wire()
    wire.is_cut = True
    outlet = an_outlet(wire)
    taken(outlet, 3)
    assert (outlet.frames_sent, outlet.packets_sent) == (0, 0)
    assert outlet.frames_dropped == 3


def test_muted_sound_goes_on_as_a_packet_of_silence_every_400_ms() -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    outlet.is_muted = True
    for index in range(200):
        outlet.take(FRAME, 1.0 + 0.01 * index, LEVEL)
    assert len(wire.sent) == SILENCE_FRAMES + 4
    assert {packet.level for packet in wire.sent} == {127}
    assert outlet.frames_sent == 200  # what the silence stands for counts


def test_silence_keeps_the_numbers_in_a_row_and_the_timestamps_on_the_clock() -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    for index in range(100):
        outlet.is_muted = 20 <= index < 90
        outlet.take(FRAME, 1.0 + 0.01 * index, LEVEL)
    numbers = [packet.sequence for packet in wire.sent]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    first, last = wire.sent[0], wire.sent[-1]
    assert (last.timestamp - first.timestamp) % 2**32 == pytest.approx(99 * 480, abs=2)
    assert last.level == LEVEL


def test_without_frames_the_silence_is_kept_up_from_the_loop() -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    outlet.take(FRAME, 1.0, LEVEL)
    for now in (1.1, 1.3, 1.41, 1.5, 1.8, 1.82):
        outlet.keep_alive(now)
    assert [packet.level for packet in wire.sent] == [LEVEL, 127, 127]


def test_a_card_that_will_close_is_told_as_silence_at_once() -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    outlet.fall_silent(1.0)
    assert [packet.level for packet in wire.sent] == [127] * SILENCE_FRAMES


def test_two_frames_share_a_packet_where_the_scenario_says_so() -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    outlet.use(CHAT)
    for index in range(10):
        outlet.take(FRAME, 1.0 + 0.01 * index, LEVEL)
    assert [packet_samples(packet.payload) for packet in wire.sent] == [960] * 5
    assert outlet.frames_sent == 10


def test_a_talk_by_key_takes_its_pre_roll_and_its_dates_never_run_backwards() -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    pressed = False
    outlet.gate = TalkGate(pre_roll_ms=300, tail_ms=100), lambda _level: pressed
    for index in range(400):
        pressed = 200 <= index < 300
        outlet.take(FRAME, 10.0 + 0.01 * index, LEVEL)
        outlet.keep_alive(10.0 + 0.01 * index)
    spoken = [packet for packet in wire.sent if packet.level != 127]
    assert len(spoken) == 140
    stamps = [
        (packet.timestamp - wire.sent[0].timestamp) % 2**32 for packet in wire.sent
    ]
    assert stamps == sorted(stamps)
    numbers = [packet.sequence for packet in wire.sent]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    first = stamps[wire.sent.index(spoken[0])]
    last = stamps[wire.sent.index(spoken[-1])]
    assert (last - first) / 480 == 139


def test_muted_sound_is_in_no_pre_roll() -> None:
    wire = Wire()
    outlet = an_outlet(wire)
    pressed = False
    outlet.gate = TalkGate(pre_roll_ms=300, tail_ms=0), lambda _level: pressed
    for index in range(100):
        outlet.is_muted = index < 90
        pressed = index == 95
        outlet.take(FRAME, 1.0 + 0.01 * index, LEVEL)
    assert sum(packet.level != 127 for packet in wire.sent) == 6


def test_narrow_path_gets_voice_then_longer_packets_and_then_the_call_again() -> None:
    wire = Wire()
    outlet = an_outlet(wire)

    outlet.use(replace(CALL, bitrate_kbps=48))

    def milliseconds(path_kbps: float) -> tuple[int, float]:
        outlet.fit(path_kbps, 8)
        for _ in range(12):
            taken(outlet, 1)
        samples = packet_samples(wire.sent[-1].payload)
        return outlet.used.bitrate_kbps, samples / 48

    assert milliseconds(200) == (48, 10)
    assert milliseconds(85) == (32, 10)
    assert milliseconds(70) == (43, 20)
    assert milliseconds(80) == (48, 20)
    assert milliseconds(86) == (33, 10)
    assert milliseconds(30) == (21, 60)
    assert milliseconds(17) == (8, 60)
    assert milliseconds(200) == (48, 10)
    numbers = [packet.sequence for packet in wire.sent]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
