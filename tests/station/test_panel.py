"""What each key does, pressed on gpiozero's mock pins of stations in a real room."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from intercomd.audio.null import NullSink
from intercomd.domain.room import RoomState
from intercomd.server.app import RoomServer
from intercomd.station.app import Station
from intercomd.station.config import (
    AppSettings,
    RoomSettings,
    ServerSettings,
    StationConfig,
    UserSettings,
    read_app_sign,
)
from intercomd.station.key_machine import KeyMode
from intercomd.station.lights import Condition
from intercomd.station.panel_config import Does, KeySettings, KnobSettings
from tests.engine.events import until
from tests.room_server import APP_ID, server_config
from tests.server.speaking import speak

KEY = 17


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    factory = MockFactory(pin_class=MockPWMPin)
    gpiozero.Device.pin_factory = factory
    yield factory
    factory.reset()
    gpiozero.Device.pin_factory = None


class Room:
    """A server and two stations: `mine` has the keys, `other` none."""

    def __init__(self, pins: MockFactory, mine: Station, other: Station) -> None:
        self.mine = mine
        self.other = other
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

        def station(user: str, **more: object) -> Station:
            app_sign = folder / "app_sign"
            config = StationConfig(
                server=ServerSettings(f"ws://{host}:{port}"),
                app=AppSettings(APP_ID, app_sign),
                user=UserSettings(user),
                room=RoomSettings("lobby"),
                **more,  # type: ignore[arg-type]
            )
            sound = lambda _engine, _deliver, pull: [NullSink(pull)]  # noqa: E731
            return Station(config, read_app_sign(app_sign), sound)

        mine = await stack.enter_async_context(station("mine", keys=keys, **settings))
        other = await stack.enter_async_context(station("other"))
        await until(
            lambda: mine.status().listeners == 1 == other.status().listeners,
            "both in the room",
        )
        yield Room(pins, mine, other)


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
