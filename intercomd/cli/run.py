"""`intercomd run`: be a station until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from intercomd.cli.control import socket_path
from intercomd.cli.keys import is_terminal, pressed_keys
from intercomd.cli.log_output import LogFormat, write_log
from intercomd.cli.supervisor import supervision
from intercomd.domain.errors import ConfigUnreadable
from intercomd.domain.identifiers import check_room_id, check_user_id
from intercomd.fleet.fleet import Fleet
from intercomd.fleet.identity import this_machine
from intercomd.station.appliance import Appliance
from intercomd.station.config import Simulation, StationConfig, load
from intercomd.station.run import run


def main(arguments: argparse.Namespace) -> int:
    """Run; returns 0 when SIGTERM or SIGINT ended it, EX_TEMPFAIL when it could not
    repair itself and is to be started again."""
    simulation = _simulation(arguments)

    def read() -> StationConfig:
        return _overridden(_loaded(arguments), arguments)

    write_log(read().log.level, LogFormat(arguments.log_format))
    is_attended = simulation is not None and is_terminal()
    attend = _talk_by_key if is_attended else nullcontext
    control = _control(arguments)
    is_well = asyncio.run(run(read, simulation, attend, supervision(), control))
    return os.EX_OK if is_well else os.EX_TEMPFAIL


def _control(arguments: argparse.Namespace) -> Path | None:
    """Where the control socket is: a station started by hand has one if it is told."""
    if arguments.control is None and "RUNTIME_DIRECTORY" in os.environ:
        return socket_path()
    path: Path | None = arguments.control
    return path


def _loaded(arguments: argparse.Namespace) -> StationConfig:
    if arguments.fleet is None:
        return load(arguments.config)
    fleet = Fleet.load(arguments.fleet)
    return fleet.config(arguments.name or fleet.find(this_machine()))


def _talk_by_key(appliance: Appliance) -> AbstractContextManager[None]:
    """The space bar is the talk key; a terminal does not tell when it is released."""
    print("space: stop talking, and talk again; Ctrl-C: quit", file=sys.stderr)

    def press(key: str) -> None:
        station = appliance.station
        if key == " ":
            station.talk(on=not station.is_talking)

    return pressed_keys(press)


def _overridden(config: StationConfig, arguments: argparse.Namespace) -> StationConfig:
    user, room = config.user, config.room
    try:
        if arguments.user is not None:
            user = replace(user, id=check_user_id(arguments.user))
        if arguments.room is not None:
            room = replace(room, id=check_room_id(arguments.room))
    except ValueError as error:
        print(f"intercomd: --user or --room: {error}", file=sys.stderr)
        sys.exit(os.EX_USAGE)
    return replace(config, user=user, room=room)


def _simulation(arguments: argparse.Namespace) -> Simulation | None:
    if not arguments.simulate:
        return None
    if arguments.microphone is not None and not arguments.microphone.is_file():
        raise ConfigUnreadable(f"{arguments.microphone}: no such file")
    return Simulation(arguments.microphone, arguments.speaker)
