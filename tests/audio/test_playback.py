from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from intercomd.audio.playback import AlsaPlayback
from intercomd.domain.audio import FRAME_S, Frame
from tests.audio.frames import Mouth, States, tone
from tests.bench.pulse import PulseBench

pytestmark = pytest.mark.system


def test_what_is_pulled_is_heard_unchanged(alsa_bench: PulseBench) -> None:
    said = [tone()] * 50
    with alsa_bench.record() as recording:
        mouth = Mouth(said)
        playback = AlsaPlayback(alsa_bench.playback_name(2), mouth)
        asyncio.run(_play(playback, mouth, 80))
    ear = np.round(recording.channel(alsa_bench.ear(2)) * 32768).astype("<i2")
    # The tone's very first sample is 0.
    start = int(np.flatnonzero(ear)[0]) - 1
    assert ear[start : start + 50 * 480].tobytes() == b"".join(said)


def test_frames_are_pulled_in_real_time_without_a_card() -> None:
    mouth = Mouth()
    playback = asyncio.run(_play(AlsaPlayback("nosuchcard", mouth), mouth, 130))
    assert not playback.is_open
    assert playback.counters.reopens >= 2
    taken_s = mouth.pulled_at[129] - mouth.pulled_at[0]
    assert taken_s == pytest.approx(129 * FRAME_S, rel=0.05)


def test_a_missing_loudspeaker_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    states = States()
    mouth = Mouth()
    asyncio.run(_play(AlsaPlayback("nosuchcard", mouth, on_state=states), mouth, 130))
    assert states.seen == [False]
    assert "see 'aplay -L'" in states.texts[0]
    assert caplog.text.count("nosuchcard is unavailable") == 1


def test_a_loudspeaker_that_stalls_is_opened_again_and_drained_meanwhile(
    alsa_bench: PulseBench,
) -> None:
    states = States()
    mouth = Mouth()

    async def stall() -> None:
        name = alsa_bench.playback_name(0)
        async with AlsaPlayback(name, mouth, on_state=states) as playback:
            await mouth.said(20)
            alsa_bench.suspend(station=0)
            await states.are(True, False)
            await mouth.said(len(mouth.pulled_at) + 20)
            alsa_bench.resume(station=0)
            await states.are(True, False, True)
            await mouth.said(len(mouth.pulled_at) + 20)
            assert playback.counters.reopens >= 1

    try:
        asyncio.run(stall())
    finally:
        alsa_bench.resume(station=0)


def test_a_loudspeaker_that_is_pulled_and_put_back_is_found(
    alsa_bench: PulseBench,
) -> None:
    states = States()
    mouth = Mouth()

    async def pull_and_put_back() -> None:
        name = alsa_bench.playback_name(1)
        async with AlsaPlayback(name, mouth, on_state=states):
            await states.are(True)
            alsa_bench.unplug(1)
            await states.are(True, False)
            await mouth.said(len(mouth.pulled_at) + 20)
            alsa_bench.plug(1)
            await states.are(True, False, True)
            await mouth.said(len(mouth.pulled_at) + 20)

    asyncio.run(pull_and_put_back())


def test_an_underrun_is_recovered_and_counted(alsa_bench: PulseBench) -> None:
    mouth = _BlockedOnce()
    playback = AlsaPlayback(alsa_bench.playback_name(0), mouth)
    asyncio.run(_play(playback, mouth, 60))
    assert 1 <= playback.counters.xruns <= 3
    ahead = np.subtract(mouth.plays_at, mouth.pulled_at)
    assert np.median(ahead[-10:]) < 0.03


class _BlockedOnce(Mouth):
    """A Pull that breaks its promise and blocks for 100 ms, once."""

    def __call__(self, plays_at: float) -> Frame:
        if len(self.plays_at) == 20:
            threading.Event().wait(0.1)
        return super().__call__(plays_at)


async def _play(playback: AlsaPlayback, mouth: Mouth, frames: int) -> AlsaPlayback:
    async with playback:
        await mouth.said(frames)
    return playback
