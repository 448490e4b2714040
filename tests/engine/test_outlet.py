"""From the card's thread to the loop: bounded, gated, in order, and cheap silence."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace

import pytest

from intercomd.domain.audio import FRAME_BYTES
from intercomd.domain.room import Scenario
from intercomd.engine.outlet import QUEUE_PACKETS, SILENCE_FRAMES, Outlet
from intercomd.engine.sound_settings import SCENARIOS
from intercomd.engine.talk_gate import TalkGate
from intercomd.media.opus import packet_samples
from intercomd.media.packet import Packet
from intercomd.media.sender import Sender

FRAME = b"\x10\x00" * (FRAME_BYTES // 2)
CALL = SCENARIOS[Scenario.DEFAULT]
CHAT = SCENARIOS[Scenario.STANDARD_CHATROOM]
LEVEL = 40.0


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
    outlet.attach(asyncio.get_running_loop())
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


def test_a_loop_that_stands_still_loses_the_oldest_and_counts_them() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)
        taken(outlet, QUEUE_PACKETS + 7)  # the loop waits in join meanwhile
        await asyncio.sleep(0)
        assert len(wire.sent) == outlet.frames_sent == QUEUE_PACKETS
        assert outlet.frames_dropped == 7
        numbers = [packet.sequence for packet in wire.sent]
        assert numbers == list(range(numbers[0], numbers[0] + QUEUE_PACKETS))

    asyncio.run(scene())


def test_a_packet_encoded_while_the_queue_is_emptied_is_not_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The encoder lets other threads run: a flush may come in the middle of it."""
    encode = Sender.encode

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        wire = Wire()
        outlet = an_outlet(wire)

        def flushed_meanwhile(
            sender: Sender, frame: bytes, at: float, level: float | None = None
        ) -> Packet:
            packet = encode(sender, frame, at, level)
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
            return packet

        monkeypatch.setattr(Sender, "encode", flushed_meanwhile)
        await asyncio.to_thread(taken, outlet, 50)
        await asyncio.sleep(0)
        assert len(wire.sent) == 50

    asyncio.run(scene())


@pytest.mark.parametrize("gate", ["is_muted", "is_source_silent", "is_open"])
def test_what_is_queued_when_it_is_muted_or_shut_does_not_go_out_any_more(
    gate: str,
) -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)
        taken(outlet, 5)  # the loop waits in join meanwhile
        setattr(outlet, gate, gate != "is_open")
        outlet.take(FRAME, 2.0, LEVEL)
        await asyncio.sleep(0)
        assert {packet.level for packet in wire.sent} <= {127}
        assert outlet.frames_dropped == 5

    asyncio.run(scene())


def test_nothing_is_sent_while_shut_or_detached() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = Outlet(CALL, wire.send)
        outlet.is_open = True
        outlet.take(FRAME, 1.0, LEVEL)
        outlet.attach(asyncio.get_running_loop())
        outlet.is_open = False
        outlet.take(FRAME, 1.1, LEVEL)
        outlet.keep_alive(9.0)
        outlet.is_open = True
        outlet.detach()
        outlet.take(FRAME, 1.2, LEVEL)
        await asyncio.sleep(0)
        assert wire.sent == []

    asyncio.run(scene())


def test_packets_that_cannot_be_sent_are_counted() -> None:
    async def scene() -> None:
        wire = Wire()
        wire.is_cut = True
        outlet = an_outlet(wire)
        taken(outlet, 3)
        await asyncio.sleep(0)
        assert (outlet.frames_sent, outlet.packets_sent) == (0, 0)
        assert outlet.frames_dropped == 3

    asyncio.run(scene())


def test_muted_sound_goes_on_as_a_packet_of_silence_every_400_ms() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)
        outlet.is_muted = True
        for index in range(200):
            outlet.take(FRAME, 1.0 + 0.01 * index, LEVEL)
            await asyncio.sleep(0)
        assert len(wire.sent) == SILENCE_FRAMES + 4
        assert {packet.level for packet in wire.sent} == {127}
        assert outlet.frames_sent == 200  # what the silence stands for counts

    asyncio.run(scene())


