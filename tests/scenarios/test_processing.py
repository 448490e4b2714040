"""Echo, noise and gain, switched by the engine's calls as section 11 has them."""

from __future__ import annotations

import asyncio

import numpy as np

from intercomd.audio.processing import Processing
from intercomd.domain.audio import FRAME_S, FRAME_SAMPLES
from intercomd.engine import Engine, EngineProfile
from tests.audio.frames import Ear
from tests.audio.processed import s16
from tests.bench import echo_room
from tests.engine.events import until
from tests.scenarios.rows import row


class Room:
    """A loudspeaker that talks all the time, and the microphone that hears it."""

    def __init__(
        self, processing: Processing, ear: Ear, *, echo_gain: float = 0.5
    ) -> None:
        far = echo_room.far_voice(20.0)
        echo = echo_room.echo_of(far, echo_room.impulse_response(gain=echo_gain))
        self._processing = processing
        self._ear = ear
        self._played = s16(far).reshape(-1, FRAME_SAMPLES)
        self._heard = s16(echo).reshape(-1, FRAME_SAMPLES)
        self._index = 1
        processing.far_end.put(self._played[0].tobytes(), 0.0)

    def listen(self, seconds: float) -> float:
        """How far below the echo what is delivered now is, in decibels."""
        frames = round(seconds / FRAME_S)
        before = len(self._ear.frames)
        heard = self._heard[self._index - 1 : self._index - 1 + frames]
        for _ in range(frames):
            now = self._index * FRAME_S
            self._processing.far_end.put(self._played[self._index].tobytes(), now)
            frame = self._heard[self._index - 1].tobytes()
            self._processing.capture(frame, now - FRAME_S)
            self._index += 1
        delivered = np.frombuffer(b"".join(self._ear.frames[before:]), "<i2")
        return echo_room.level_db(heard.ravel() / 32768) - echo_room.level_db(
            delivered / 32768
        )

    async def follows(self, settings: object) -> None:
        """Wait until the processing has become so."""
        await until(lambda: self._processing.settings == settings, "the change")


@row("§11 AEC, AGC and ANS")
def test_echo_control_is_switched_while_it_runs() -> None:
    async def scene() -> None:
        engine, ear = Engine(EngineProfile(app_id=1)), Ear()
        async with engine, Processing(engine.processing, ear) as processing:
            engine.on_processing = processing.use
            room = Room(processing, ear)
            room.listen(4.0)
            assert room.listen(2.0) > 30.0
            engine.enable_aec(False)
            engine.enable_ans(False)
            await room.follows(engine.processing)
            assert abs(room.listen(2.0)) < 3.0
            engine.enable_aec(True)
            await room.follows(engine.processing)
            room.listen(1.0)
            assert room.listen(2.0) > 20.0

    asyncio.run(scene())  # loading libraries takes real time


@row("§11 AEC, AGC and ANS")
def test_gain_control_is_switched_while_it_runs() -> None:
    async def scene() -> None:
        engine, ear = Engine(EngineProfile(app_id=1)), Ear()
        async with engine, Processing(engine.processing, ear) as processing:
            engine.on_processing = processing.use
            engine.enable_aec(False)
            engine.enable_ans(False)
            room = Room(processing, ear, echo_gain=0.02)
            await room.follows(engine.processing)
            without_db = room.listen(4.0)
            engine.enable_agc(True)
            await room.follows(engine.processing)
            room.listen(4.0)
            assert room.listen(4.0) < without_db - 3.0

    asyncio.run(scene())  # loading libraries takes real time
