"""A station and the file it is made of: what becomes of it when the file changes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from intercomd.domain.errors import IntercomError
from intercomd.domain.supervision import UNSUPERVISED, Supervision
from intercomd.station.app import Station
from intercomd.station.changes import Part, concerned
from intercomd.station.config import (
    Simulation,
    StationConfig,
    read_app_sign,
    read_token,
    without_panel,
)
from intercomd.station.service import Service
from intercomd.station.sound import MakeSound, cards, files

_log = logging.getLogger(__name__)

ReadConfig = Callable[[], StationConfig]
"""Reads the file; raises `ConfigUnreadable` or `ConfigInvalid`."""


class Appliance:
    """A running station that can become another one while it is entered.

    station     the one that runs now
    on_station  called with each one that is made, before it does anything
    """

    station: Station

    def __init__(
        self,
        read: ReadConfig,
        simulation: Simulation | None = None,
        supervision: Supervision = UNSUPERVISED,
        on_beyond_repair: Callable[[], object] = lambda: None,
    ) -> None:
        """`on_beyond_repair` is called when nothing but a new process can help."""
        self._on_beyond_repair = on_beyond_repair
        self.on_station: Callable[[Station], object] = lambda station: station
        self._read = read
        self._simulation = simulation
        self._supervision = supervision
        self._reloading = asyncio.Lock()
        self._reload_tasks: set[asyncio.Task[None]] = set()
        self._resources = contextlib.AsyncExitStack()
        self._config: StationConfig
        self._app_sign: str

    async def __aenter__(self) -> Self:
        self._config = self._prepared()
        self._app_sign = _app_sign(self._config)
        await self._start()
        service = Service(self._supervision, lambda: self.station)
        await self._resources.enter_async_context(service)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._reload_tasks:
            task.cancel()
        await asyncio.gather(*self._reload_tasks, return_exceptions=True)
        await self._resources.aclose()
        await self.station.__aexit__(kind, error, traceback)

    def reload_soon(self) -> None:
        """Reload, and let the log tell what came of it."""
        task = asyncio.create_task(self._reload_or_refuse())
        self._reload_tasks.add(task)
        task.add_done_callback(self._reload_tasks.discard)

    async def reload(self) -> None:
        """Read the file again and restart what it changes, and nothing else.

        A file that is wrong changes nothing but the lights; raises what is wrong.
        """
        async with self._reloading:
            self._supervision.reloading(time.monotonic_ns() // 1000)
            try:
                await self._take_up(await asyncio.to_thread(self._prepared))
            except IntercomError as error:
                self.station.tell_config_refused(is_refused=True)
                _log.error("new configuration refused, the old one goes on: %s", error)
                raise
            finally:
                self._supervision.ready()
            self.station.tell_config_refused(is_refused=False)

    async def _reload_or_refuse(self) -> None:
        with contextlib.suppress(IntercomError):
            await self.reload()

    async def _take_up(self, config: StationConfig) -> None:
        app_sign = _app_sign(config)
        parts = concerned(self._config, config)
        if app_sign != self._app_sign:
            parts |= {Part.STATION}
        told = ", ".join(sorted(part.value for part in parts)) or "nothing"
        _log.info("new configuration taken up, it changes %s", told)
        self._config, self._app_sign = config, app_sign
        logging.getLogger("intercomd").setLevel(config.log.level.name)
        if Part.STATION in parts:
            await self.station.__aexit__(None, None, None)
            await self._start(after=self.station)
        else:
            await self.station.change(config, self._make_sound())

    async def _start(self, *, after: Station | None = None) -> None:
        config = self._config
        station = Station(config, self._app_sign, self._make_sound())
        station.on_beyond_repair = self._on_beyond_repair
        if after is not None:
            station.take_over(after)
        self.on_station(station)
        self.station = await station.__aenter__()
        _log.info("station started user=%s room=%s", config.user.id, config.room.id)

    def _prepared(self) -> StationConfig:
        config = self._read()
        return config if self._simulation is None else without_panel(config)

    def _make_sound(self) -> MakeSound:
        if self._simulation is None:
            return cards(self._config.audio)
        return files(self._simulation)


def _app_sign(config: StationConfig) -> str:
    if config.app.sign_file is not None:
        return read_app_sign(config.app.sign_file)
    if config.app.token_file is not None:
        read_token(config.app.token_file)  # so that a wrong path is told at once
    return ""
