"""`intercomd install` and `uninstall`: be a service of this machine, or none."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from intercomd.domain.errors import InstallRefused

DATA = Path(__file__).parent / "data"
PROGRAM = "/opt/intercomd/.venv/bin/intercomd"
"""Where the units expect it as they are written."""

COMMAND = Path("usr/local/bin/intercomd")
"""Where a shell finds it, by a link."""

_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108
"""What the units' sandbox shuts."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A file of ours and where it belongs; `kept` is never overwritten."""

    path: Path
    content: bytes
    kept: bool = False


def main(arguments: argparse.Namespace) -> int:
    """Put in place what is chosen, both if nothing is; say what was done."""
    root: Path = arguments.root
    is_here = root == Path("/")
    if is_here and os.geteuid() != 0:
        raise InstallRefused(f"say 'sudo intercomd {arguments.verb}'")
    roles = [role for role in ("station", "server") if getattr(arguments, role)]
    roles = roles or ["station", "server"]
    if arguments.verb == "uninstall":
        _uninstall(root, roles, is_here=is_here)
        return os.EX_OK
    program = _program()
    for placed in _everything(roles, program):
        print(_place(root, placed))
    print(_link(root, program))
    if is_here:
        _run("systemd-sysusers", "/etc/sysusers.d/intercomd.conf")
        _run("systemd-tmpfiles", "--create", "/etc/tmpfiles.d/intercomd.conf")
        _run("udevadm", "control", "--reload")
        _run("udevadm", "trigger", "--subsystem-match=gpio", "--subsystem-match=input")
        _run("systemctl", "daemon-reload")
    for role in roles:
        print(_NEXT[role])
    return os.EX_OK


_UNITS = {"station": "intercomd.service", "server": "intercomd-server.service"}
_NEXT = {
    "station": (
        "station: edit /etc/intercomd/station.yaml, put the room server's app_sign at "
        "/etc/intercomd/app_sign, then: systemctl enable --now intercomd"
    ),
    "server": (
        "server: edit /etc/intercomd/server.yaml, then: systemctl enable --now "
        "intercomd-server; its app_sign is /var/lib/intercomd/app_sign"
    ),
}
_AS_SERVICE = {
    "station": [(r"sign_file: app_sign\b", "sign_file: credential:app_sign")],
    "server": [
        (r"sign_file: app_sign\b", "sign_file: /var/lib/intercomd/app_sign"),
        (
            r"^(admin:\n  secret_file:) null",
            r"\1 /var/lib/intercomd/admin_secret",
        ),
    ],
}
_SHARED = {
    "intercomd.sysusers": "etc/sysusers.d/intercomd.conf",
    "intercomd.tmpfiles": "etc/tmpfiles.d/intercomd.conf",
    "intercomd.rules": "etc/udev/rules.d/60-intercomd.rules",
}


def _everything(roles: list[str], program: str) -> Iterator[Placed]:
    for name, path in _SHARED.items():
        yield Placed(Path(path), (DATA / "systemd" / name).read_bytes())
    for role in roles:
        unit = (DATA / "systemd" / _UNITS[role]).read_text()
        yield Placed(
            Path("etc/systemd/system", _UNITS[role]),
            unit.replace(PROGRAM, program).encode(),
        )
        sample = (DATA / "config" / f"{role}.yaml").read_text()
        content = _for_service(role, sample).encode()
        yield Placed(Path(f"etc/intercomd/{role}.yaml"), content, kept=True)


def _for_service(role: str, sample: str) -> str:
    """The sample with its secrets where the service can read or make them."""
    for as_is, as_service in _AS_SERVICE[role]:
        sample = re.sub(as_is, as_service, sample, flags=re.MULTILINE)
    return sample


def visible(program: Path) -> str:
    """The program's path, or `InstallRefused` if no service can see it there."""
    if str(program).startswith(tuple(f"{folder}/" for folder in _HIDDEN)):
        raise InstallRefused(
            f"{program} is where services may not look: install it in /opt/intercomd"
        )
    if not program.is_file():
        raise InstallRefused(f"{program} is missing: install intercomd with pip")
    return str(program)


def _program() -> str:
    return visible(Path(sys.prefix) / "bin" / "intercomd")


def _place(root: Path, placed: Placed) -> str:
    path, told = root / placed.path, f"/{placed.path}"
    try:
        before = path.read_bytes() if path.exists() else None
        if before == placed.content:
            return f"unchanged  {told}"
        if before is not None and placed.kept:
            return f"kept yours {told}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(placed.content)
        path.chmod(0o640 if placed.kept else 0o644)
    except OSError as error:
        raise InstallRefused(f"{path}: {error.strerror}") from error
    return f"{'wrote' if before is None else 'renewed':10} {told}"


def _link(root: Path, program: str) -> str:
    """Let a shell find the program; what else has its name there is kept."""
    path, told = root / COMMAND, f"/{COMMAND}"
    try:
        before = path.readlink() if path.is_symlink() else None
        if before == Path(program):
            return f"unchanged  {told}"
        if before is None and path.exists():
            return f"kept yours {told}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(program)
    except OSError as error:
        raise InstallRefused(f"{path}: {error.strerror}") from error
    return f"linked     {told}"


def _uninstall(root: Path, roles: list[str], *, is_here: bool) -> None:
    """Take away what is ours: not the configuration, not the user, no secret."""
    if is_here:
        _run("systemctl", "disable", "--now", *(_UNITS[role] for role in roles))
    paths = [f"etc/systemd/system/{_UNITS[role]}" for role in roles]
    units = (root / "etc/systemd/system" / unit for unit in _UNITS.values())
    if sum(unit.exists() for unit in units) <= len(roles):
        paths += _SHARED.values()
        if (root / COMMAND).is_symlink():
            paths.append(str(COMMAND))
    for path in paths:
        if os.path.lexists(root / path):
            (root / path).unlink()
            print(f"removed    /{path}")
    if is_here:
        _run("systemctl", "daemon-reload")
    print("kept       /etc/intercomd and /var/lib/intercomd: yours to remove")


def _run(*command: str) -> None:
    """Say and do it; what fails is told and does not stop the rest."""
    print("ran       ", " ".join(command))
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        print(f"           there is no {command[0]} here", file=sys.stderr)
        return
    if done.returncode:
        print(f"           it failed: {done.stderr.strip()}", file=sys.stderr)
