"""A running station takes up another configuration; what is not concerned goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Self

from gpiozero.pins.mock import MockFactory

from intercomd.audio.null import NullSink
from intercomd.domain.audio import Deliver, Pull
from intercomd.engine import Engine
from intercomd.station.config import StationConfig, TalkMode, TalkSettings
from intercomd.station.key_machine import KeyMode
from intercomd.station.lights import Condition
from intercomd.station.panel_config import Does, KeySettings, LightSettings
from intercomd.station.sound import MakeSound, SoundPart
from tests.engine.events import until
from tests.station.test_panel import KEY, a_room, pins, run

__all__ = ["pins"]  # a fixture

LIGHT = 27
HOLD = KeySettings(Does.TALK, KEY, mode=KeyMode.HOLD)


def config_of(room: object, **settings: object) -> StationConfig:
    """The station's own configuration, with these settings instead."""
    mine = room.mine._config  # type: ignore[attr-defined]
    return replace(mine, **settings)  # type: ignore[no-any-return]


class Speaker(NullSink):
    """A loudspeaker that counts how often it was opened and closed."""

    openings = 0
    closings = 0

    async def __aenter__(self) -> Self:
        Speaker.openings += 1
        return await super().__aenter__()

    async def __aexit__(self, *error: object) -> None:
        Speaker.closings += 1
        await super().__aexit__(None, None, None)


def speaker() -> MakeSound:
    Speaker.openings = Speaker.closings = 0

    def make(engine: Engine, deliver: Deliver, pull: Pull) -> list[SoundPart]:
        del engine, deliver
        return [Speaker(pull)]

    return make


def test_a_changed_light_interrupts_neither_the_talk_nor_the_cards(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        async with a_room(tmp_path, pins, (HOLD,)) as room:
            pins.pin(KEY).drive_low()
            await until(lambda: room.mine.is_talking, "talking")
            (before,) = room.mine.pulses()
            sound = speaker()
            lights = (LightSettings(LIGHT),)
            await room.mine.change(config_of(room, lights=lights), sound)
            assert room.mine.is_talking
            assert Speaker.openings == 0
            (after,) = room.mine.pulses()
            assert after.frames >= before.frames
            await until(lambda: pins.pin(LIGHT).state > 0.0, "lit")
            pins.pin(KEY).drive_high()  # the key is the one that was pressed
            await until(lambda: not room.mine.is_talking, "not talking")

    run(scene())


def test_a_changed_key_ends_its_talk_and_works_from_then_on(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        async with a_room(tmp_path, pins, (HOLD,)) as room:
            pins.pin(KEY).drive_low()
            await until(lambda: room.mine.is_talking, "talking")
            other = replace(HOLD, pin=22)
            await room.mine.change(config_of(room, keys=(other,)), speaker())
            assert not room.mine.is_talking
            pins.pin(22).drive_low()
            await until(lambda: room.mine.is_talking, "talking by the other key")
            pins.pin(KEY).drive_high()
            assert room.mine.is_talking

    run(scene())


def test_a_pin_can_go_from_a_key_to_a_light(tmp_path: Path, pins: MockFactory) -> None:
    async def scene() -> None:
        async with a_room(tmp_path, pins, (HOLD,)) as room:
            changed = config_of(
                room, keys=(replace(HOLD, pin=22),), lights=(LightSettings(KEY),)
            )
            await room.mine.change(changed, speaker())
            await until(lambda: pins.pin(KEY).state > 0.0, "lit")

    run(scene())


def test_other_cards_are_opened_while_the_station_stays_in_its_room(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        async with a_room(tmp_path, pins, ()) as room:
            history = room.mine.status().history
            audio = replace(config_of(room).audio, playback=("hw:other",))
            await room.mine.change(config_of(room, audio=audio), speaker())
            assert (Speaker.openings, Speaker.closings) == (1, 0)
            await asyncio.sleep(0.1)
            assert room.mine.status().history == history
            assert room.mine.status().listeners == 1
        assert Speaker.closings == 1

    run(scene())


def test_another_way_to_talk_counts_at_once(tmp_path: Path, pins: MockFactory) -> None:
    async def scene() -> None:
        async with a_room(tmp_path, pins, ()) as room:
            assert not room.mine.is_talking  # by voice, and nobody speaks
            talk = TalkSettings(TalkMode.ALWAYS)
            await room.mine.change(config_of(room, talk=talk), speaker())
            assert room.mine.is_talking
            talk = TalkSettings(TalkMode.KEY)
            await room.mine.change(config_of(room, talk=talk), speaker())
            assert not room.mine.is_talking


def test_a_talk_goes_on_though_its_pre_roll_changes(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        async with a_room(tmp_path, pins, (HOLD,)) as room:
            pins.pin(KEY).drive_low()
            await until(lambda: room.mine.is_talking, "talking")
            talk = TalkSettings(pre_roll_ms=100)
            await room.mine.change(config_of(room, talk=talk), speaker())
            assert room.mine.is_talking
            pins.pin(KEY).drive_high()
            await until(lambda: not room.mine.is_talking, "not talking")

    run(scene())


def test_a_refused_configuration_is_told_by_the_lights_and_the_sentence(
    tmp_path: Path, pins: MockFactory
) -> None:
    async def scene() -> None:
        async with a_room(tmp_path, pins, (HOLD,)) as room:
            room.mine.tell_config_refused(is_refused=True)
            assert room.mine.status().condition is Condition.CONFIG_REFUSED
            assert room.mine.sentence().startswith("in room lobby, 1 listener; the new")

    run(scene())
