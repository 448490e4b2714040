"""The station: everything of it wired together, started and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from intercomd.domain.room import (
    PublisherState,
    RoomState,
    RoomStateReason,
    User,
)
from intercomd.engine import Engine, EngineConfig, EngineProfile, TalkKey
from intercomd.media.playout import PlayoutStats
from intercomd.station.call import Call
from intercomd.station.config import (
    Simulation,
    StationConfig,
    TalkMode,
    TalkSettings,
    read_app_sign,
    read_token,
)
from intercomd.station.lights import light_for
from intercomd.station.sound import MakeSound, cards, files
from intercomd.station.status import Heard, StationStatus

HISTORY_ENTRIES = 100

_log = logging.getLogger(__name__)


async def run(
    config: StationConfig,
    simulation: Simulation | None = None,
    attend: Callable[[Station], AbstractContextManager[object]] = nullcontext,
) -> None:
    """Run a station until SIGTERM or SIGINT; `attend` is entered meanwhile.

    Raises what reading the AppSign or token raises, and for a simulation what
    opening its files raises; nothing that happens later ends it.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app_sign = ""
    if config.app.sign_file is not None:
        app_sign = read_app_sign(config.app.sign_file)
    elif config.app.token_file is not None:
        read_token(config.app.token_file)  # so that a wrong path is told at once
    make_sound = cards(config.audio) if simulation is None else files(simulation)
    async with Station(config, app_sign, make_sound) as station:
        _log.info("station started user=%s room=%s", config.user.id, config.room.id)
        with attend(station):
            await stop.wait()
        _log.info("station stopping")


class Station:
    """A station, in its room (or on the way to it) while it is entered."""

    def __init__(
        self, config: StationConfig, app_sign: str, make_sound: MakeSound
    ) -> None:
        """`app_sign` is 64 hexadecimal digits; "" logs in by the token file."""
        self._config = config
        self._engine = Engine(
            EngineProfile(
                config.app.id,
                app_sign,
                server_url=config.server.url,
                server_fingerprint=config.server.fingerprint,
            ),
            EngineConfig(
                room_retry_time_s=math.inf,  # a station never gives up
                av_retry_time_s=math.inf,
                first_wait_ms=config.audio.first_wait_ms,
            ),
        )
        _set_talk(self._engine, config.talk)
        self._call = Call(
            self._engine,
            room_id=config.room.id,
            user=User(config.user.id, config.user.name),
            stream_id=config.stream_id if config.publish_on_start else None,
            token_file=config.app.token_file,
        )
        self._sound = make_sound(self._engine)
        self._resources = contextlib.AsyncExitStack()
        self._started_at = 0.0
        self._room_state = RoomState.DISCONNECTED
        self._publisher_state = PublisherState.NO_PUBLISH
        self._listeners = 0
        self._history: list[str] = []
        self._engine.on("room_state_changed", self._room_changed)
        self._engine.on("publisher_state_update", self._publisher_changed)
        self._engine.on("publisher_listeners_update", self._listeners_changed)

    async def __aenter__(self) -> Self:
        self._started_at = time.monotonic()
        try:
            await self._resources.enter_async_context(self._engine)
            for part in self._sound:
                await self._resources.enter_async_context(part)
            call = asyncio.create_task(self._keep_call())
            self._resources.push_async_callback(_end, call)
        except BaseException:
            await self._resources.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._resources.aclose()

    @property
    def is_talking(self) -> bool:
        """Whether the talk key is down, or none is needed."""
        return (
            self._config.publish_on_start
            and not self._engine.is_microphone_muted
            and self._engine.is_talking()
        )

    def talk(self, *, on: bool) -> None:
        """Press or release the talk key; nothing unless the station talks by key."""
        self._engine.talk(on)

    def status(self) -> StationStatus:
        """Read everything; cheap enough for ten times a second."""
        stats = self._engine.stats()
        media = stats.media
        is_talking = self.is_talking and stats.is_capturing
        return StationStatus(
            user_id=self._config.user.id,
            room_id=self._config.room.id,
            room_state=self._room_state,
            publisher_state=self._publisher_state,
            light=light_for(
                self._room_state,
                self._publisher_state,
                is_talking=is_talking,
                listeners=self._listeners,
            ),
            is_talking=is_talking,
            is_kicked=self._call.is_kicked,
            listeners=self._listeners,
            microphone_dbov=stats.microphone_dbov,
            frames_sent=stats.frames_sent,
            heard=tuple(
                self._heard(stream_id, figures)
                for stream_id, figures in stats.streams.items()
            ),
            rtt_ms=media.rtt_ms if media else None,
            sent_loss=media.loss if media else None,
            history=tuple(self._history),
        )

    async def _keep_call(self) -> None:
        try:
            await self._call.run()
        except Exception:  # noqa: BLE001 - the top of a task
            _log.exception("call failed")

    def _heard(self, stream_id: str, figures: PlayoutStats) -> Heard:
        first_ms = None
        if figures.first_sound_at is not None:
            first_ms = 1000 * (figures.first_sound_at - self._started_at)
        return Heard(
            stream_id=stream_id,
            level_dbov=figures.level_dbov,
            received=figures.received,
            concealed=figures.concealed,
            late=figures.late,
            delay_ms=figures.delay_ms,
            latency_p50_ms=figures.latency_p50_ms,
            latency_p95_ms=figures.latency_p95_ms,
            first_sound_ms=first_ms,
        )

    def _room_changed(
        self, room_id: str, reason: RoomStateReason, code: int, extended: object
    ) -> None:
        del room_id, code, extended
        self._room_state = reason.state
        self._remember(reason.name.lower())

    def _publisher_changed(
        self, stream_id: str, state: PublisherState, code: int, extended: object
    ) -> None:
        del stream_id, code, extended
        self._publisher_state = state
        self._remember(state.name.lower())

    def _listeners_changed(self, stream_id: str, count: int) -> None:
        del stream_id
        self._listeners = count
        self._remember(f"heard_by_{count}")

    def _remember(self, entry: str) -> None:
        self._history.append(entry)
        del self._history[:-HISTORY_ENTRIES]


def _set_talk(engine: Engine, settings: TalkSettings) -> None:
    match settings.mode:
        case TalkMode.ALWAYS:
            engine.talk_always()
        case TalkMode.VOICE:
            engine.talk_by_voice()
        case TalkMode.KEY:
            engine.talk_by_key(TalkKey(settings.pre_roll_ms, settings.tail_ms))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
