"""What a station's cards report."""

from __future__ import annotations

import asyncio

from intercomd.domain.audio import SILENCE
from intercomd.domain.sound import DeviceExceptionType, DeviceType
from intercomd.station.config import AudioSettings
from intercomd.station.sound import cards

GONE = DeviceExceptionType.DEVICE_UNPLUGGED


def test_cards_that_are_not_there_are_reported_as_unplugged() -> None:
    async def scene() -> None:
        loop = asyncio.get_running_loop()
        reports: asyncio.Queue[tuple[object, ...]] = asyncio.Queue()

        def report(*told: object) -> None:
            loop.call_soon_threadsafe(reports.put_nowait, told)

        settings = AudioSettings(capture="no_such_card", playback="no_such_card")
        microphone, speaker = cards(settings)(
            lambda *_: None, lambda _: SILENCE, report
        )
        async with asyncio.timeout(10), microphone, speaker:
            told = {await reports.get(), await reports.get()}
        assert told == {
            (DeviceType.MICROPHONE, GONE, "no_such_card"),
            (DeviceType.SPEAKER, GONE, "no_such_card"),
        }

    asyncio.run(scene())
