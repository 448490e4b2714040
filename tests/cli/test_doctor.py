"""`intercomd doctor` as typed: findings, remedies, JSON and exit codes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from intercomd.cli.doctor import EX_WARNINGS, _code
from intercomd.cli.main import main
from intercomd.station.doctor.finding import Level

CONFIG = Path(__file__).parents[2] / "config"
NO_CARDS = "audio: {capture: null, playback: null}\n"


def no_server(folder: Path, more: str = NO_CARDS) -> str:
    """A station's file whose server is not there."""
    path = folder / "station.yaml"
    path.write_text(
        "server: {url: 'ws://127.0.0.1:9'}\napp: {id: 1, sign_file: app_sign}\n"
        "user: {id: gate}\nroom: {id: yard}\n" + more
    )
    (folder / "app_sign").write_text("0" * 64)
    (folder / "app_sign").chmod(0o600)
    return str(path)


def test_each_failure_has_a_remedy_on_its_own_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--config", no_server(tmp_path)]) == os.EX_UNAVAILABLE
    lines = capsys.readouterr().out.splitlines()
    (at,) = [n for n, line in enumerate(lines) if line.startswith("FAIL")]
    assert "ws://127.0.0.1:9 is not reached" in lines[at]
    assert lines[at + 1].strip().startswith("-> ")
    assert lines[0].endswith("user gate in room yard")
    assert "1 failures" in lines[-1]


def test_json_is_one_object_with_levels_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["doctor", "--config", no_server(tmp_path), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == code == os.EX_UNAVAILABLE
    assert {"check", "level", "text", "remedy", "figures"} == set(told["findings"][0])
    levels = {finding["level"] for finding in told["findings"]}
    assert levels <= {"fine", "note", "warning", "failure"}


def test_a_wrong_file_is_78_and_the_machine_is_looked_at_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = no_server(tmp_path, "loud: true\n")
    assert main(["doctor", "--config", path]) == os.EX_CONFIG
    out = capsys.readouterr().out
    assert "loud: is not a known key" in out
    assert "storage" in out


def test_a_file_that_is_not_there_is_66(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "station.yaml")
    assert main(["doctor", "--config", missing]) == os.EX_NOINPUT
    assert "No such file" in capsys.readouterr().out


def test_a_missing_app_sign_is_a_failure_with_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = no_server(tmp_path)
    (tmp_path / "app_sign").unlink()
    assert main(["doctor", "--config", path]) == os.EX_UNAVAILABLE
    assert "copy the server's app_sign there" in capsys.readouterr().out


def test_a_station_of_a_fleet_file_is_examined_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(shutil.copy(CONFIG / "fleet.yaml", tmp_path))
    text = path.read_text().replace(":8470", ":9")
    path.write_text(text.replace("  talk:\n    mode: key\n", "  " + NO_CARDS, 1))
    assert main(["doctor", "--fleet", str(path), "--name", "gate"])
    assert "user gate in room lobby" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("worst", "code"),
    [
        (Level.FINE, os.EX_OK),
        (Level.NOTE, os.EX_OK),
        (Level.WARNING, EX_WARNINGS),
        (Level.FAILURE, os.EX_UNAVAILABLE),
    ],
)
def test_the_exit_code_is_that_of_the_worst_finding(worst: Level, code: int) -> None:
    assert _code(worst) == code
