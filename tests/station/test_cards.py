"""A station's ALSA cards, as its engine sees and asks for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from intercomd.domain.errors import DeviceIdInvalid
from intercomd.domain.sound import (
    AudioDeviceType,
    DeviceExceptionType,
    DeviceInfo,
    DeviceType,
)
from intercomd.engine import Engine, User
from intercomd.server.app import RoomServer
from intercomd.station.config import AudioSettings
from intercomd.station.sound import cards
from tests.bench.pulse import PulseBench
from tests.engine.events import Diary, until
from tests.room_server import engine_of, server_config

GONE = DeviceExceptionType.DEVICE_UNPLUGGED
INPUT, OUTPUT = AudioDeviceType.INPUT, AudioDeviceType.OUTPUT
NAMELESS = AudioSettings(capture=("no_such_card",), playback=("no_such_card",))


def run(scene: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await scene

    asyncio.run(limited())


@contextlib.asynccontextmanager
async def with_cards(
    folder: Path, settings: AudioSettings
) -> AsyncIterator[tuple[Engine, Diary]]:
    """An engine in a room, with the cards of these settings, and its diary."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(RoomServer(server_config(folder)))
        engine = await stack.enter_async_context(engine_of(server))
        diary = Diary(engine)
        for part in cards(settings)(engine, engine.capture, engine.render):
            await stack.enter_async_context(part)
        await engine.login_room("lobby", User("door", "Door"))
        yield engine, diary


def test_cards_that_are_not_there_are_reported_as_unplugged(tmp_path: Path) -> None:
    async def scene() -> None:
        async with with_cards(tmp_path, NAMELESS) as (_, diary):
            await diary.until(
                lambda d: len(d.of("local_device_exception_occurred")) == 2
            )
            assert set(diary.of("local_device_exception_occurred")) == {
                (GONE, DeviceType.MICROPHONE, "no_such_card"),
                (GONE, DeviceType.SPEAKER, "no_such_card"),
            }

    run(scene())


def test_the_configured_card_is_listed_and_the_default(tmp_path: Path) -> None:
    async def scene() -> None:
        async with with_cards(tmp_path, NAMELESS) as (engine, _):
            for kind in AudioDeviceType:
                await until(is_listed(engine, kind), "a list")
                card = DeviceInfo("no_such_card", "no_such_card")
                assert engine.get_audio_device_list(kind)[0] == card
                assert engine.get_default_audio_device_id(kind) == "no_such_card"

    run(scene())


def is_listed(engine: Engine, kind: AudioDeviceType) -> Callable[[], bool]:
    return lambda: bool(engine.get_audio_device_list(kind))


def test_a_card_that_is_not_listed_cannot_be_used(tmp_path: Path) -> None:
    async def scene() -> None:
        async with with_cards(tmp_path, NAMELESS) as (engine, _):
            with pytest.raises(DeviceIdInvalid):
                engine.use_audio_device(INPUT, "plughw:CARD=Moon")

    run(scene())


def test_without_a_microphone_there_is_none_to_choose(tmp_path: Path) -> None:
    async def scene() -> None:
        speaker_only = AudioSettings(capture=None, playback=("no_such_card",))
        async with with_cards(tmp_path, speaker_only) as (engine, _):
            await until(is_listed(engine, OUTPUT), "a list")
            assert engine.get_audio_device_list(INPUT) == ()

    run(scene())


def test_cards_with_fallbacks_are_one_device(tmp_path: Path) -> None:
    async def scene() -> None:
        settings = AudioSettings(capture=("usb:9-9", "no_such_card"), playback=None)
        async with with_cards(tmp_path, settings) as (engine, _):
            await until(is_listed(engine, INPUT), "a list")
            assert engine.get_default_audio_device_id(INPUT) == "usb:9-9, no_such_card"

    run(scene())


def test_a_card_named_by_its_number_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        settings = AudioSettings(capture=("hw:7",), playback=None)
        async with with_cards(tmp_path, settings):
            pass

    run(scene())
    assert "card hw:7 is named by its number" in caplog.text


@pytest.mark.system
def test_a_disabled_microphone_is_closed_and_opened_again(
    tmp_path: Path, alsa_bench: PulseBench
) -> None:
    async def scene() -> None:
        settings = AudioSettings(capture=(alsa_bench.capture_name(0),), playback=None)
        async with with_cards(tmp_path, settings) as (engine, _):
            await until(lambda: engine.stats().is_capturing, "capturing")
            assert alsa_bench.open_microphones() == 1
            engine.enable_audio_capture_device(False)
            await until(lambda: alsa_bench.open_microphones() == 0, "a closed card")
            await until(lambda: not engine.stats().is_capturing, "no frames")
            engine.enable_audio_capture_device(True)
            await until(lambda: engine.stats().is_capturing, "capturing again")
            assert alsa_bench.open_microphones() == 1

    run(scene())


@pytest.mark.system
def test_another_microphone_and_loudspeaker_can_be_chosen(
    tmp_path: Path, alsa_bench: PulseBench
) -> None:
    async def scene() -> None:
        mine = AudioSettings(
            capture=(alsa_bench.capture_name(0),),
            playback=(alsa_bench.playback_name(0),),
        )
        async with with_cards(tmp_path, mine) as (engine, _):
            await until(lambda: engine.stats().is_capturing, "capturing")
            for kind, other in (
                (INPUT, alsa_bench.capture_name(1)),
                (OUTPUT, alsa_bench.playback_name(1)),
            ):
                engine.tell_devices(kind, [DeviceInfo(other, "the other")], other)
                engine.use_audio_device(kind, other)
            tone = 0.5 * np.sin(2 * np.pi * 500 * np.arange(48_000) / 48_000)
            spoken = asyncio.create_task(asyncio.to_thread(alsa_bench.play, 1, tone))
            await until(
                lambda: engine.stats().microphone_dbov < 20, "the other microphone"
            )
            await spoken

    run(scene())