def test_silence_keeps_the_numbers_in_a_row_and_the_timestamps_on_the_clock() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)
        for index in range(100):
            outlet.is_muted = 20 <= index < 90
            outlet.take(FRAME, 1.0 + 0.01 * index, LEVEL)
            await asyncio.sleep(0)
        numbers = [packet.sequence for packet in wire.sent]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        first, last = wire.sent[0], wire.sent[-1]
        assert (last.timestamp - first.timestamp) % 2**32 == pytest.approx(
            99 * 480, abs=2
        )
        assert last.level == LEVEL

    asyncio.run(scene())


def test_without_frames_the_silence_is_kept_up_from_the_loop() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)
        outlet.take(FRAME, 1.0, LEVEL)
        for now in (1.1, 1.3, 1.41, 1.5, 1.8, 1.82):
            outlet.keep_alive(now)
        await asyncio.sleep(0)
        assert [packet.level for packet in wire.sent] == [LEVEL, 127, 127]

    asyncio.run(scene())


def test_a_card_that_will_close_is_told_as_silence_at_once() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)
        outlet.fall_silent(1.0)
        await asyncio.sleep(0)
        assert [packet.level for packet in wire.sent] == [127] * SILENCE_FRAMES

    asyncio.run(scene())


def test_two_frames_share_a_packet_where_the_scenario_says_so() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)
        outlet.use(CHAT)
        for index in range(10):
            outlet.take(FRAME, 1.0 + 0.01 * index, LEVEL)
            await asyncio.sleep(0)
        assert [packet_samples(packet.payload) for packet in wire.sent] == [960] * 5
        assert outlet.frames_sent == 10

    asyncio.run(scene())


def test_a_talk_by_key_takes_its_pre_roll_and_its_dates_never_run_backwards() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)
        pressed = False
        outlet.gate = TalkGate(pre_roll_ms=300, tail_ms=100), lambda _level: pressed
        for index in range(400):
            pressed = 200 <= index < 300
            outlet.take(FRAME, 10.0 + 0.01 * index, LEVEL)
            outlet.keep_alive(10.0 + 0.01 * index)
            await asyncio.sleep(0)
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

    asyncio.run(scene())


def test_muted_sound_is_in_no_pre_roll() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)
        pressed = False
        outlet.gate = TalkGate(pre_roll_ms=300, tail_ms=0), lambda _level: pressed
        for index in range(100):
            outlet.is_muted = index < 90
            pressed = index == 95
            outlet.take(FRAME, 1.0 + 0.01 * index, LEVEL)
            await asyncio.sleep(0)
        assert sum(packet.level != 127 for packet in wire.sent) == 6

    asyncio.run(scene())


def test_narrow_path_gets_voice_then_longer_packets_and_then_the_call_again() -> None:
    async def scene() -> None:
        wire = Wire()
        outlet = an_outlet(wire)

        outlet.use(replace(CALL, bitrate_kbps=48))

        async def milliseconds(path_kbps: float) -> tuple[int, float]:
            outlet.fit(path_kbps, 8)
            for _ in range(12):
                taken(outlet, 1)
                await asyncio.sleep(0)
            samples = packet_samples(wire.sent[-1].payload)
            return outlet.used.bitrate_kbps, samples / 48

        assert await milliseconds(200) == (48, 10)
        assert await milliseconds(85) == (32, 10)
        assert await milliseconds(70) == (43, 20)
        assert await milliseconds(80) == (48, 20)
        assert await milliseconds(86) == (33, 10)
        assert await milliseconds(30) == (21, 60)
        assert await milliseconds(17) == (8, 60)
        assert await milliseconds(200) == (48, 10)
        numbers = [packet.sequence for packet in wire.sent]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    asyncio.run(scene())
