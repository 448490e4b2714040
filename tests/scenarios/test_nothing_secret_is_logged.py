"""No AppSign, ServerSecret, token or proof in any log line, however much is told.

A process of its own, since the log is set up once in a process, as the CLI does it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from intercomd.domain.log_level import LogLevel
from tests.scenarios.secret_life import Secrets


def test_nothing_secret_is_logged_at_debug(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.scenarios.secret_life", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONASYNCIODEBUG": "1"},
    )
    assert done.returncode == 0, done.stderr
    secrets = Secrets(**json.loads(done.stdout))
    assert "user in room=lobby user=alice" in done.stderr, "the log is written"
    assert "debug" in done.stderr, "down to DEBUG"
    assert secrets.proofs, "somebody logged in by AppSign"
    for secret in (*secrets.fixed, *secrets.tokens, *secrets.proofs):
        assert secret not in done.stderr
        # Nor its beginning: a line may be cut short.
        assert secret[2:22] not in done.stderr


def test_the_libraries_tell_their_warnings_only() -> None:
    """websockets writes every frame into its log at DEBUG, tokens and all."""
    script = (
        "import logging\n"
        "import websockets.asyncio.client, websockets.asyncio.server, aiortc\n"
        "from intercomd.cli.log_output import LogFormat, write_log\n"
        "from intercomd.domain.log_level import LogLevel\n"
        f"write_log(LogLevel({LogLevel.DEBUG.value!r}), LogFormat.TEXT)\n"
        "names = ['websockets', 'websockets.client', 'websockets.server',\n"
        "         'aiortc', 'aioice', 'asyncio', 'any']\n"
        "for name in names:\n"
        "    assert not logging.getLogger(name).isEnabledFor(logging.INFO), name\n"
        "assert logging.getLogger('intercomd.any').isEnabledFor(logging.DEBUG)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=50)
