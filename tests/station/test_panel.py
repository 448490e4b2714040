"""What each key does, pressed on gpiozero's mock pins of stations in a real room."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path

import gpiozero
import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from intercomd.audio.null import NullSink
from intercomd.domain.audio import SILENCE, Frame, Pull
from intercomd.domain.room import RoomState
from intercomd.engine import Engine
from intercomd.server.app import RoomServer
from intercomd.station.app import Station
from intercomd.station.config import (
    AppSettings,
    RoomSettings,
    ServerSettings,
    StationConfig,
    TalkMode,
    UserSettings,
    read_app_sign,
)
from intercomd.station.key_machine import KeyMode
from intercomd.station.lights import Condition
from intercomd.station.panel_config import (
    Does,
    KeySettings,
    KnobSettings,
    ToneSettings,
)
from tests.engine.events import until
from tests.room_server import APP_ID, server_config
from tests.server.speaking import speak

KEY, OTHER_KEY = 17, 18
HIGH_HZ, LOW_HZ = 1000, 200
"""The tones that say whether a talk is heard."""


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    factory = MockFactory(pin_class=MockPWMPin)
    gpiozero.Device.pin_factory = factory
    yield factory
    factory.reset()
    gpiozero.Device.pin_factory = None


class Ear:
    """Hears the pitch of what `mine` plays, a frame at a time, in steps of 100 Hz."""

    def __init__(self) -> None:
        self.pitches: list[int] = []

    def between(self, pull: Pull) -> Pull:
        """A pull that is heard."""

        def heard(plays_at: float) -> Frame:
            frame = pull(plays_at)
            if frame != SILENCE:
                spectrum = np.abs(np.fft.rfft(np.frombuffer(frame, "<i2")))
                self.pitches.append(100 * int(np.argmax(spectrum)))
            return frame

        return heard


class Room:
    """A server and two stations: `mine` has the keys, `other` none."""

    def __init__(
        self, pins: MockFactory, mine: Station, other: Station, ear: Ear
    ) -> None:
        self.mine = mine
        self.other = other
        self.ear = ear
        self._pins = pins

    async def press(self, pin: int = KEY, held_s: float = 0.05) -> None:
        self._pins.pin(pin).drive_low()
        await asyncio.sleep(held_s)
        self._pins.pin(pin).drive_high()
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def a_room(
    folder: Path, pins: MockFactory, keys: tuple[KeySettings, ...], **settings: object
) -> AsyncIterator[Room]:
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(RoomServer(server_config(folder)))
        host, port = server.address

        ear = Ear()

        def station(
            user: str, heard: Callable[[Pull], Pull] = lambda pull: pull, **more: object
        ) -> Station:
            app_sign = folder / "app_sign"
            config = StationConfig(
                server=ServerSettings(f"ws://{host}:{port}"),
                app=AppSettings(APP_ID, app_sign),
                user=UserSettings(user),
                room=RoomSettings("lobby"),
                **more,  # type: ignore[arg-type]
            )
            sound = lambda _engine, _deliver, pull: [NullSink(heard(pull))]  # noqa: E731
            return Station(config, read_app_sign(app_sign), sound)

        mine = await stack.enter_async_context(
            station("mine", ear.between, keys=keys, **settings)
        )
        other = await stack.enter_async_context(station("other"))
        await until(
            lambda: mine.status().listeners == 1 == other.status().listeners,
            "both in the room",
        )
        yield Room(pins, mine, other, ear)


@contextlib.asynccontextmanager
async def a_voice(engine: Engine) -> AsyncIterator[None]:
    """The microphone hears a hum meanwhile."""
    is_over = asyncio.Event()
    speaking = asyncio.create_task(speak(engine, until=is_over))
    await until(lambda: engine.stats().is_capturing, "a microphone")
    try:
        yield
    finally:
        is_over.set()
        await speaking


def run(scene: Coroutine[object, object, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 30.0))


def test_a_talk_key_opens_the_gate_and_a_release_shuts_it(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        key = KeySettings(Does.TALK, KEY, mode=KeyMode.HOLD)
        async with a_room(tmp_path, pins, (key,)) as room:
            assert not room.mine.is_talking
            pins.pin(KEY).drive_low()
            await until(lambda: room.mine.is_talking, "talking")
            pins.pin(KEY).drive_high()
            await until(lambda: not room.mine.is_talking, "not talking")

    run(scene())


def test_of_two_keys_that_are_down_the_last_to_go_up_ends_the_talk(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        key = KeySettings(Does.TALK, KEY, mode=KeyMode.HOLD)
        keys = (key, replace(key, pin=OTHER_KEY))
        async with a_room(tmp_path, pins, keys) as room:
            pins.pin(KEY).drive_low()
            pins.pin(OTHER_KEY).drive_low()
            room.mine.talk(on=True)
            await room.press(OTHER_KEY)
            room.mine.talk(on=False)
            assert room.mine.is_talking
            pins.pin(KEY).drive_high()
            await until(lambda: not room.mine.is_talking, "not talking")

    run(scene())


def test_a_tone_tells_whether_a_talk_will_be_heard(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        key = KeySettings(Does.TALK, KEY)
        tones = ToneSettings(volume=80)
        async with (
            a_room(tmp_path, pins, (key,), tones=tones) as room,
            a_voice(room.mine.engine),
        ):
            room.ear.pitches.clear()
            await room.press()
            await until(lambda: HIGH_HZ in room.ear.pitches, "the go-ahead")
            await room.press()
            room.mine.mute(microphone=True, speaker=None)
            await until(lambda: not room.mine.is_talking, "not talking")
            room.ear.pitches.clear()
            await room.press()
            await until(lambda: LOW_HZ in room.ear.pitches, "a warning")
            assert HIGH_HZ not in room.ear.pitches

    run(scene())


def test_a_stuck_key_is_told_until_it_is_pressed_again_or_gone(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        stuck = KeySettings(Does.TALK, KEY, mode=KeyMode.LATCH, limit_s=1)
        keys = (stuck, KeySettings(Does.LOUDER, OTHER_KEY))
        async with a_room(tmp_path, pins, keys) as room:
            await room.press()
            await until(lambda: "stuck" in room.mine.sentence(), "cut off")
            await room.press(OTHER_KEY)
            assert "stuck" in room.mine.sentence()
            sound = lambda _engine, _deliver, pull: [NullSink(pull)]  # noqa: E731
            without = replace(room.mine._config, keys=keys[1:])
            talk = replace(without.talk, mode=TalkMode.KEY)
            await room.mine.change(replace(without, talk=talk), sound)
            assert "stuck" not in room.mine.sentence()

    run(scene())


def test_a_key_mutes_the_microphone_and_opens_it_again(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        key = KeySettings(Does.MUTE_MICROPHONE, KEY)
        async with a_room(tmp_path, pins, (key,)) as room:
            await room.press()
            assert room.mine.status().condition is Condition.MUTED
            await room.press()
            assert room.mine.status().condition is not Condition.MUTED

    run(scene())


def test_a_key_leaves_the_room_and_comes_back(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        key = KeySettings(Does.LOGIN, KEY)
        async with a_room(tmp_path, pins, (key,)) as room:
            await room.press()
            await until(
                lambda: room.mine.status().room_state is RoomState.DISCONNECTED,
                "out of the room",
            )
            await until(lambda: room.other.status().listeners == 0, "nobody listens")
            await room.press()
            await until(
                lambda: room.other.status().listeners == 1, "somebody listens again"
            )

    run(scene())


def test_a_call_rings_at_the_others_until_somebody_there_answers(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        key = KeySettings(Does.CALL, KEY)
        async with a_room(tmp_path, pins, (key,)) as room:
            await room.press()
            await until(lambda: room.other.is_called, "called")
            assert not room.mine.is_called
            room.other.talk(on=True)
            assert not room.other.is_called

    run(scene())


def test_long_and_double_presses_do_what_they_are_bound_to(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        key = KeySettings(Does.LOUDER, KEY, long=Does.MUTE_SPEAKER, double=Does.QUIETER)
        async with a_room(tmp_path, pins, (key,)) as room:
            await room.press()
            await until(lambda: room.mine.volume == 110, "louder")
            await room.press()
            await room.press()
            await until(lambda: room.mine.volume == 100, "as it was")
            await room.press(held_s=0.7)
            assert room.mine.status().condition is Condition.MUTED

    run(scene())


def test_a_knob_turns_the_volume(tmp_path: Path, pins: MockFactory) -> None:
    async def scene() -> None:
        knobs = (KnobSettings((5, 6), step=5),)
        async with a_room(tmp_path, pins, (), knobs=knobs) as room:
            for pin, level in ((5, "low"), (6, "low"), (5, "high"), (6, "high")):
                getattr(pins.pin(pin), f"drive_{level}")()
            await until(lambda: room.mine.volume != 100, "turned")
            assert abs(room.mine.volume - 100) == 5

    run(scene())


def test_a_reply_speaks_to_the_last_talker_alone(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        key = KeySettings(Does.REPLY, KEY, mode=KeyMode.HOLD)
        async with a_room(tmp_path, pins, (key,)) as room:

            def played() -> set[str]:
                return {one.stream_id for one in room.other.status().heard}

            assert played() == {"lobby-mine"}
            await speak(room.other.engine, frames=30)
            await until(lambda: room.mine.status().last_talker == "other", "a talker")
            pins.pin(KEY).drive_low()
            await until(
                lambda: played() == {"lobby-mine", "lobby-mine-reply"},
                "the reply played",
            )
            pins.pin(KEY).drive_high()
            await until(lambda: played() == {"lobby-mine"}, "the reply over")

    run(scene())


def test_the_light_is_that_of_whom_the_reply_reaches(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        key = KeySettings(Does.REPLY, KEY, mode=KeyMode.HOLD)
        async with a_room(tmp_path, pins, (key,)) as room:

            def is_heard() -> bool:
                return room.mine.status().condition is Condition.HEARD

            await speak(room.other.engine, frames=30)
            await until(lambda: room.mine.status().last_talker == "other", "a talker")
            async with a_voice(room.mine.engine):
                pins.pin(KEY).drive_low()
                await until(is_heard, "heard")
                pins.pin(KEY).drive_high()
                await until(lambda: not is_heard(), "over")

    run(scene())


def test_a_reply_to_nobody_is_none(tmp_path: Path, pins: MockFactory) -> None:
    async def scene() -> None:
        key = KeySettings(Does.REPLY, KEY)
        async with a_room(tmp_path, pins, (key,)) as room:
            await room.press()  # it would latch
            await speak(room.other.engine, frames=30)
            await until(lambda: room.mine.status().last_talker == "other", "a talker")
            await room.press()
            await until(lambda: room.mine.is_talking, "the reply")

    run(scene())


def test_a_pin_that_cannot_be_had_leaves_the_rest_working(
    tmp_path: Path, pins: MockFactory, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        taken = gpiozero.LED(KEY)
        keys = (
            KeySettings(Does.LOUDER, KEY),
            KeySettings(Does.LOUDER, 18),
        )
        async with a_room(tmp_path, pins, keys) as room:
            await room.press(18)
            await until(lambda: room.mine.volume == 110, "louder")
        taken.close()

    run(scene())
    assert "GPIO17" in caplog.text
