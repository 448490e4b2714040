"""`intercomd status`, `watch`, `talk` and so on: the station of this machine."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from intercomd.domain.audio import FRAME_S, Frame
from intercomd.domain.errors import ControlRefused, StationAbsent
from intercomd.station.control_messages import (
    SAY_FRAMES_MAX,
    Events,
    Mute,
    Reload,
    Request,
    Say,
    Status,
    Talk,
    Volume,
    line_of,
)

WATCH_EVERY_S = 0.5
ANSWER_WITHIN_S = 20.0
"""A station that logs in anew after a reload takes the longest."""


def socket_path() -> Path:
    """Where the service's socket is; in the service itself, too."""
    folder = os.environ.get("RUNTIME_DIRECTORY", "/run/intercomd")
    return Path(folder, "control")


def main(arguments: argparse.Namespace) -> int:
    """Ask the station and tell what it says; returns 0."""
    with Station(arguments.socket or socket_path()) as station:
        match arguments.verb:
            case "status":
                _print_status(station.status(), as_json=arguments.json)
            case "watch":
                _watch(station)
            case "events":
                station.ask(Events())
                for line in station.lines():
                    print(line if arguments.json else _event(line), flush=True)
            case "talk":
                station.ask(Talk(arguments.state == "on"))
            case "mute":
                is_on = arguments.state == "on"
                station.ask(Mute(**{arguments.what: is_on}))
            case "volume":
                station.ask(Volume(arguments.percent))
            case "say":
                _say(station, arguments.file)
            case "reload":
                station.ask(Reload())
                print("the configuration is taken up")
            case other:
                raise AssertionError(other)
    return os.EX_OK


class Station:
    """A connection to the station, while it is entered."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Station:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(ANSWER_WITHIN_S)
        try:
            self._socket.connect(str(self._path))
        except OSError as error:
            self._socket.close()
            raise StationAbsent(f"{self._path}: {error.strerror}") from error
        self._answers = self._socket.makefile("r", encoding="utf-8")
        return self

    def __exit__(self, *error: object) -> None:
        self._answers.close()
        self._socket.close()

    def ask(self, request: Request) -> dict[str, Any]:
        """Its answer; raises `ControlRefused` or `StationAbsent`."""
        try:
            self._socket.sendall(line_of(request))
        except OSError as error:
            raise StationAbsent(f"{self._path}: {error}") from error
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        try:
            line = self._answers.readline()
        except OSError as error:
            raise StationAbsent(f"{self._path}: {error}") from error
        if not line:
            raise StationAbsent(f"{self._path}: it has just ended")
        answer: dict[str, Any] = json.loads(line)
        if not answer["ok"]:
            raise ControlRefused(answer["error"])
        return answer

    def status(self) -> dict[str, Any]:
        """All it says of itself."""
        told: dict[str, Any] = self.ask(Status())["status"]
        return told

    def say(self, frames: Sequence[Frame]) -> int:
        """Have these said to the room; how many listened, once the last was said."""
        seconds = SAY_FRAMES_MAX * FRAME_S
        if len(frames) > SAY_FRAMES_MAX:
            raise ControlRefused(f"more than {seconds:.0f} s are not said at once")
        self.ask(Say(len(frames)))
        self._socket.settimeout(ANSWER_WITHIN_S + len(frames) * FRAME_S)
        # It reads no faster than it speaks, and stops reading when it is refused.
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(b"".join(frames))
        listeners: int = self._answer()["listeners"]
        return listeners

    def lines(self) -> Iterator[str]:
        """What it says from now on, until it ends."""
        self._socket.settimeout(None)
        while line := self._answers.readline():
            yield line.rstrip("\n")


def _say(station: Station, path: Path) -> None:
    # Here, for no other verb needs numpy.
    from intercomd.audio.wav import read_frames

    listeners = station.say(read_frames(path))
    print(f"said to {listeners} listener{'' if listeners == 1 else 's'}")


def _print_status(status: dict[str, Any], *, as_json: bool) -> None:
    print(json.dumps(status) if as_json else _text(status))


def _text(status: dict[str, Any]) -> str:
    rtt_ms = status["rtt_ms"]
    talk = "talking" if status["is_talking"] else "not talking"
    lines = [
        f"{status['user_id']}: {status['says']}",
        f"  microphone {-status['microphone_dbov']:.0f} dB, {talk}",
        f"  loudspeaker at {status['volume']} %",
        f"  round trip {'-' if rtt_ms is None else f'{rtt_ms:.0f} ms'}",
    ]
    lines += [
        f"  hears {one['stream_id']} at {-one['level_dbov']:.0f} dB, "
        f"{one['received']} packets, {one['concealed']} frames concealed, "
        f"{one['delay_ms']:.0f} ms buffered"
        for one in status["heard"]
    ]
    return "\n".join(lines)


def _watch(station: Station) -> None:
    """A new reading over the last one, until Ctrl-C."""
    rows = 0
    while True:
        text = _text(station.status())
        above = f"\033[{rows}F\033[J" if rows else ""
        print(above + text, flush=True)
        rows = text.count("\n") + 1
        time.sleep(WATCH_EVERY_S)


def _event(line: str) -> str:
    told = json.loads(line)
    clock = time.strftime("%H:%M:%S", time.localtime(told.pop("at", None)))
    name = told.pop("event")
    return f"{clock} {name} " + " ".join(
        f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in told.items()
    )
