"""The control socket of a real station, by the command line and by hand."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.bench.processes import PROJECT, Child, intercomd
from tests.system.site import free_port
from tests.system.test_service import a_server, station_settings, write

pytestmark = pytest.mark.system


class House:
    """A server and a station that talks by key, with its socket."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.path = folder / "control"

    def settings(self, **more: object) -> None:
        settings = station_settings(self.port, talk={"mode": "key"}, **more)
        write(self.folder / "station.yaml", settings)

    def station(self, control: Path | None = None) -> Child:
        self.settings()
        config = str(self.folder / "station.yaml")
        command = intercomd("run", "--config", config, "--simulate")
        return Child([*command, "--control", str(control or self.path)])

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*intercomd(*arguments), "--socket", str(self.path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )

    def status(self) -> dict[str, Any]:
        done = self.ask("status", "--json")
        assert done.returncode == os.EX_OK, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("control")
    with ExitStack() as stack:
        house = House(folder, free_port())
        stack.enter_context(a_server(folder, house.port))
        station = stack.enter_context(house.station())
        station.wait_for_line(lambda line: "heard by 0" in line or "logined" in line)
        yield house
    assert not house.path.exists()  # it is gone with its station


class Line:
    """A connection by hand."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(5.0)
        self.socket.connect(str(path))
        self._answers = self.socket.makefile("rb")

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *error: object) -> None:
        self._answers.close()
        self.socket.close()

    def send(self, line: bytes) -> None:
        self.socket.sendall(line + b"\n")

    def answer(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._answers.readline())
        return told


def test_only_its_user_and_group_can_use_it(house: House) -> None:
    assert stat.S_IMODE(house.path.stat().st_mode) == 0o660


def test_status_tells_how_it_is(house: House) -> None:
    told = house.status()
    assert told["says"].startswith("in room lobby, 0 listeners")
    assert (told["user_id"], told["room_state"]) == ("gate", "connected")
    text = house.ask("status").stdout
    assert text.startswith("gate: in room lobby, 0 listeners")


def test_talk_presses_the_key_and_releases_it(house: House) -> None:
    with Line(house.path) as line:
        for is_on in (True, False):
            line.send(json.dumps({"do": "talk", "on": is_on}).encode())
            assert line.answer() == {"ok": True}
    assert house.ask("talk", "on").returncode == os.EX_OK
    assert house.ask("talk", "off").returncode == os.EX_OK


def test_mute_and_volume_are_what_status_tells_then(house: House) -> None:
    assert house.ask("mute", "microphone", "on").returncode == os.EX_OK
    assert house.ask("volume", "40").returncode == os.EX_OK
    told = house.status()
    assert (told["is_microphone_muted"], told["volume"]) == (True, 40)
    assert "microphone muted" in told["says"]
    assert house.ask("mute", "microphone", "off").returncode == os.EX_OK
    assert not house.status()["is_microphone_muted"]


def test_a_volume_out_of_range_is_refused(house: House) -> None:
    assert house.ask("volume", "201").returncode == os.EX_USAGE
    with Line(house.path) as line:
        line.send(b'{"do": "volume", "percent": 201}')
        assert "<= 200" in line.answer()["error"]


@pytest.mark.parametrize(
    "request_line",
    [b"", b"nonsense", b"[]", b'{"do": "explode"}', b'{"do": "talk"}', b"\xff\xfe"],
)
def test_nonsense_is_refused_and_the_next_request_answered(
    house: House, request_line: bytes
) -> None:
    with Line(house.path) as line:
        line.send(request_line)
        refused = line.answer()
        assert not refused["ok"]
        assert refused["error"].startswith("no request of a station's: ")
        line.send(b'{"do": "status"}')
        assert line.answer()["ok"]


def test_a_line_without_end_is_cut_off(house: House) -> None:
    with Line(house.path) as line:
        line.socket.sendall(b"x" * 5000)
        assert line.answer() == {
            "ok": False,
            "error": "a request has at most 4096 bytes",
        }


def test_reload_takes_up_the_file_and_tells_what_is_wrong_with_it(
    house: House,
) -> None:
    house.settings(lihgts=[])
    refused = house.ask("reload")
    assert refused.returncode == os.EX_UNAVAILABLE
    assert "lihgts: is not a known key; did you mean 'lights'?" in refused.stderr
    assert "is refused" in house.status()["says"]
    house.settings()
    assert house.ask("reload").stdout == "the configuration is taken up\n"
    assert "is refused" not in house.status()["says"]


def test_events_tell_what_happens_also_after_the_station_became_another(
    house: House,
) -> None:
    with Line(house.path) as line:
        line.send(b'{"do": "events"}')
        assert line.answer() == {"ok": True}
        house.settings(room={"id": "yard"})
        assert house.ask("reload").returncode == os.EX_OK
        told = line.answer()
        while (told["event"], told.get("reason")) != ("room_state_changed", "logined"):
            told = line.answer()
        assert told["room_id"] == "yard"
        house.settings()
        assert house.ask("reload").returncode == os.EX_OK


def test_too_many_connections_are_refused_and_counted_down_again(
    house: House,
) -> None:
    with ExitStack() as stack:
        for _ in range(16):
            line = stack.enter_context(Line(house.path))
            line.send(b'{"do": "status"}')
            assert line.answer()["ok"]
        with Line(house.path) as one_more:
            assert "16 programs are connected already" in one_more.answer()["error"]
    assert house.status()["user_id"] == "gate"


def test_a_second_station_goes_on_without_the_socket(house: House) -> None:
    with house.station() as second:
        second.wait_for_line(lambda line: "another station has it" in line)
    assert house.status()["user_id"] == "gate"


def test_in_another_room_it_is_as_muted_and_as_loud_as_it_was(house: House) -> None:
    assert house.ask("mute", "microphone", "on").returncode == os.EX_OK
    assert house.ask("volume", "60").returncode == os.EX_OK
    house.settings(room={"id": "yard"})
    assert house.ask("reload").returncode == os.EX_OK
    told = house.status()
    assert told["room_id"] == "yard"
    assert (told["is_microphone_muted"], told["volume"]) == (True, 60)
    assert house.ask("mute", "microphone", "off").returncode == os.EX_OK
    house.settings()
    assert house.ask("reload").returncode == os.EX_OK


def test_a_file_in_the_place_of_the_socket_is_left_alone(house: House) -> None:
    file = house.path.with_name("station.yaml.mine")
    file.write_text("mine")
    with house.station(control=file) as second:
        second.wait_for_line(lambda line: "it is no socket" in line)
    assert file.read_text() == "mine"


def test_without_a_station_one_sentence_says_so(tmp_path: Path) -> None:
    done = House(tmp_path, 1).ask("status")
    assert done.returncode == os.EX_UNAVAILABLE
    assert done.stderr.startswith("intercomd: no station runs here, or you are not in")
    assert done.stderr.count("\n") == 1


def test_the_socket_of_a_killed_station_is_no_hindrance(tmp_path: Path) -> None:
    port = free_port()
    house = House(tmp_path, port)
    with a_server(tmp_path, port):
        with house.station() as station:
            station.wait_for_line(lambda line: "logined" in line)
            station.kill()
        assert house.path.exists()
        with house.station() as station:
            station.wait_for_line(lambda line: "logined" in line)
            assert house.status()["user_id"] == "gate"
