"""`intercomd fleet`, and `run` with a fleet file, as typed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import yaml

from intercomd.cli.main import main

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def fleet(tmp_path: Path) -> str:
    """The sample, beside the secret that it names."""
    (tmp_path / "app_sign").write_text("0" * 64)
    return str(shutil.copy(CONFIG / "fleet.yaml", tmp_path))


def test_the_sample_is_without_mistakes(
    fleet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fleet", "check", "--fleet", fleet]) == os.EX_OK
    assert capsys.readouterr().out == f"{fleet}: 3 stations, without mistakes\n"
    assert main(["check", fleet]) == os.EX_OK
    assert "a fleet's, without mistakes" in capsys.readouterr().out


def test_show_prints_a_file_of_the_stations_own(
    fleet: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["fleet", "show", "bench-1", "--fleet", fleet]) == os.EX_OK
    out = capsys.readouterr().out
    assert yaml.safe_load(out)["room"] == {"id": "workshop"}
    own = tmp_path / "station.yaml"
    own.write_text(out)
    assert main(["check", "--kind", "station", str(own)]) == os.EX_OK


def test_explain_says_which_line_each_value_came_from(
    fleet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["fleet", "show", "bench-1", "--explain", "--fleet", fleet])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    number = 1 + Path(fleet).read_text().splitlines().index("      id: workshop")
    assert [
        "room.id:",
        "workshop",
        "#",
        "groups.workshop,",
        f"{fleet}:{number}",
    ] in lines


def test_list_says_how_each_station_is_found(
    fleet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fleet", "list", "--fleet", fleet]) == os.EX_OK
    assert capsys.readouterr().out.splitlines() == [
        "gate: serial 10000000abcdef01",
        "bench-1 in workshop, loud: mac dc:a6:32:00:11:22",
        "office: hostname office",
    ]


def test_a_machine_that_is_not_in_the_file_is_told_what_to_do(
    fleet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--fleet", fleet]) == os.EX_CONFIG
    assert "no station matches this machine" in capsys.readouterr().err


def test_a_name_needs_a_fleet_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["run", "--name", "gate"])
    assert caught.value.code == os.EX_USAGE
    assert "--name is of a fleet file: add --fleet PATH" in capsys.readouterr().err
