"""The demonstration wired together: a room server, a parrot and a station.

All three are the real ones, over real sockets on loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from intercomd.audio.greeting import greeting_path
from intercomd.audio.parrot import Parrot
from intercomd.cli.demo_report import report
from intercomd.cli.demo_view import View
from intercomd.cli.keys import is_terminal
from intercomd.domain.audio import Deliver, Pull
from intercomd.domain.room import PublisherState, RoomState
from intercomd.engine import Engine
from intercomd.server import config as server
from intercomd.server.app import RoomServer
from intercomd.station import config as station
from intercomd.station.app import Station
from intercomd.station.sound import (
    MakeSound,
    SoundPart,
    cards,
    default_cards_are_there,
    files,
)

APP_ID = 1
UNATTENDED_S = 20
CONNECT_LIMIT_S = 30.0
CONNECT_POLL_S = 0.02
SPEAKER_FILE = Path("intercomd-demo.wav")


@dataclass(frozen=True, slots=True)
class StationSound:
    """What the station hears with and speaks through, and how to say so."""

    make: MakeSound
    text: str
    is_card: bool


async def demonstrate(room: str, seconds: int | None, *, as_json: bool) -> int:
    """Run it for `seconds`, or until `q`; return 0 if sound arrived both ways.

    Without a terminal, or as JSON, it runs for 20 s unless told otherwise and then
    prints one JSON object.
    """
    began_at = time.monotonic()
    is_watched = not as_json and is_terminal()
    # A live view draws over log lines; it shows the states itself.
    level = logging.CRITICAL if is_watched else logging.WARNING
    logging.getLogger("intercomd").setLevel(level)
    sound = _choose_sound()
    stop = _stop_event()
    async with contextlib.AsyncExitStack() as resources:
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        room_server = RoomServer(_server_config(folder))
        await resources.enter_async_context(room_server)
        stations = [
            await resources.enter_async_context(
                Station(
                    _station_config(user, talk, room, room_server.address, folder),
                    station.read_app_sign(folder / "app_sign"),
                    make,
                )
            )
            for user, talk, make in (
                ("parrot", station.TalkMode.ALWAYS, _parrot),
                ("station", station.TalkMode.KEY, sound.make),
            )
        ]
        with contextlib.suppress(TimeoutError):
            # With a microphone, nobody should be heard before pressing a key.
            stations[1].talk(on=not (is_watched and sound.is_card))
            if is_watched:
                async with asyncio.timeout(seconds):
                    await View(stations, sound.text).show_until(stop)
            else:
                await _run_unattended(stations, sound, seconds, stop, began_at)
        return _exit_code(stations)


async def _run_unattended(
    stations: Sequence[Station],
    sound: StationSound,
    seconds: int | None,
    stop: asyncio.Event,
    began_at: float,
) -> None:
    print(f"intercomd: {sound.text}", file=sys.stderr)
    connected_s = await _until_connected(stations, began_at)
    remaining_s = began_at + (seconds or UNATTENDED_S) - time.monotonic()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, remaining_s)):
            await stop.wait()
    print(report([one.status() for one in stations], connected_s))


async def _until_connected(
    stations: Sequence[Station], began_at: float
) -> float | None:
    """How long it took until all were in the room and publishing, in seconds."""
    while time.monotonic() - began_at < CONNECT_LIMIT_S:
        if all(_is_connected(one) for one in stations):
            return time.monotonic() - began_at
        await asyncio.sleep(CONNECT_POLL_S)
    return None


def _is_connected(one: Station) -> bool:
    status = one.status()
    return (
        status.room_state is RoomState.CONNECTED
        and status.publisher_state is PublisherState.PUBLISHING
    )


def _exit_code(stations: Sequence[Station]) -> int:
    """0 if every station heard somebody."""
    for one in stations:
        if not any(h.first_sound_ms is not None for h in one.status().heard):
            return os.EX_UNAVAILABLE
    return os.EX_OK


def _choose_sound() -> StationSound:
    if default_cards_are_there():
        text = "microphone and loudspeaker: this machine's default ALSA card"
        return StationSound(cards(station.AudioSettings()), text, is_card=True)
    heard = SPEAKER_FILE.absolute()
    simulation = station.Simulation(greeting_path(), heard)
    text = (
        "no sound card here: a spoken WAV file is the microphone, "
        f"and the loudspeaker plays into {heard}"
    )
    return StationSound(files(simulation), text, is_card=False)


def _parrot(engine: Engine, deliver: Deliver, pull: Pull) -> Sequence[SoundPart]:
    del engine
    return [Parrot(deliver, pull)]


def _server_config(folder: Path) -> server.ServerConfig:
    return server.ServerConfig(
        apps=(server.AppSettings(APP_ID, folder / "app_sign"),),
        listen=server.ListenSettings("127.0.0.1", 0),
    )


def _station_config(
    user: str,
    talk: station.TalkMode,
    room: str,
    address: tuple[str, int],
    folder: Path,
) -> station.StationConfig:
    host, port = address
    return station.StationConfig(
        server=station.ServerSettings(f"ws://{host}:{port}"),
        app=station.AppSettings(APP_ID, folder / "app_sign"),
        user=station.UserSettings(user),
        room=station.RoomSettings(room),
        talk=station.TalkSettings(talk),
    )


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
