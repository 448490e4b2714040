"""`intercomd install` into a folder that stands for a Debian's root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from intercomd.cli import install
from intercomd.cli.main import main
from intercomd.domain.errors import InstallRefused
from intercomd.server.config import load as load_server
from intercomd.station.config import load as load_station

UNITS = Path(__file__).parents[2] / "systemd"
EXPOSURE_MAX = 2.0


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if installed where services may look, wherever the tests are."""
    monkeypatch.setattr(install, "_program", lambda: "/opt/elsewhere/bin/intercomd")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == os.EX_OK
    return capsys.readouterr().out


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_it_says_each_file_that_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(capsys, "install", "--root", str(tmp_path))
    wrote = re.findall(r"(?m)^wrote +/(\S+)$", said)
    assert sorted(wrote) == list(files(tmp_path))
    assert "systemctl enable --now intercomd" in said


def test_a_second_time_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "install", "--root", str(tmp_path))
    before = files(tmp_path)
    said = told(capsys, "install", "--root", str(tmp_path))
    assert "wrote" not in said
    assert files(tmp_path) == before


def test_a_changed_configuration_is_kept_and_an_old_unit_renewed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "install", "--root", str(tmp_path))
    config = tmp_path / "etc/intercomd/station.yaml"
    unit = tmp_path / "etc/systemd/system/intercomd.service"
    config.write_text("mine")
    unit.write_text("old")
    said = told(capsys, "install", "--root", str(tmp_path))
    assert "kept yours /etc/intercomd/station.yaml" in said
    assert "renewed    /etc/systemd/system/intercomd.service" in said
    assert config.read_text() == "mine"
    assert "[Service]" in unit.read_text()


def test_the_units_start_this_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "install", "--root", str(tmp_path))
    for unit in (tmp_path / "etc/systemd/system").iterdir():
        commands = re.findall(r"(?m)^Exec\w+=(\S+)", unit.read_text())
        assert set(commands) == {"/opt/elsewhere/bin/intercomd"}


def test_a_shell_finds_the_program_unless_the_name_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = tmp_path / "usr/local/bin/intercomd"
    said = told(capsys, "install", "--root", str(tmp_path))
    assert "linked     /usr/local/bin/intercomd" in said
    assert command.readlink() == Path("/opt/elsewhere/bin/intercomd")
    command.unlink()
    command.write_text("mine")
    said = told(capsys, "install", "--root", str(tmp_path))
    assert "kept yours /usr/local/bin/intercomd" in said
    told(capsys, "uninstall", "--root", str(tmp_path))
    assert command.read_text() == "mine"


def test_one_role_brings_nothing_of_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(capsys, "install", "--server", "--root", str(tmp_path))
    assert "station.yaml" not in said
    assert not (tmp_path / "etc/systemd/system/intercomd.service").exists()


def test_the_samples_can_be_used_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "install", "--root", str(tmp_path))
    etc = tmp_path / "etc/intercomd"
    state = Path("/var/lib/intercomd")
    server = load_server(etc / "server.yaml")
    assert server.apps[0].sign_file == state / "app_sign"
    assert server.admin.secret_file == state / "admin_secret"
    station = load_station(etc / "station.yaml")
    assert station.app.sign_file == etc / "app_sign"  # which systemd gives to the unit


def test_uninstall_takes_all_but_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "install", "--root", str(tmp_path))
    told(capsys, "uninstall", "--station", "--root", str(tmp_path))
    assert (tmp_path / "etc/sysusers.d/intercomd.conf").exists()  # the server's, too
    command = tmp_path / "usr/local/bin/intercomd"
    assert command.is_symlink()
    told(capsys, "uninstall", "--root", str(tmp_path))
    assert not command.is_symlink()
    assert list(files(tmp_path)) == [
        "etc/intercomd/server.yaml",
        "etc/intercomd/station.yaml",
    ]


def test_without_root_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["install"]) == os.EX_UNAVAILABLE
    assert capsys.readouterr().err == "intercomd: say 'sudo intercomd install'\n"


def test_a_program_that_services_cannot_see_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstallRefused, match="install it in /opt/intercomd"):
        install.visible(Path("/home/pi/intercomd/.venv/bin/intercomd"))


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda p: p.name)
def test_systemd_understands_each_line_of_a_unit(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text().replace(install.PROGRAM, sys.executable)
    copy = tmp_path / unit.name
    copy.write_text(text)
    done = analyzed("verify", "--man=no", str(copy))
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda p: p.name)
def test_a_unit_is_shut_as_far_as_it_can_be(unit: Path) -> None:
    last = analyzed("security", "--offline=true", str(unit)).stdout.splitlines()[-1]
    assert float(last.split(": ")[1].split()[0]) <= EXPOSURE_MAX


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = shutil.which("systemd-analyze")
    assert command, "it is of Debian's package systemd"
    return subprocess.run(
        [command, *arguments], capture_output=True, text=True, check=False
    )
