"""The choice of sound cards, as section 11 has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain.errors import DeviceIdInvalid, UnsupportedPlatform
from intercomd.domain.sound import AudioDeviceType, DeviceInfo
from intercomd.engine import UpdateType
from tests.scenarios.clock import run
from tests.scenarios.duet import duet
from tests.scenarios.rows import row

INPUT, OUTPUT = AudioDeviceType.INPUT, AudioDeviceType.OUTPUT
BUILT_IN = DeviceInfo("hw:0", "Built-in")
HEADSET = DeviceInfo("hw:1", "Headset")


@row(
    "§11 getAudioDeviceList and getDefaultAudioDeviceID",
    "§11 useAudioDevice",
    "§12 1006002",
    "§12 1000006",
)
def test_a_card_is_chosen_from_the_list_of_their_owner(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            engine = d.alice.engine
            assert engine.get_audio_device_list(INPUT) == ()
            assert engine.get_default_audio_device_id(INPUT) == ""
            with pytest.raises(UnsupportedPlatform) as unsupported:
                engine.use_audio_device(INPUT, "hw:0")
            assert unsupported.value.code == 1000006
            used: list[tuple[AudioDeviceType, str]] = []
            engine.on_use_device = lambda *asked: used.append(asked)
            engine.tell_devices(INPUT, [BUILT_IN, HEADSET], "hw:0")
            assert engine.get_audio_device_list(INPUT) == (BUILT_IN, HEADSET)
            assert engine.get_default_audio_device_id(INPUT) == "hw:0"
            assert engine.get_audio_device_list(OUTPUT) == ()
            engine.use_audio_device(INPUT, "hw:1")
            for kind, card in ((INPUT, "hw:2"), (OUTPUT, "hw:1")):
                with pytest.raises(DeviceIdInvalid) as invalid:
                    engine.use_audio_device(kind, card)
                assert invalid.value.code == 1006002
            assert used == [(INPUT, "hw:1")]

    run(scene())


@row("§10 audioDeviceStateChanged")
def test_a_card_that_comes_or_goes_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            for cards in ([BUILT_IN], [BUILT_IN], [BUILT_IN, HEADSET], [HEADSET]):
                d.alice.engine.tell_devices(OUTPUT, cards, "hw:0")
            await d.alice.diary.until(
                lambda diary: len(diary.of("audio_device_state_changed")) >= 2
            )
            assert d.alice.diary.of("audio_device_state_changed") == [
                (UpdateType.ADD, OUTPUT, HEADSET),
                (UpdateType.DELETE, OUTPUT, BUILT_IN),
            ]

    run(scene())
