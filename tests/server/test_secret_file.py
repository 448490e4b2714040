"""The ServerSecret of an application, and what its settings may be."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable
from intercomd.protocol.admission import TokenExpiry
from intercomd.server.config import load
from intercomd.server.secret_file import (
    check_secret,
    create,
    read_or_create_secret,
    read_secret,
)


def written(tmp_path: Path, app: str) -> Path:
    path = tmp_path / "server.yaml"
    path.write_text(f"apps: [{{id: 1, sign_file: s, {app}}}]\n", encoding="utf-8")
    return path


def test_an_application_has_no_tokens_unless_told(tmp_path: Path) -> None:
    (app,) = load(written(tmp_path, "")).apps
    assert app.secret_file is None
    assert not app.token_required
    assert app.token_expiry is TokenExpiry.KEEP


def test_the_secret_is_found_from_where_the_yaml_file_is(tmp_path: Path) -> None:
    text = "secret_file: k, token_required: true, token_expiry: kick"
    (app,) = load(written(tmp_path, text)).apps
    assert app.secret_file == tmp_path / "k"
    assert app.token_required
    assert app.token_expiry is TokenExpiry.KICK


def test_tokens_cannot_be_required_without_a_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="needs a secret_file to check"):
        load(written(tmp_path, "token_required: true"))


def test_a_secret_is_made_for_its_owner_only_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    secret = read_or_create_secret(path)
    assert check_secret(secret) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_or_create_secret(path) == read_secret(path) == secret
    assert read_or_create_secret(tmp_path / "other") != secret


@pytest.mark.parametrize("text", ["", "short", "x" * 33, "ü" * 32, " " * 15 + "a b"])
def test_a_wrong_secret_is_told_without_its_content(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigInvalid) as caught:
        read_or_create_secret(path)
    assert "ServerSecret" in str(caught.value)
    assert not text.strip() or text.strip() not in str(caught.value)


def test_reading_alone_makes_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable):
        read_secret(tmp_path / "secret")


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    assert not create(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_start_that_breaks_off_leaves_no_half_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(ConfigUnreadable):
        read_or_create_secret(tmp_path / "secret")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert read_or_create_secret(tmp_path / "secret")


def test_two_servers_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    path, found = tmp_path / "secret", []
    start = threading.Barrier(8)

    def first_start() -> None:
        start.wait()
        found.append(read_or_create_secret(path))

    threads = [threading.Thread(target=first_start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert list(tmp_path.iterdir()) == [path]
