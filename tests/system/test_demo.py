"""The demonstration, as `make run` starts it: without and with a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import time
from pathlib import Path

import pytest

from tests.bench.processes import PROJECT, intercomd

pytestmark = [pytest.mark.system, pytest.mark.timeout(60)]

# No sound card: whatever ALSA has on this machine, the default is not there.
NO_CARD = 'pcm.!default { type hw card "none-such" }\n'


def environment(folder: Path) -> dict[str, str]:
    configuration = folder / "asound.conf"
    configuration.write_text(NO_CARD)
    return os.environ | {
        "PYTHONPATH": str(PROJECT),
        "ALSA_CONFIG_PATH": str(configuration),
        "TERM": "xterm",
        "COLUMNS": "110",
        "LINES": "30",
    }


def test_without_a_terminal_it_reports_sound_both_ways_as_json(tmp_path: Path) -> None:
    ended = subprocess.run(
        intercomd("demo", "--seconds", "7", "--json"),
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["connected_ms"] < 3000
    for station in told["stations"].values():
        assert station["states"][:2] == ["logining", "logined"]
        assert "publishing" in station["states"]
        assert station["frames_sent"] > 0
        assert station["frames_received"] > 0
        assert station["first_sound_ms"] > 0
        assert 0 < station["latency_p50_ms"] <= station["latency_p95_ms"]
    heard = tmp_path / "intercomd-demo.wav"
    assert str(heard) in ended.stderr
    assert heard.stat().st_size > 48_000 * 2 * 5


def test_too_short_a_demonstration_does_not_claim_sound_both_ways(
    tmp_path: Path,
) -> None:
    ended = subprocess.run(
        intercomd("demo", "--seconds", "1", "--json"),
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == os.EX_UNAVAILABLE
    assert json.loads(ended.stdout)["stations"]["station"]["first_sound_ms"] is None


def test_on_a_terminal_it_shows_both_stations_and_obeys_its_keys(
    tmp_path: Path,
) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        intercomd("demo"),
        env=environment(tmp_path),
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(theirs)
        screen = read_until(ours, "talking, and heard")
        assert "parrot" in screen
        assert "station" in screen
        assert "space to stop" in screen
        os.write(ours, b" ")
        read_until(ours, "space: talk")
        os.write(ours, b"q")
        drain(ours)
        process.wait(10)
    os.close(ours)


def read_until(terminal: int, wanted: str, within_s: float = 20.0) -> str:
    shown = ""
    give_up_at = time.monotonic() + within_s
    while wanted not in shown:
        assert time.monotonic() < give_up_at, shown[-2000:]
        shown += os.read(terminal, 65536).decode(errors="replace")
    return shown


def drain(terminal: int) -> None:
    """Read what is still drawn, until the other side closes (EIO on Linux)."""
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        return
