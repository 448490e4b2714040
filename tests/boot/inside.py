"""Run by a booted Debian as root: installs the services and looks how they do.

Writes a line for each thing it saw, "ok ..." or "FAILED ...", to its output, and turns
the machine off. Of the standard library alone.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

PROGRAM = "/opt/intercomd/.venv/bin/intercomd"
ETC = Path("/etc/intercomd")
HERE = Path(__file__).parent
REAL_TIME = "real-time priority"
CAP_SYS_RESOURCE = 1 << 24

T = TypeVar("T")


def main() -> None:
    """Every scene, in order; a scene that fails does not stop the next."""
    for scene in (
        install,
        missing_secret_is_told,
        server_gets_ready,
        station_gets_ready,
        journal_has_fields,
        control_is_for_the_group,
        reload_takes_another_room,
        broken_file_is_refused,
        sandbox_holds,
        watchdog_restarts,
        uninstall,
    ):
        began_at = time.monotonic()
        try:
            told = scene()
        except Exception as error:  # noqa: BLE001 - told, and the run is lost
            say(f"FAILED {scene.__name__}: {error!r}")
            say(run("journalctl", "-n", "40", "--no-pager", "-o", "cat"))
        else:
            took_s = time.monotonic() - began_at
            say(f"ok {scene.__name__} in {took_s:.1f} s: {told}")
    say("done")
    run("systemctl", "poweroff")


def install() -> str:
    first = run(PROGRAM, "install").count("wrote ")
    (ETC / "station.yaml").write_text(station("lobby"))
    second = run(PROGRAM, "install")
    assert "wrote " not in second, second
    assert "kept yours /etc/intercomd/station.yaml" in second, second
    verified = run("systemd-analyze", "verify", "intercomd.service")
    assert not verified, verified
    figures = [exposure(unit) for unit in ("intercomd", "intercomd-server")]
    assert max(figures) <= 2.0, figures
    return f"{first} files, none the second time; exposure {figures}"


def exposure(unit: str) -> float:
    told = run("systemd-analyze", "security", "--no-pager", f"{unit}.service")
    return float(told.splitlines()[-1].split(": ")[1].split()[0])


def missing_secret_is_told() -> str:
    run("systemctl", "start", "intercomd")
    run("systemctl", "stop", "intercomd")
    told = run("journalctl", "-u", "intercomd", "-o", "cat", "--grep", "app_sign")
    assert "put the room server's app_sign" in told, told
    return told.splitlines()[0]


def server_gets_ready() -> str:
    run("systemctl", "start", "intercomd-server")
    assert shown("intercomd-server", "ActiveState") == "active"
    return until(lambda: status("intercomd-server", "listening on"), 5)


def station_gets_ready() -> str:
    shutil.copy("/var/lib/intercomd/app_sign", ETC / "app_sign")
    (ETC / "app_sign").chmod(0o600)
    run("systemctl", "start", "intercomd")
    assert shown("intercomd", "ActiveState") == "active"
    told = until(lambda: status("intercomd", "in room lobby"), 10)
    assert "no sound card" in told, told
    process = Path(f"/proc/{shown('intercomd', 'MainPID')}/status").read_text()
    user_id = int(run("id", "-u", "intercom"))
    assert f"Uid:\t{user_id}\t{user_id}" in process, process
    assert "CapEff:\t0000000000000000" in process, process
    return told


def journal_has_fields() -> str:
    lines = run("journalctl", "ROOM=lobby", "USER=gate", "-o", "json").splitlines()
    entries = [json.loads(line) for line in lines]
    found = [entry["MESSAGE"] for entry in entries if entry["PRIORITY"] == "6"]
    assert found, lines
    return str(found[0])


def control_is_for_the_group() -> str:
    told = run(PROGRAM, "status")
    assert "in room lobby" in told, told
    run("useradd", "stranger")
    as_stranger = run(
        "setpriv", "--reuid=stranger", "--clear-groups", PROGRAM, "status"
    )
    assert "group 'intercom'" in as_stranger, as_stranger
    run("useradd", "--groups", "intercom", "friend")
    become = ("setpriv", "--reuid=friend", "--regid=friend", "--init-groups")
    as_friend = run(*become, PROGRAM, "status")
    assert "in room lobby" in as_friend, as_friend
    return f"a member reads the status, another is told: {as_stranger.strip()}"


def reload_takes_another_room() -> str:
    process = shown("intercomd", "MainPID")
    (ETC / "station.yaml").write_text(station("yard"))
    run("systemctl", "reload", "intercomd")
    told = until(lambda: status("intercomd", "in room yard"), 10)
    assert shown("intercomd", "MainPID") == process
    return told


def broken_file_is_refused() -> str:
    (ETC / "station.yaml").write_text(station("hall") + "lihgts: []\n")
    run("systemctl", "reload", "intercomd")
    told = until(lambda: status("intercomd", "is refused"), 10)
    assert "in room yard" in told, told
    (ETC / "station.yaml").write_text(station("yard"))
    run("systemctl", "reload", "intercomd")
    until(lambda: "is refused" not in shown("intercomd", "StatusText"), 10)
    return told


def sandbox_holds() -> str:
    told = []
    for role, unit in (("station", "intercomd"), ("server", "intercomd-server")):
        result = in_sandbox(role, unit)
        granted = [what for what, error in result["refused"].items() if error is None]
        assert not granted, f"{unit} may: {granted}"
        if not can_raise_limits():
            result["allowed"].pop(REAL_TIME, None)
            told.append("this machine cannot show whether real-time priority is given")
        missing = {what: error for what, error in result["allowed"].items() if error}
        assert not missing, f"{unit} may not: {missing}"
        told.append(f"{unit} may {', '.join(result['allowed'])}")
        told += [f"  not {what}: {why}" for what, why in result["refused"].items()]
    return "\n".join(told)


def can_raise_limits() -> bool:
    """Whether this machine lets its systemd give LimitRTPRIO at all."""
    status = Path("/proc/1/status").read_text().split()
    return bool(int(status[status.index("CapBnd:") + 1], 16) & CAP_SYS_RESOURCE)


def in_sandbox(role: str, unit: str) -> dict[str, dict[str, str | None]]:
    """Run the tries in a unit that differs in nothing but its command."""
    run("systemctl", "stop", unit)
    folder = Path(f"/run/systemd/system/{unit}.service.d")
    folder.mkdir(parents=True, exist_ok=True)
    command = f"/usr/bin/python3 {HERE}/sandbox.py {role}"
    (folder / "probe.conf").write_text(
        f"[Service]\nType=oneshot\nRestart=no\nExecStart=\nExecStart={command}\n"
        "StandardOutput=file:/run/probe.json\n"
    )
    run("systemctl", "daemon-reload")
    said = run("systemctl", "start", unit)
    (folder / "probe.conf").unlink()
    run("systemctl", "daemon-reload")
    text = Path("/run/probe.json").read_text() or said
    Path("/run/probe.json").unlink()
    run("systemctl", "start", unit)
    result: dict[str, dict[str, str | None]] = json.loads(text)
    return result


def watchdog_restarts() -> str:
    until(lambda: status("intercomd", "in room yard"), 20)
    before = shown("intercomd", "MainPID")
    began_at = time.monotonic()
    os.kill(int(before), signal.SIGSTOP)
    until(lambda: shown("intercomd", "MainPID") not in (before, "0"), 40)
    noticed_s = time.monotonic() - began_at
    until(lambda: status("intercomd", "in room yard"), 20)
    back_s = time.monotonic() - began_at
    assert shown("intercomd", "NRestarts") == "1"
    return f"another process after {noticed_s:.1f} s, in its room after {back_s:.1f} s"


def uninstall() -> str:
    told = run(PROGRAM, "uninstall")
    assert shown("intercomd", "LoadState") == "not-found", told
    assert (ETC / "station.yaml").exists()
    return f"{told.count('removed ')} files removed"


def station(room: str) -> str:
    return (
        "server: {url: 'ws://127.0.0.1:8470'}\n"
        "app: {id: 1, sign_file: 'credential:app_sign'}\n"
        f"user: {{id: gate}}\nroom: {{id: {room}}}\n"
    )


def shown(unit: str, name: str) -> str:
    return run("systemctl", "show", unit, "--value", "-p", name).strip()


def status(unit: str, wanted: str) -> str:
    told = shown(unit, "StatusText")
    return told if wanted in told else ""


def until(look: Callable[[], T], within_s: float) -> T:
    """What is seen, as soon as it is."""
    deadline = time.monotonic() + within_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.1)
    return seen


def run(*command: str) -> str:
    """All that a command says; how it ends does not matter."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def say(line: str) -> None:
    print(line, flush=True)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
