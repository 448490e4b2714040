"""What is told of the sound of a stream that breaks off and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from intercomd.domain.events import (
    Event,
    PlayerMediaEventTold,
    PlayerQualityUpdate,
    PlayerRecvAudioFirstFrame,
)
from intercomd.domain.room import PlayerState
from intercomd.domain.sound import PlayerMediaEvent
from intercomd.engine.link import Link
from intercomd.engine.meters import Meters
from intercomd.engine.microphone import Microphone
from intercomd.media.playout import Playout
from intercomd.protocol.client_session import ClientSession
from intercomd.protocol.credentials import Credentials
from tests.engine.events import until
from tests.media.test_playout import Clock, Talker, play

SIGN = "0123456789abcdef" * 4
OCCUR = PlayerMediaEvent.AUDIO_BREAK_OCCUR
RESUME = PlayerMediaEvent.AUDIO_BREAK_RESUME


class Ear:
    """Plays bob-1 in slot 0, by a clock that is moved by hand, without a server."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._talker = Talker(clock)
        self._playout = Playout()
        self._told: list[Event] = []
        link = Link(
            ClientSession(
                Credentials(1, SIGN),
                receive_slots=8,
                retry_time_s=60.0,
                chance=lambda: 0.5,
            ),
            url="ws://127.0.0.1:1",
            playout=self._playout,
            receive_slots=8,
            on_event=lambda _: None,
            on_microphone=lambda _slot, _is_open: None,
            on_bound=lambda _: None,
            spawn=lambda coroutine: coroutine.close(),
        )
        link.slots["bob-1"] = 0
        self.meters = Meters(
            microphone=Microphone([]),
            playout=self._playout,
            link=link,
            is_muted=lambda _: False,
            on_event=self._told.append,
            quality_interval_s=0.0,
        )

    def change(self, *states: PlayerState) -> None:
        for state in states:
            self.meters.player_changed("bob-1", state)

    def hear(self, frames: int) -> None:
        play(self._playout, self._clock, {0: self._talker}, frames)

    def hear_nothing(self, frames: int) -> None:
        play(self._playout, self._clock, {}, frames)

    async def hears(self, *breaks: PlayerMediaEvent) -> None:
        await until(lambda: self.breaks == list(breaks), f"{breaks}")

    async def tells_anew(self, kind: type[Event]) -> None:
        """Wait until the meters looked once more, and told this."""
        before = self._count(kind)
        await until(lambda: self._count(kind) > before, kind.__name__)

    @property
    def breaks(self) -> list[PlayerMediaEvent]:
        return [e.event for e in self._told if isinstance(e, PlayerMediaEventTold)]

    def _count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self._told)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def run(ear: Ear, scene: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(30):
            await scene
        ear.meters.close()

    asyncio.run(limited())


def test_a_break_that_costs_the_way_ends_when_sound_is_back(clock: Clock) -> None:
    ear = Ear(clock)

    async def scene() -> None:
        ear.change(PlayerState.PLAY_REQUESTING, PlayerState.PLAYING)
        ear.hear(30)
        ear.hear_nothing(40)
        await ear.hears(OCCUR)
        ear.change(PlayerState.PLAY_REQUESTING, PlayerState.PLAYING)
        ear.hear_nothing(10)
        await ear.tells_anew(PlayerQualityUpdate)
        assert ear.breaks == [OCCUR]
        ear.hear(30)
        await ear.hears(OCCUR, RESUME)
        ear.hear_nothing(40)
        await ear.hears(OCCUR, RESUME, OCCUR)

    run(ear, scene())


def test_a_break_of_a_stream_that_was_stopped_is_over(clock: Clock) -> None:
    ear = Ear(clock)

    async def scene() -> None:
        ear.change(PlayerState.PLAYING)
        ear.hear(30)
        ear.hear_nothing(40)
        await ear.hears(OCCUR)
        ear.change(PlayerState.NO_PLAY, PlayerState.PLAYING)
        ear.hear(30)
        await ear.tells_anew(PlayerRecvAudioFirstFrame)
        assert ear.breaks == [OCCUR]

    run(ear, scene())
