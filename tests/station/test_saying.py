from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from intercomd.domain.audio import FRAME_S, SILENCE, Frame
from intercomd.domain.errors import ControlRefused
from intercomd.station.saying import Saying
from tests.audio.frames import Ear, tone
from tests.scenarios.clock import run

VOICE = tone()
WORDS = [bytes([number]) * len(SILENCE) for number in range(1, 200)]


async def brought(
    frames: Sequence[Frame], every_s: float = 0.0
) -> AsyncIterator[Frame]:
    for frame in frames:
        if every_s:
            await asyncio.sleep(every_s)
        yield frame


async def hear_for_ever(saying: Saying) -> None:
    """A microphone that hears a voice all the time."""
    while True:
        saying.capture(VOICE, asyncio.get_running_loop().time())
        await asyncio.sleep(FRAME_S)


def test_the_microphone_is_delivered_while_nothing_is_said() -> None:
    ear = Ear()
    Saying(ear).capture(VOICE, 1.5)
    assert (ear.frames, ear.captured_at) == ([VOICE], [1.5])


@pytest.mark.parametrize("every_s", [0.0, 0.002, 0.03])
def test_what_is_said_takes_its_place_whole_and_in_order(every_s: float) -> None:
    async def scene() -> None:
        ear = Ear()
        saying = Saying(ear)
        microphone = asyncio.create_task(hear_for_ever(saying))
        await asyncio.sleep(0.1)
        with saying.turn():
            await saying.put(brought(WORDS, every_s))
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.1)
        microphone.cancel()
        begins, ends = ear.frames.index(WORDS[0]), ear.frames.index(WORDS[-1])
        assert [one for one in ear.frames if one not in (VOICE, SILENCE)] == WORDS
        assert VOICE not in ear.frames[begins : ends + 1]
        assert ear.frames[0] == ear.frames[-1] == VOICE

    run(scene())


def test_a_turn_begins_and_ends_in_silence() -> None:
    async def scene() -> None:
        ear = Ear()
        saying = Saying(ear)
        microphone = asyncio.create_task(hear_for_ever(saying))
        with saying.turn():
            await saying.silence(0.3)
        microphone.cancel()
        assert ear.frames.count(SILENCE) >= 30

    run(scene())


def test_one_turn_at_a_time() -> None:
    saying = Saying(Ear())
    with (
        saying.turn(),
        pytest.raises(ControlRefused, match="is being said already"),
        saying.turn(),
    ):
        pass
    with saying.turn():
        pass


def test_without_a_microphone_it_is_refused_instead_of_waiting() -> None:
    async def scene() -> None:
        saying = Saying(Ear())
        with saying.turn(), pytest.raises(ControlRefused, match="gives no sound"):
            await saying.put(brought(WORDS))

    run(scene())
