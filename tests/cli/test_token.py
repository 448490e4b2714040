"""`intercomd token`: the token alone on stdout, and no secret anywhere else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from intercomd.cli.main import main
from intercomd.protocol.privileges import ALL, Privileges
from intercomd.protocol.token import Token, verify
from tests.protocol.tokens import SECRET


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "server.yaml"
    path.write_text("apps: [{id: 7, sign_file: s, secret_file: secret}]\n")
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "secret").chmod(0o600)
    return path


def made(
    config: Path, capsys: pytest.CaptureFixture[str], *options: str, app_id: int = 7
) -> Token:
    """The token printed for alice, as a server would read it."""
    arguments = ["token", "--user", "alice", "--config", str(config), *options]
    assert main(arguments) == os.EX_OK
    printed = capsys.readouterr()
    assert printed.err == ""
    (text,) = printed.out.splitlines()
    return verify(text, SECRET, app_id=app_id, user_id="alice", now=time.time())


def test_a_token_is_good_for_an_hour_and_for_everything(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = made(config, capsys)
    assert token.privileges == ALL
    assert token.expires_at - token.created_at == 3600
    assert abs(token.created_at - time.time()) < 10


def test_options_say_what_it_is_good_for(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--room", "lobby", "--ttl", "60", "--publish", "--stream", "a", "b")
    token = made(config, capsys, *options, "--stream", "c")
    assert token.privileges == Privileges("lobby", stream_ids=frozenset("abc"))
    assert token.expires_at - token.created_at == 60


def test_a_listener_may_not_publish(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = made(config, capsys, "--listen-only")
    assert token.privileges == Privileges(may_publish=False)


def test_no_two_tokens_are_alike(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len({made(config, capsys).nonce for _ in range(5)}) > 1


def test_of_several_applications_one_must_be_chosen(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(
        "apps:\n- {id: 7, sign_file: s, secret_file: secret}\n"
        "- {id: 8, sign_file: s, secret_file: secret}\n"
    )
    assert main(["token", "--user", "a", "--config", str(config)]) == os.EX_CONFIG
    assert "--app-id 7, 8" in capsys.readouterr().err
    made(config, capsys, "--app-id", "8", app_id=8)


def test_an_application_without_secret_has_no_tokens(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text("apps: [{id: 7, sign_file: s}]\n")
    assert main(["token", "--user", "a", "--config", str(config)]) == os.EX_CONFIG
    assert "id 7 has no secret_file" in capsys.readouterr().err


def test_a_secret_that_is_not_there_is_not_made(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = config.parent / "secret"
    secret.unlink()
    assert main(["token", "--user", "a", "--config", str(config)]) == os.EX_NOINPUT
    assert f"{secret}: No such file" in capsys.readouterr().err
    assert not secret.exists()


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--user", "a b"],
        ["--user", "a", "--room", "a b"],
        ["--user", "a", "--stream", "a.b"],
        ["--user", "a", "--ttl", "0"],
        ["--user", "a", "--app-id", "0"],
        ["--user", "a", "--publish", "--listen-only"],
        ["--user", "a", "--listen-only", "--stream", "s"],
        ["--user", "a", "--secret", SECRET],
    ],
)
def test_wrong_usage_is_64(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["token", *options])
    assert ended.value.code == os.EX_USAGE
    assert capsys.readouterr().out == ""
