"""A station that mends itself, in a real room."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from intercomd.audio.null import NullSink
from intercomd.domain.audio import Deliver, Pull
from intercomd.domain.room import RoomState
from intercomd.engine import Engine
from intercomd.server.app import RoomServer
from intercomd.station.app import Station
from intercomd.station.appliance import Appliance
from intercomd.station.config import (
    AppSettings,
    RoomSettings,
    ServerSettings,
    Simulation,
    StationConfig,
    UserSettings,
    read_app_sign,
)
from intercomd.station.run import run
from intercomd.station.sound import SoundPart
from tests.engine.events import until
from tests.room_server import APP_ID, server_config, url_of


class StuckSink(NullSink):
    """A loudspeaker whose thread hangs in its driver: open, and nothing moves."""

    @property
    def is_open(self) -> bool:
        return True

    async def __aenter__(self) -> StuckSink:
        return self

    async def __aexit__(self, *_: object) -> None: ...


def config_of(server: RoomServer, folder: Path) -> StationConfig:
    return StationConfig(
        server=ServerSettings(url_of(server)),
        app=AppSettings(APP_ID, folder / "app_sign"),
        user=UserSettings("mine"),
        room=RoomSettings("lobby"),
    )


def test_a_card_that_hangs_is_opened_anew_once(tmp_path: Path) -> None:
    made: list[SoundPart] = []

    def sound(engine: Engine, deliver: Deliver, pull: Pull) -> Sequence[SoundPart]:
        del engine, deliver
        made.append(NullSink(pull) if made else StuckSink(pull))
        return made[-1:]

    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            config = config_of(server, tmp_path)
            sign = read_app_sign(tmp_path / "app_sign")
            async with Station(config, sign, sound) as station:
                await until(lambda: len(made) == 2, "opened anew")
                opened_anew = made[1]
                assert isinstance(opened_anew, NullSink)
                await until(lambda: opened_anew.counters.frames > 0, "it plays")
                assert station.status().repairs == {"reopen_cards": 1}
                assert station.status().room_state is RoomState.CONNECTED

    asyncio.run(scene())


def test_a_station_beyond_repair_ends_to_be_started_again(tmp_path: Path) -> None:
    @contextlib.contextmanager
    def attend(appliance: Appliance) -> Iterator[None]:
        asyncio.get_running_loop().call_soon(appliance.station.on_beyond_repair)
        yield

    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            config = config_of(server, tmp_path)
            is_well = await run(lambda: config, Simulation(None, None), attend)
            assert not is_well

    asyncio.run(scene())
