"""The command line: exit codes, and one sentence for everything that is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from intercomd import __version__
from intercomd.cli.main import exit_code, main
from intercomd.domain.errors import (
    ConfigInvalid,
    ConfigUnreadable,
    DeviceUnavailable,
    IntercomError,
    LibraryMissing,
)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == os.EX_OK
    assert capsys.readouterr().out == f"{__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run", "--fast"],
        ["run", "--microphone", "a.wav"],
        ["run", "--speaker", "a.wav"],
        ["serve", "--port", "65536"],
        ["serve", "--port", "http"],
        ["serve", "--log-format", "xml"],
        ["serve", "--self-signed", "--tls-cert", "a.pem"],
        ["serve", "--self-signed", "--tls-key", "a.pem"],
        ["demo", "--seconds", "0"],
        ["check"],
        ["check", "a.yaml", "--kind", "house"],
    ],
)
def test_wrong_usage_is_one_sentence_and_64(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == os.EX_USAGE
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("intercomd")
    assert sentence.endswith("--help'")


@pytest.mark.parametrize("verb", ["run", "serve"])
def test_a_missing_config_is_one_sentence_and_66(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([verb, "--config", str(tmp_path / "no.yaml")])
    assert code == os.EX_NOINPUT
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "no.yaml: No such file or directory" in sentence


def test_a_wrong_config_is_a_sentence_for_each_mistake_and_78(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "server.yaml"
    path.write_text("apps: []\nlisten: {port: x}\n", encoding="utf-8")
    assert main(["serve", "--config", str(path)]) == os.EX_CONFIG
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"intercomd: {path}:1:1: apps: ")
    assert second.startswith(f"intercomd: {path}:2:10: listen.port: ")


def test_a_microphone_that_is_not_there_is_66(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "station.yaml"
    path.write_text(
        "server: {url: 'ws://127.0.0.1:1'}\napp: {id: 1, sign_file: s}\n"
        "user: {id: u}\nroom: {id: r}\n",
        encoding="utf-8",
    )
    microphone = str(tmp_path / "no.wav")
    arguments = ["run", "--config", str(path), "--simulate", "--microphone", microphone]
    assert main(arguments) == os.EX_NOINPUT
    assert f"{microphone}: no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigInvalid("x"), 78),
        (ConfigUnreadable("x"), 66),
        (DeviceUnavailable("x"), 69),
        (LibraryMissing("x"), 69),
    ],
)
def test_every_error_has_a_code_of_sysexits(error: IntercomError, code: int) -> None:
    assert exit_code(error) == code


def test_a_quick_verb_loads_nothing_heavy() -> None:
    heavy = ["asyncio", "yaml", "msgspec", "numpy", "aiortc", "websockets", "logging"]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "intercomd", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "intercomd.cli.main" in loaded
    assert not loaded.intersection(heavy)
