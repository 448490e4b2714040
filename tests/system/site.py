"""A site: one room server and some stations, each a process of its own."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.processes import Child, intercomd
from tests.bench.pulse import PulseBench

ROOM = "lobby"
READY_WITHIN_S = 40.0
UNPROCESSED = {"echo": False, "noise": False, "gain": False, "high_pass": False}

Placed = Callable[[str, Sequence[str]], list[str]]
"""Turns (who, command) into the command that runs it where it belongs."""


class Site:
    """Processes started in order; entered, everybody hears everybody.

    Station i uses the bench's card i and is user `station-i`.
    """

    def __init__(
        self,
        folder: Path,
        bench: PulseBench,
        *,
        stations: int = 2,
        host: str = "127.0.0.1",
        talk: str = "voice",
        placed: Placed = lambda who, command: list(command),
        settings: Mapping[str, object] | None = None,
        processing: Mapping[str, object] = UNPROCESSED,
    ) -> None:
        """`placed` may move a process into a namespace; `who` is "server" or a
        station's user ID. `talk` is the stations' `talk.mode`, `processing` that
        section of their YAML: by default what is heard is what was said, as measuring
        needs it; `settings` go before those of station 0."""
        self._folder = folder
        self._bench = bench
        self._count = stations
        self._host = host
        self._talk = talk
        self._placed = placed
        self._settings = settings or {}
        self._processing = processing
        self._exits = ExitStack()
        self._port = free_port() if host == "127.0.0.1" else 8470
        self.server: Child
        self.stations: list[Child] = []

    def __enter__(self) -> Self:
        try:
            self.start_server()
            for index in range(self._count):
                self.stations.append(self._start_station(index))
            self.wait_until_all_hear_all()
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exits.close()

    @property
    def page_url(self) -> str:
        """Where the server's web page is."""
        return f"http://{self._host}:{self._port}/"

    def start_server(self) -> None:
        """Start the server, or a new one in the place of a killed one."""
        config = self._write(
            "server.yaml",
            {
                "listen": {"host": self._host, "port": self._port},
                "apps": [
                    {"id": 1, "sign_file": "app_sign", "secret_file": "server_secret"}
                ],
            },
        )
        command = intercomd("serve", "--config", str(config))
        self.server = self._exits.enter_context(Child(self._placed("server", command)))
        self.server.wait_for_line(lambda line: "listening" in line)

    def wait_until_all_hear_all(self) -> None:
        """Return once the server told every station that all others hear it."""
        wanted = f"heard by {self._count - 1}"
        try:
            for child in self.stations:
                child.wait_for_line(
                    lambda line: wanted in line, timeout_s=READY_WITHIN_S
                )
        except TimeoutError as error:
            for other in (self.server, *self.stations):
                error.add_note("\n".join(other.lines()[-20:]))
            raise

    def _start_station(self, index: int) -> Child:
        user = f"station-{index}"
        config = self._write(
            f"{user}.yaml",
            {
                "server": {"url": f"ws://{self._host}:{self._port}"},
                "app": {"id": 1, "sign_file": "app_sign"},
                "user": {"id": user},
                "room": {"id": ROOM},
                "processing": dict(self._processing),
                "audio": {
                    "capture": self._bench.capture_name(index),
                    "playback": self._bench.playback_name(index),
                },
                "talk": {"mode": self._talk},
                **(self._settings if index == 0 else {}),
            },
        )
        command = intercomd("run", "--config", str(config))
        child = Child(
            self._placed(user, command), environment=self._bench.environment()
        )
        return self._exits.enter_context(child)

    def _write(self, name: str, settings: Mapping[str, object]) -> Path:
        path = self._folder / name
        path.write_text(json.dumps(settings))  # which is YAML, too
        return path


def free_port() -> int:
    """A TCP port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
