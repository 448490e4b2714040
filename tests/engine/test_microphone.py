"""What becomes of the microphone's frames: mute, volume, meters, channels."""

from __future__ import annotations

import asyncio
from functools import partial

import numpy as np
import pytest

from intercomd.domain.audio import FRAME_SAMPLES, Frame
from intercomd.domain.room import Scenario
from intercomd.engine.microphone import Microphone
from intercomd.engine.outlet import Outlet
from intercomd.engine.sound_settings import SCENARIOS
from intercomd.media.level import rms_dbov
from intercomd.media.packet import Packet

MAIN, AUX = 0, 1


def tone(amplitude: float = 0.25) -> Frame:
    time_s = np.arange(FRAME_SAMPLES) / 48_000
    sound = amplitude * 32767 * np.sin(2 * np.pi * 500 * time_s)
    return sound.astype("<i2").tobytes()


class Booth:
    """A microphone whose channels are open, and what they send."""

    def __init__(self) -> None:
        self.sent: tuple[list[Packet], list[Packet]] = ([], [])
        settings = SCENARIOS[Scenario.DEFAULT]
        self.microphone = Microphone(
            [Outlet(settings, partial(self._send, channel)) for channel in (MAIN, AUX)]
        )
        for outlet in self.microphone.outlets:
            outlet.is_open = True
        self._at = 1.0

    async def speak(self, frame: Frame, times: int = 1) -> None:
        for _ in range(times):
            self.microphone.capture(frame, self._at)
            self._at += 0.01
            await asyncio.sleep(0)

    def levels(self, channel: int) -> list[int | None]:
        return [packet.level for packet in self.sent[channel]]

    def _send(self, channel: int, packet: Packet) -> bool:
        self.sent[channel].append(packet)
        return True


def test_both_channels_carry_the_microphone_unless_aux_has_its_own_sound() -> None:
    async def scene() -> None:
        booth = Booth()
        await booth.speak(tone())
        assert (len(booth.sent[MAIN]), len(booth.sent[AUX])) == (1, 1)
        booth.microphone.capture_aux(tone(0.01), 2.0)
        await booth.speak(tone(), 5)
        assert (len(booth.sent[MAIN]), len(booth.sent[AUX])) == (6, 2)
        booth.microphone.is_own_aux = False
        await booth.speak(tone())
        assert len(booth.sent[AUX]) == 3

    asyncio.run(scene())


def test_a_muted_microphone_is_silence_for_channels_and_meters_but_not_for_aux() -> (
    None
):
    async def scene() -> None:
        booth = Booth()
        booth.microphone.capture_aux(tone(), 0.9)
        booth.microphone.is_muted = True
        await booth.speak(tone(), 2)
        booth.microphone.capture_aux(tone(), 1.1)
        await asyncio.sleep(0)
        assert booth.levels(MAIN) == [127, 127]
        assert booth.levels(AUX) == [round(rms_dbov(tone()))] * 2
        assert booth.microphone.frames_captured == 2
        assert booth.microphone.take_loudest_dbov() == 127
        assert booth.microphone.level_dbov < 20  # the card still hears

    asyncio.run(scene())


def test_one_muted_channel_leaves_meters_and_the_other_as_they_are() -> None:
    async def scene() -> None:
        booth = Booth()
        booth.microphone.outlets[MAIN].is_muted = True
        await booth.speak(tone())
        level = round(rms_dbov(tone()))
        assert (booth.levels(MAIN), booth.levels(AUX)) == ([127], [level])
        assert round(booth.microphone.take_loudest_dbov()) == level

    asyncio.run(scene())


def test_a_disabled_microphone_takes_nothing() -> None:
    async def scene() -> None:
        booth = Booth()
        booth.microphone.is_enabled = False
        await booth.speak(tone(), 3)
        assert booth.sent == ([], [])
        assert booth.microphone.frames_captured == 0
        booth.microphone.fall_silent()
        await asyncio.sleep(0)
        assert booth.levels(MAIN) == [127, 127, 127]

    asyncio.run(scene())


@pytest.mark.parametrize(("gain", "change_db"), [(2.0, 6.02), (0.5, -6.02)])
def test_the_capture_volume_is_a_factor_on_the_amplitude(
    gain: float, change_db: float
) -> None:
    async def scene() -> None:
        booth = Booth()
        booth.microphone.gain = gain
        await booth.speak(tone())
        louder_db = rms_dbov(tone()) - booth.microphone.take_loudest_dbov()
        assert louder_db == pytest.approx(change_db, abs=0.05)
        assert booth.microphone.level_dbov == rms_dbov(tone())

    asyncio.run(scene())


def test_speech_is_looked_for_only_when_asked() -> None:
    async def scene() -> None:
        booth = Booth()
        await booth.speak(tone())
        assert not booth.microphone.is_speech
        booth.microphone.listen_for_speech(on=True)
        await booth.speak(tone())
        assert booth.microphone.is_speech
        booth.microphone.listen_for_speech(on=False)
        assert not booth.microphone.is_speech

    asyncio.run(scene())
