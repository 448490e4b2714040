"""Station and server as systemd sees them: real processes, and its own protocol."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.bench.processes import Child, intercomd
from tests.system.site import free_port

pytestmark = pytest.mark.system


class Supervisor:
    """The socket systemd listens on, and what came over it."""

    def __init__(self, path: Path) -> None:
        self.told: list[str] = []
        self._path = path

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    def environment(self, watchdog_s: float = 10.0) -> dict[str, str]:
        microseconds = round(1_000_000 * watchdog_s)
        return {
            "NOTIFY_SOCKET": str(self._path),
            "WATCHDOG_USEC": str(microseconds),
        }

    def wait_for(self, wanted: Callable[[str], bool], within_s: float = 15.0) -> str:
        """The next message that is wanted; all before it are in `told`, too."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if (message := self.next(until - time.monotonic())) is None:
                break
            if wanted(message):
                return message
        raise AssertionError(f"never told; told was {self.told}")

    def next(self, within_s: float) -> str | None:
        self._socket.settimeout(max(0.01, within_s))
        try:
            message = self._socket.recv(4096).decode()
        except TimeoutError:
            return None
        self.told.append(message)
        return message


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with Supervisor(tmp_path / "notify") as supervisor:
        yield supervisor


def write(path: Path, settings: dict[str, object]) -> Path:
    path.write_text(json.dumps(settings))  # which is YAML, too
    return path


@contextmanager
def a_server(folder: Path, port: int, **environment: str) -> Iterator[Child]:
    config = write(
        folder / "server.yaml",
        {
            "listen": {"host": "127.0.0.1", "port": port},
            "apps": [{"id": 1, "sign_file": "app_sign"}],
        },
    )
    command = intercomd("serve", "--config", str(config))
    with Child(command, environment=environment) as child:
        child.wait_for_line(lambda line: "listening" in line)
        yield child


def station_settings(port: int, **more: object) -> dict[str, object]:
    return {
        "server": {"url": f"ws://127.0.0.1:{port}"},
        "app": {"id": 1, "sign_file": "app_sign"},
        "user": {"id": "gate"},
        "room": {"id": "lobby"},
        **more,
    }


def a_station(folder: Path, port: int, **environment: str) -> Child:
    write(folder / "station.yaml", station_settings(port))
    command = intercomd("run", "--config", str(folder / "station.yaml"), "--simulate")
    return Child(command, environment=environment)


def test_the_server_is_ready_when_it_listens_and_says_who_is_there(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    port = free_port()
    with a_server(tmp_path, port, **supervisor.environment()) as server:
        assert supervisor.next(1.0) == "READY=1"
        told = f"STATUS=listening on 127.0.0.1 port {port}, 0 users in 0 rooms"
        supervisor.wait_for(lambda message: message == told)
        with a_station(tmp_path, port):
            supervisor.wait_for(lambda m: m.endswith("1 user in 1 room"))
        supervisor.wait_for(lambda m: m == "WATCHDOG=1")
        server.stop()
        supervisor.wait_for(lambda m: m == "STOPPING=1")


def test_a_station_is_ready_in_its_room_and_fed_while_it_lives(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    port = free_port()
    with (
        a_server(tmp_path, port),
        a_station(tmp_path, port, **supervisor.environment()) as station,
    ):
        supervisor.wait_for(lambda m: m == "READY=1")
        assert any(m.startswith("STATUS=in room lobby, ") for m in supervisor.told)
        for _ in range(2):
            supervisor.wait_for(lambda m: m == "WATCHDOG=1", 3.0)
        station.stop()
        supervisor.wait_for(lambda m: m == "STOPPING=1")


def test_a_station_without_a_server_settles_into_retrying(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    (tmp_path / "app_sign").write_text("0" * 64)
    with a_station(tmp_path, free_port(), **supervisor.environment()):
        supervisor.wait_for(lambda m: m == "READY=1")
        told = "STATUS=no network or no room server, retrying room lobby"
        if told not in supervisor.told:  # the login itself began late
            supervisor.wait_for(lambda m: m == told)
        supervisor.wait_for(lambda m: m == "WATCHDOG=1", 3.0)


def test_a_stopped_process_feeds_no_watchdog(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    port = free_port()
    with (
        a_server(tmp_path, port),
        a_station(tmp_path, port, **supervisor.environment()) as station,
    ):
        supervisor.wait_for(lambda m: m == "READY=1")
        os.kill(station.pid, signal.SIGSTOP)
        try:
            while supervisor.next(0.2) is not None:
                pass  # what it had said before
            assert supervisor.next(2.5) is None
        finally:
            os.kill(station.pid, signal.SIGCONT)
        supervisor.wait_for(lambda m: m == "WATCHDOG=1", 3.0)


def test_a_hangup_takes_the_station_to_another_room(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    port = free_port()
    with (
        a_server(tmp_path, port),
        a_station(tmp_path, port, **supervisor.environment()) as station,
    ):
        supervisor.wait_for(lambda m: m == "READY=1")
        settings = station_settings(port, room={"id": "yard"})
        write(tmp_path / "station.yaml", settings)
        os.kill(station.pid, signal.SIGHUP)
        reloading = supervisor.wait_for(lambda m: m.startswith("RELOADING=1"))
        since_us = int(reloading.partition("MONOTONIC_USEC=")[2])
        assert 0 <= time.monotonic_ns() // 1000 - since_us < 5_000_000
        supervisor.wait_for(lambda m: m == "READY=1")
        supervisor.wait_for(lambda m: m.startswith("STATUS=in room yard"))


def test_a_broken_file_is_refused_and_the_old_one_goes_on(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    port = free_port()
    with (
        a_server(tmp_path, port),
        a_station(tmp_path, port, **supervisor.environment()) as station,
    ):
        supervisor.wait_for(lambda m: m == "READY=1")
        write(tmp_path / "station.yaml", station_settings(port, room={"ids": "yard"}))
        os.kill(station.pid, signal.SIGHUP)
        station.wait_for_line(lambda line: "new configuration refused" in line)
        assert any("did you mean" in line for line in station.lines())
        supervisor.wait_for(lambda m: m == "READY=1")
        supervisor.wait_for(lambda m: "in room lobby" in m and "is refused" in m)
        write(tmp_path / "station.yaml", station_settings(port))
        os.kill(station.pid, signal.SIGHUP)
        station.wait_for_line(lambda line: "it changes nothing" in line)
        supervisor.wait_for(lambda m: m.startswith("STATUS=in room lobby, 0 listeners"))
