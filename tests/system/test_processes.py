"""How the two daemons begin, end and complain, as an operator meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.processes import Child, intercomd
from tests.system.site import free_port

pytestmark = pytest.mark.system

SIGN = "0123456789abcdef" * 4


def server_file(folder: Path, port: int) -> Path:
    path = folder / "server.yaml"
    settings = {
        "listen": {"host": "127.0.0.1", "port": port},
        "apps": [{"id": 1, "sign_file": "app_sign"}],
    }
    path.write_text(json.dumps(settings))
    return path


def station_file(folder: Path, port: int, *, sign_file: str = "app_sign") -> Path:
    path = folder / "station.yaml"
    settings = {
        "server": {"url": f"ws://127.0.0.1:{port}"},
        "app": {"id": 1, "sign_file": sign_file},
        "user": {"id": "station"},
        "room": {"id": "lobby"},
    }
    path.write_text(json.dumps(settings))
    return path


def serve(folder: Path, port: int) -> Child:
    return Child(intercomd("serve", "--config", str(server_file(folder, port))))


def simulate(folder: Path, port: int, *, sign_file: str = "app_sign") -> Child:
    path = station_file(folder, port, sign_file=sign_file)
    return Child(intercomd("run", "--simulate", "--config", str(path)))


def test_the_server_makes_its_app_sign_and_ends_cleanly(tmp_path: Path) -> None:
    with serve(tmp_path, 0) as server:
        server.wait_for_line(lambda line: "listening" in line)
        assert server.stop() == 0
        said = "\n".join(server.lines())
    sign = tmp_path / "app_sign"
    assert len(sign.read_text().strip()) == 64
    assert sign.stat().st_mode & 0o077 == 0
    assert sign.read_text().strip() not in said
    assert "Traceback" not in said


def test_a_station_in_its_room_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    with serve(tmp_path, port) as server:
        server.wait_for_line(lambda line: "listening" in line)
        with simulate(tmp_path, port) as station:
            station.wait_for_line(lambda line: "heard by" in line or "logined" in line)
            assert station.stop() == 0
            assert "Traceback" not in "\n".join(station.lines())
        server.wait_for_line(lambda line: "user out" in line)


def test_without_a_server_a_station_says_so_once_and_goes_on(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "app_sign").write_text(SIGN)
    (tmp_path / "app_sign").chmod(0o600)
    with simulate(tmp_path, port) as station:
        station.wait_for_line(lambda line: "no connection" in line)
        with serve(tmp_path, port) as server:
            station.wait_for_line(lambda line: "logined" in line)
            assert server.stop() == 0
            station.wait_for_line(lambda line: "reconnecting" in line)
        assert station.is_running
        assert station.stop() == 0
        lines = station.lines()
    complaints = [line for line in lines if " warning " in line]
    assert len(complaints) == 2  # one for each of the two times without a server
    assert "Traceback" not in "\n".join(lines)


def test_a_wrong_app_sign_is_said_once_and_ends_nothing(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "other_sign").write_text(SIGN)
    (tmp_path / "other_sign").chmod(0o600)
    with serve(tmp_path, port) as server:
        server.wait_for_line(lambda line: "listening" in line)
        with simulate(tmp_path, port, sign_file="other_sign") as station:
            told = station.wait_for_line(lambda line: "login refused" in line)
            assert "code=1001005" in told
            assert station.is_running
            assert station.stop() == 0
            assert SIGN not in "\n".join(station.lines())


def test_a_self_signed_server_is_pinned_by_a_station(tmp_path: Path) -> None:
    port = free_port()
    command = intercomd("serve", "--config", str(server_file(tmp_path, port)))
    fingerprints = []
    for _ in range(2):  # the second start has the same certificate
        with Child([*command, "--self-signed"]) as server:
            line = server.wait_for_line(lambda line: "sha256=" in line)
            fingerprints.append(line.partition("sha256=")[2])
            server.wait_for_line(lambda line: "listening" in line)
            assert server.stop() == 0
    assert fingerprints[0] == fingerprints[1]
    with Child([*command, "--self-signed"]) as server:
        server.wait_for_line(lambda line: "listening" in line)
        station = station_file(tmp_path, port)
        settings = json.loads(station.read_text())
        settings["server"] = {
            "url": f"wss://127.0.0.1:{port}",
            "fingerprint": fingerprints[0],
        }
        station.write_text(json.dumps(settings))
        run = intercomd("run", "--simulate", "--config", str(station))
        with Child(run) as child:
            child.wait_for_line(lambda line: "logined" in line)
            assert child.stop() == 0


def test_half_of_a_certificate_is_one_sentence(tmp_path: Path) -> None:
    command = intercomd("serve", "--config", str(server_file(tmp_path, 0)))
    with Child([*command, "--tls-cert", "none.pem"]) as server:
        assert server.wait(10) == 78
    (told,) = server.lines()
    assert told == (
        "intercomd: listen.tls_key: is missing: TLS needs a certificate and its key"
    )


def test_a_missing_app_sign_says_where_it_comes_from(tmp_path: Path) -> None:
    with simulate(tmp_path, free_port()) as station:
        assert station.wait(10) == 66
    assert "copy the room server's app_sign there" in "\n".join(station.lines())


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    port = free_port()
    with serve(tmp_path, port) as first:
        first.wait_for_line(lambda line: "listening" in line)
        with serve(tmp_path, port) as second:
            assert second.wait(10) == 69
        (told,) = second.lines()
        assert f"127.0.0.1:{port}" in told
