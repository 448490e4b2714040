"""The microphone's processing, switched on and off while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from time import monotonic
from typing import Any

import numpy as np
import pytest

from intercomd.audio.processing import Processing
from intercomd.domain.audio import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ
from intercomd.domain.processing import UNPROCESSED, ProcessingSettings
from tests.audio.frames import Ear, tone
from tests.audio.processed import s16
from tests.bench import echo_room
from tests.bench.signals import Samples as Sound


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 20))


def test_unprocessed_sound_passes_untouched() -> None:
    async def scene() -> None:
        ear = Ear()
        async with Processing(UNPROCESSED, ear) as processing:
            processing.capture(tone(), 5.0)
        assert (ear.frames, ear.captured_at) == ([tone()], [5.0])

    run(scene())


def test_processed_sound_is_told_to_be_older_by_its_delay() -> None:
    async def scene() -> None:
        ear = Ear()
        async with Processing(ProcessingSettings(), ear) as processing:
            processing.capture(tone(), 5.0)
        assert 4.98 < ear.captured_at[0] < 4.995

    run(scene())


def test_what_the_loudspeaker_plays_is_taken_out() -> None:
    far = echo_room.far_voice(8.0)
    echo = echo_room.echo_of(far, echo_room.impulse_response())

    async def scene() -> None:
        ear = Ear()
        async with Processing(ProcessingSettings(), ear) as processing:
            played = s16(far).reshape(-1, FRAME_SAMPLES)
            heard = s16(echo + echo_room.noise(8.0)).reshape(-1, FRAME_SAMPLES)
            for index in range(len(played)):
                plays_at = index * FRAME_S
                processing.far_end.put(played[index].tobytes(), plays_at)
                if index:  # what is captured is delivered once it is whole
                    captured = heard[index - 1].tobytes()
                    processing.capture(captured, plays_at - FRAME_S)
        left = echo_room.level_db(echo_room.between(_samples(ear), 4, 8))
        assert echo_room.level_db(echo_room.between(echo, 4, 8)) - left > 30.0

    run(scene())


@pytest.mark.parametrize("ppm", [50, 100])
def test_an_echo_by_another_clock_is_taken_out(ppm: int) -> None:
    seconds, drift = 14.0, ppm * 1e-6
    far = s16(echo_room.far_voice(seconds + 1)) / 32768
    echo = echo_room.echo_of(far, echo_room.impulse_response())
    at_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    echo = echo_room.values_at(echo, at_s * (1 + drift))

    async def scene() -> None:
        ear = Ear()
        async with Processing(ProcessingSettings(), ear) as processing:
            captured = s16(echo + echo_room.noise(seconds)).reshape(-1, FRAME_SAMPLES)
            played = s16(far).reshape(-1, FRAME_SAMPLES)
            for index in range(1, len(captured)):
                plays_at = index * FRAME_S / (1 + drift)
                processing.far_end.put(played[index].tobytes(), plays_at)
                heard = captured[index - 1].tobytes()
                processing.capture(heard, (index - 1) * FRAME_S)
        left = echo_room.level_db(echo_room.between(_samples(ear), 10, 13.9))
        assert echo_room.level_db(echo_room.between(echo, 10, 13.9)) - left > 30.0

    run(scene())


def test_it_is_switched_while_sound_runs() -> None:
    async def scene() -> None:
        ear = Ear()
        async with Processing(UNPROCESSED, ear) as processing:
            processing.use(ProcessingSettings())
            processing.use(UNPROCESSED)
            processing.use(ProcessingSettings(gain=True))
            while not ear.captured_at or ear.captured_at[-1] == 5.0:
                processing.capture(tone(), 5.0)
                await asyncio.sleep(0)
            processing.use(UNPROCESSED)
            while ear.captured_at[-1] != 5.0:
                processing.capture(tone(), 5.0)
                await asyncio.sleep(0)

    run(scene())


def test_the_loop_goes_on_while_libraries_are_loaded() -> None:
    async def scene() -> None:
        longest_s = 0.0

        async def watch() -> None:
            nonlocal longest_s
            while True:
                before = monotonic()
                await asyncio.sleep(0)
                longest_s = max(longest_s, monotonic() - before)

        watching = asyncio.create_task(watch())
        async with Processing(ProcessingSettings(), Ear()):
            pass
        watching.cancel()
        assert longest_s < 0.1

    run(scene())


def _samples(ear: Ear) -> Sound:
    return np.frombuffer(b"".join(ear.frames), "<i2") / 32768
