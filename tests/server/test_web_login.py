"""How the page logs in, and what it makes of a server that turns it away."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from intercomd.domain.errors import ErrorCode
from intercomd.protocol.wire import CloseCode
from intercomd.server import http

SCRIPTS = Path(__file__).parent
PAGE = Path(http.__file__).with_name("web")


def run_page(folder: Path, script: str, module: str, *arguments: str) -> dict[str, Any]:
    """What the script says of this module of the page."""
    program = shutil.which("node")
    assert program, "there is no node: apt-get install nodejs"
    page = shutil.copytree(PAGE, folder / "web")
    (page / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        [program, str(SCRIPTS / script), str(page / module), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def turned_away(folder: Path, code: ErrorCode, close: CloseCode) -> dict[str, Any]:
    """The session's state afterwards, and what it told."""
    told = str(int(code)), str(int(close))
    return run_page(folder, "web_session.mjs", "session.js", *told)


def test_a_login_among_too_many_is_tried_again(tmp_path: Path) -> None:
    code = ErrorCode.ROOM_CALLS_TOO_FREQUENT
    outcome = turned_away(tmp_path, code, CloseCode.TOO_MANY_MESSAGES)
    assert outcome["state"] == "WAITING"
    assert ["error", code] in outcome["told"]


def test_a_login_refused_for_another_reason_is_final(tmp_path: Path) -> None:
    code = ErrorCode.AUTHENTICATION_FAILED
    outcome = turned_away(tmp_path, code, CloseCode.LOGIN_REFUSED)
    assert outcome["state"] == "OUT"
    assert outcome["told"][-1] == ["room_state_changed", "LOGIN_FAILED"]


def test_the_form_works_where_the_browser_stores_nothing(tmp_path: Path) -> None:
    login = run_page(tmp_path, "web_join_form.mjs", "join_form.js")
    assert (login["appId"], login["roomId"], login["userId"]) == (
        1234,
        "lobby",
        "alice",
    )
