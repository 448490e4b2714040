"""`intercomd check` tells every mistake of every file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from intercomd.cli.main import main

CONFIG = Path(__file__).parents[2] / "config"


def written(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_kind_of_a_file_is_told_by_its_keys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [str(CONFIG / "station.yaml"), str(CONFIG / "server.yaml")]
    assert main(["check", *files]) == os.EX_OK
    station, server = capsys.readouterr().out.splitlines()
    assert station.endswith("station.yaml: a station's, without mistakes")
    assert server.endswith("server.yaml: a server's, without mistakes")


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("station.yaml", "first_wait_ms: 10", "first_wait_ms: 500"),
        ("station.yaml", "room:", "romo:"),
        ("server.yaml", "port: 8470", "port: http"),
        ("server.yaml", "listen:", "lissten:"),
    ],
)
def test_mistakes_are_those_of_the_kind_the_file_is_meant_to_be(
    name: str,
    right: str,
    wrong: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = (CONFIG / name).read_text(encoding="utf-8")
    assert right in text
    path = written(tmp_path, name, text.replace(right, wrong))
    assert main(["check", path]) == os.EX_CONFIG
    told = capsys.readouterr().err.splitlines()
    assert 1 <= len(told) <= 2
    assert wrong.partition(":")[0] in "".join(told)


def test_a_kind_that_is_given_is_the_one_that_is_checked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = str(CONFIG / "server.yaml")
    assert main(["check", "--kind", "station", path]) == os.EX_CONFIG
    assert "room.id: is missing" in capsys.readouterr().err


def test_a_mistake_in_one_file_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = written(tmp_path, "wrong.yaml", "apps: [")
    right = str(CONFIG / "server.yaml")
    assert main(["check", wrong, right]) == os.EX_CONFIG
    out, err = capsys.readouterr()
    assert "wrong.yaml:1:8: is not YAML" in err
    assert "without mistakes" in out


def test_a_file_that_is_not_there_is_66(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "no.yaml")]) == os.EX_NOINPUT
    assert "no.yaml: No such file or directory" in capsys.readouterr().err
