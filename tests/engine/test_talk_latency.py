"""How far behind a listener is after the press of a key: virtual time, no network."""

from __future__ import annotations

from functools import cache

import pytest

from intercomd.audio.greeting import greeting_path
from intercomd.audio.wav import read_frames
from intercomd.domain.audio import FRAME_S, Frame
from intercomd.domain.room import Scenario
from intercomd.engine.outlet import Outlet
from intercomd.engine.sound_settings import SCENARIOS
from intercomd.engine.talk_gate import TalkGate
from intercomd.media.level import rms_dbov
from intercomd.media.opus import Decoder
from intercomd.media.packet import Packet
from intercomd.media.receive_buffer import ReceiveBuffer
from tests.media.line import Pulled, run

PRESSES_S = (1.0, 10.0, 20.0)
JUST_AFTER_S = 27.13
HELD_S = 7.0
UNTIL_S = 35.0
TRANSIT_S = 0.0005
AS_ALWAYS_MS = 25.0
NEARLY_MS = 50.0
SPEECH_DBOV = 50.0


@pytest.mark.parametrize("pre_roll_ms", [0, 150, 300])
def test_a_second_after_each_press_the_listener_has_caught_up(pre_roll_ms: int) -> None:
    pulled = heard(sent(pre_roll_ms))
    for press_s in PRESSES_S:
        assert slowest_ms(pulled, press_s + 1.5) <= AS_ALWAYS_MS


@pytest.mark.parametrize("pre_roll_ms", [0, 150, 300])
def test_a_press_just_after_a_release_costs_little(pre_roll_ms: int) -> None:
    assert slowest_ms(heard(sent(pre_roll_ms)), JUST_AFTER_S) <= NEARLY_MS


def test_talk_after_talk_the_timestamps_keep_step_with_the_microphone() -> None:
    offsets = [at * 48_000 - packet.timestamp for at, packet in sent(300)]
    talks = [
        offset
        for (at, packet), offset in zip(sent(300), offsets, strict=True)
        if any(press_s + 1.0 < at < press_s + HELD_S for press_s in PRESSES_S)
    ]
    assert max(talks) - min(talks) <= 0.04 * 48_000


def slowest_ms(pulled: list[Pulled], since_s: float) -> float:
    """From then on until the key is released."""
    until_s = since_s + HELD_S - 2.0
    return max(one.delay_ms for one in pulled if since_s < one.at < until_s)


def heard(packets: list[tuple[float, Packet]]) -> list[Pulled]:
    return run(ReceiveBuffer(Decoder()), packets, until=UNTIL_S)


@cache
def sent(pre_roll_ms: int) -> list[tuple[float, Packet]]:
    """What goes out of a microphone that hears speech all the time, and when."""
    packets: list[tuple[float, Packet]] = []
    now = 0.0

    def send(packet: Packet) -> bool:
        packets.append((now + TRANSIT_S, packet))
        return True

    outlet = Outlet(SCENARIOS[Scenario.DEFAULT], send)
    outlet.is_open = True
    is_pressed = False
    outlet.gate = (
        TalkGate(pre_roll_ms=pre_roll_ms, tail_ms=100),
        lambda _level_dbov: is_pressed,
    )
    spoken = speech()
    for number in range(round(UNTIL_S / FRAME_S)):
        captured_at = number * FRAME_S
        now = captured_at + FRAME_S
        is_pressed = any(
            at <= captured_at < at + HELD_S for at in (*PRESSES_S, JUST_AFTER_S)
        )
        frame = spoken[number % len(spoken)]
        outlet.take(frame, captured_at, rms_dbov(frame))
    return packets


@cache
def speech() -> list[Frame]:
    """Without pauses, in which it would be easy."""
    frames = read_frames(greeting_path())
    return [frame for frame in frames if rms_dbov(frame) < SPEECH_DBOV]
