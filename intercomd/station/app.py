"""The station: everything of it wired together, started and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import signal
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from intercomd.domain.room import User
from intercomd.domain.sound import PublishChannel
from intercomd.engine import Engine, EngineConfig, EngineProfile, TalkKey
from intercomd.station.actions import Actions
from intercomd.station.announcer import Announcer
from intercomd.station.call import Call
from intercomd.station.config import (
    Simulation,
    StationConfig,
    TalkMode,
    read_app_sign,
    read_token,
    without_panel,
)
from intercomd.station.loudspeaker import Loudspeaker
from intercomd.station.panel import Panel
from intercomd.station.panel_config import Channel, time_of_day
from intercomd.station.sound import MakeSound, cards, files, is_card_missing
from intercomd.station.status import StationStatus
from intercomd.station.watch import Watch

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
    if simulation is None:
        make_sound = cards(config.audio)
    else:
        make_sound = files(simulation)
        config = without_panel(config)
    async with Station(config, app_sign, make_sound) as station:
        _log.info("station started user=%s room=%s", config.user.id, config.room.id)
        with attend(station):
            await stop.wait()
        _log.info("station stopping")


class Station:
    """A station, in its room (or on the way to it) while it is entered.

    engine  its place in the room, for who wants to look or to bring sound of its own
    """

    def __init__(
        self, config: StationConfig, app_sign: str, make_sound: MakeSound
    ) -> None:
        """`app_sign` is 64 hexadecimal digits; "" logs in by the token file."""
        self._config = config
        self.engine = Engine(
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
                processing=config.processing,
            ),
        )
        _set_talk(self.engine, config)
        self._tasks: set[asyncio.Task[object]] = set()
        self._call = Call(
            self.engine,
            room_id=config.room.id,
            user=User(config.user.id, config.user.name),
            published=config.published,
            token_file=config.app.token_file,
        )
        self._loudspeaker = Loudspeaker(self.engine.render, self._tone_volume)
        self._sound = make_sound(self.engine, self._loudspeaker.render)
        self._watch = Watch(
            config,
            self.engine,
            self._call,
            is_card_missing=lambda: is_card_missing(self._sound),
        )
        self._announcer = Announcer(self.engine, self._loudspeaker)
        self._actions = Actions(
            self.engine,
            self._call,
            self._loudspeaker,
            self._watch,
            room_id=config.room.id,
            reply_stream_id=config.published.get(PublishChannel.AUX),
            spawn=self._spawn,
        )
        self._panel = Panel(config, self._actions, self._watch)
        self._resources = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._resources.enter_async_context(self.engine)
            for part in self._sound:
                await self._resources.enter_async_context(part)
            await self._resources.enter_async_context(self._panel)
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
        return self._watch.is_talking

    def talk(self, *, on: bool) -> None:
        """Press or release the talk key; nothing unless the station talks by key."""
        self._actions.talk(on=on, channel=Channel.MAIN)

    @property
    def is_called(self) -> bool:
        """Whether somebody called and was not answered yet."""
        return self._actions.is_called

    @property
    def volume(self) -> int:
        """The loudspeaker's: 0 to 200, 100 is as it is."""
        return self._loudspeaker.volume

    def status(self) -> StationStatus:
        """Read everything; cheap enough for ten times a second."""
        return self._watch.status()

    def _spawn(self, work: Coroutine[object, object, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_call(self) -> None:
        try:
            await self._call.run()
        except Exception:  # noqa: BLE001 - the top of a task
            _log.exception("call failed")

    def _tone_volume(self) -> int:
        tones, night = self._config.tones, self._config.night
        is_quiet = night.is_now(time_of_day()) and not tones.at_night
        return 0 if is_quiet else tones.volume


def _set_talk(engine: Engine, config: StationConfig) -> None:
    key = TalkKey(config.talk.pre_roll_ms, config.talk.tail_ms)
    match config.talk_mode:
        case TalkMode.ALWAYS:
            engine.talk_always()
        case TalkMode.VOICE:
            engine.talk_by_voice()
        case TalkMode.KEY:
            engine.talk_by_key(key)
    engine.talk_by_key(key, PublishChannel.AUX)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
