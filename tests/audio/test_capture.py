from __future__ import annotations

import asyncio
import threading
import time

import numpy as np
import pytest

from intercomd.audio.capture import AlsaCapture
from tests.audio.frames import Ear, States
from tests.bench.pulse import PulseBench
from tests.bench.signals import Samples, chirp_train
from tests.engine.events import until

pytestmark = pytest.mark.system


def test_what_is_said_arrives_unchanged(alsa_bench: PulseBench) -> None:
    ear = Ear()
    said = chirp_train(2).samples
    asyncio.run(_capture_while(alsa_bench, ear, said))
    heard = np.frombuffer(b"".join(ear.frames), "<i2")
    start = int(np.flatnonzero(heard)[0])
    pcm = (said * 32767).astype("<i2")
    first = int(np.flatnonzero(pcm)[0])
    length = int(np.flatnonzero(pcm)[-1]) - first
    assert np.array_equal(heard[start : start + length], pcm[first : first + length])


def test_a_microphone_that_is_pulled_and_put_back_is_found(
    alsa_bench: PulseBench, caplog: pytest.LogCaptureFixture
) -> None:
    states = States()
    asyncio.run(_pull_and_put_back(alsa_bench, states))
    assert "arecord -L" in states.texts[1]
    assert caplog.text.count("is unavailable") == 1


def test_a_microphone_that_does_not_exist_is_looked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    capture = asyncio.run(_look_for("nosuchcard"))
    assert not capture.is_open
    assert capture.counters.reopens >= 2
    assert caplog.text.count("nosuchcard is unavailable") == 1


def test_a_microphone_that_stalls_is_opened_again(alsa_bench: PulseBench) -> None:
    states = States()
    asyncio.run(_stall(alsa_bench, states))
    assert "500 ms" in states.texts[1]


def test_digital_silence_is_told_from_sound(alsa_bench: PulseBench) -> None:
    ear = Ear()

    async def listen() -> None:
        async with AlsaCapture((alsa_bench.capture_name(0),), ear) as capture:
            await ear.hears(30)
            assert capture.counters.flat_frames == capture.counters.frames
            said = asyncio.to_thread(alsa_bench.play, 0, chirp_train(2).samples)
            playing = asyncio.create_task(said)
            await until(lambda: capture.counters.flat_frames == 0, "a chirp")
            await playing
            await until(lambda: capture.counters.flat_frames > 30, "silence")

    asyncio.run(listen())


def test_waiting_for_a_stalled_microphone_costs_next_to_nothing(
    alsa_bench: PulseBench,
) -> None:
    async def stall() -> float:
        states = States()
        ear = Ear()
        async with AlsaCapture(alsa_bench.capture_name(0), ear, on_state=states):
            await ear.hears(5)
            alsa_bench.suspend(station=0)
            began_s = time.process_time()
            await states.are(True, False)
            return time.process_time() - began_s

    try:
        assert asyncio.run(stall()) < 0.1
    finally:
        alsa_bench.resume(station=0)


def test_a_stalled_microphone_does_not_hold_up_the_end(
    alsa_bench: PulseBench,
) -> None:
    async def leave_while_stalled() -> float:
        ear = Ear()
        async with AlsaCapture(alsa_bench.capture_name(0), ear):
            await ear.hears(5)
            alsa_bench.suspend(station=0)
            began = asyncio.get_running_loop().time()
        return asyncio.get_running_loop().time() - began

    try:
        assert asyncio.run(leave_while_stalled()) < 0.5
    finally:
        alsa_bench.resume(station=0)


def test_a_backlog_is_thrown_away_and_counted(alsa_bench: PulseBench) -> None:
    ear = _BlockedOnce()

    async def capture() -> AlsaCapture:
        async with AlsaCapture(alsa_bench.capture_name(0), ear) as part:
            await ear.hears(20)
            ear.block.set()
            await ear.hears(40)
            return part

    part = asyncio.run(capture())
    assert part.counters.xruns >= 1
    ages = np.subtract(ear.delivered_at, ear.captured_at)
    assert np.median(ages[-10:]) < 0.03


class _BlockedOnce(Ear):
    """A Deliver that breaks its promise and blocks for 100 ms, once."""

    def __init__(self) -> None:
        super().__init__()
        self.block = threading.Event()

    def __call__(self, frame: bytes, captured_at: float) -> None:
        super().__call__(frame, captured_at)
        if self.block.is_set():
            self.block.clear()
            threading.Event().wait(0.1)


async def _capture_while(bench: PulseBench, ear: Ear, said: Samples) -> None:
    async with AlsaCapture(bench.capture_name(0), ear):
        await ear.hears(1)
        await asyncio.to_thread(bench.play, 0, said)
        await ear.hears(len(ear.frames) + 20)


async def _pull_and_put_back(bench: PulseBench, states: States) -> None:
    ear = Ear()
    async with AlsaCapture(bench.capture_name(1), ear, on_state=states) as capture:
        await states.are(True)
        bench.unplug(1)
        await states.are(True, False)
        assert not capture.is_open
        bench.plug(1)
        await states.are(True, False, True)
        await ear.hears(len(ear.frames) + 10)
        assert capture.counters.reopens >= 1


async def _look_for(name: str) -> AlsaCapture:
    async with AlsaCapture(name, Ear()) as capture:
        while capture.counters.reopens < 2:  # noqa: ASYNC110 - a counter is no event
            await asyncio.sleep(0.05)
    return capture


async def _stall(bench: PulseBench, states: States) -> None:
    ear = Ear()
    async with AlsaCapture(bench.capture_name(0), ear, on_state=states):
        await ear.hears(5)
        bench.suspend(station=0)
        await states.are(True, False)
        bench.resume(station=0)
        await ear.hears(len(ear.frames) + 10)
        assert states.seen[-1]
