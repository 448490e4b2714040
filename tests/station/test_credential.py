"""Secrets by systemd's credentials."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from intercomd.domain.errors import ConfigInvalid
from intercomd.station import credential
from intercomd.station.config import load, read_app_sign

SETTINGS = """
server: {url: "ws://127.0.0.1:8470"}
app: {id: 1, sign_file: "credential:app_sign"}
user: {id: gate}
room: {id: yard}
"""


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def sign_file_of(folder: Path) -> Path | None:
    path = folder / "station.yaml"
    path.write_text(SETTINGS)
    return load(path).app.sign_file


def test_a_credential_is_found_where_systemd_put_it(
    tmp_path: Path, credentials: Path
) -> None:
    assert sign_file_of(tmp_path) == credentials / "app_sign"


def test_outside_of_the_service_it_is_the_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    unit_folder = tmp_path / "intercomd.service"
    unit_folder.mkdir()
    monkeypatch.setattr(credential, "_UNIT_FOLDER", unit_folder)
    assert sign_file_of(tmp_path) == unit_folder / "app_sign"


def test_while_no_service_runs_it_is_the_file_that_one_would_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(credential, "_UNIT_FOLDER", tmp_path / "none")
    assert sign_file_of(tmp_path) == tmp_path / "app_sign"


def test_systemd_looks_after_a_credentials_rights(
    credentials: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = credentials / "app_sign"
    path.write_text("a" * 64)
    path.chmod(0o440)
    with caplog.at_level(logging.WARNING):
        assert read_app_sign(path) == "a" * 64
    assert not caplog.records


def test_a_credential_that_stands_in_for_a_file_tells_what_to_do(
    credentials: Path,
) -> None:
    path = credentials / "app_sign"
    path.write_text("missing")
    with pytest.raises(ConfigInvalid, match="put the room server's app_sign where"):
        read_app_sign(path)
