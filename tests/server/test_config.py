"""A room server's YAML file: what it may hold, and the AppSigns it names."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable
from intercomd.domain.identifiers import check_app_sign
from intercomd.server.config import (
    LimitSettings,
    ListenSettings,
    RoomsSettings,
    ServerConfig,
    load,
)
from intercomd.server.secret_file import read_or_create_app_sign

LEAST = "apps: [{id: 1, sign_file: app_sign}]\n"


def loaded(tmp_path: Path, text: str = LEAST) -> ServerConfig:
    path = tmp_path / "server.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def problem(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigInvalid) as caught:
        loaded(tmp_path, text)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def test_what_is_not_given_has_its_default(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    assert config.listen == ListenSettings("0.0.0.0", 8470)
    assert config.limits == LimitSettings(65_536, 50, 200, 5, 1000, 200)
    assert config.rooms == RoomsSettings(0, 500, 100)


def test_app_signs_are_found_from_where_the_yaml_file_is(tmp_path: Path) -> None:
    text = "apps:\n- {id: 1, sign_file: a}\n- {id: 2, sign_file: /b}\n"
    apps = loaded(tmp_path, text).apps
    assert [app.sign_file for app in apps] == [tmp_path / "a", Path("/b")]


def test_a_server_without_applications_is_refused(tmp_path: Path) -> None:
    assert problem(tmp_path, "") == "server.yaml:1:1: apps: is missing"
    assert "nobody can log in" in problem(tmp_path, "apps: []")


def test_an_application_listed_twice_is_refused(tmp_path: Path) -> None:
    text = "apps:\n- {id: 7, sign_file: a}\n- {id: 7, sign_file: b}\n"
    assert problem(tmp_path, text) == (
        "server.yaml:1:1: apps: must not hold an id twice: 7"
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("listen: {port: 65536}", "listen.port: must be 0 to 65535, not 65536"),
        ("listen: {host: ''}", "listen.host: must be an address to listen on, not ''"),
        ("limits: {login_s: 0}", "limits.login_s: must be 1 to 60 s, not 0"),
    ],
)
def test_a_wrong_value_is_told_with_line_and_key(
    tmp_path: Path, line: str, told: str
) -> None:
    sentence = problem(tmp_path, LEAST + line)
    assert sentence.startswith("server.yaml:2:")
    assert told in sentence


def test_a_certificate_and_its_key_are_found_from_where_the_yaml_file_is(
    tmp_path: Path,
) -> None:
    text = LEAST + "listen: {tls_cert: c.pem, tls_key: /k.pem}"
    listen = loaded(tmp_path, text).listen
    assert (listen.tls_cert, listen.tls_key) == (tmp_path / "c.pem", Path("/k.pem"))


def test_half_of_what_tls_needs_is_refused(tmp_path: Path) -> None:
    told = problem(tmp_path, LEAST + "listen: {tls_key: k.pem}")
    assert told == (
        "server.yaml:2:1: listen.tls_cert: is missing: TLS needs a certificate "
        "and its key"
    )


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable, match=r"server\.yaml: No such file"):
        load(tmp_path / "server.yaml")


def test_an_app_sign_is_made_for_its_owner_only_and_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "app_sign"
    with caplog.at_level(logging.INFO):
        app_sign = read_or_create_app_sign(path)
    check_app_sign(app_sign)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert caplog.messages == [f"app sign created file={path}"]
    assert read_or_create_app_sign(path) == app_sign
    assert len(caplog.messages) == 1


def test_no_two_app_signs_are_alike(tmp_path: Path) -> None:
    signs = {read_or_create_app_sign(tmp_path / name) for name in "abc"}
    assert len(signs) == 3


def test_a_wrong_app_sign_is_told_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "app_sign"
    path.write_text("secret")
    with pytest.raises(ConfigInvalid) as caught:
        read_or_create_app_sign(path)
    assert "(6 characters)" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_app_sign_others_may_read_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "app_sign"
    path.write_text("a" * 64)
    path.chmod(0o640)
    read_or_create_app_sign(path)
    assert "readable by others" in caplog.text


def test_an_app_sign_that_cannot_be_made_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable, match="No such file or directory"):
        read_or_create_app_sign(tmp_path / "missing" / "app_sign")
