"""Boots a Debian in a container with the services as `intercomd install` puts them.

`make test-boot`, as root: needs mmdebstrap, systemd-nspawn and, the first time, a
Debian mirror; the system made then is kept in .boot/. Says what was seen.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
KEPT = PROJECT / ".boot"
SITE = "/opt/site"
PACKAGES = (
    "systemd,systemd-sysv,udev,python3,"
    "libasound2,libopus0,libspeexdsp1,libkissfft-float131"
)
CHECK = """[Unit]
After=multi-user.target
[Service]
ExecStart=/usr/bin/python3 /opt/boot/inside.py
StandardOutput=file:/opt/boot/seen
StandardError=inherit
[Install]
WantedBy=multi-user.target
"""
BOOT_WITHIN_S = 240


def main() -> int:
    """0 if every scene went well."""
    began_at = time.monotonic()
    base = KEPT / "debian"
    if not base.exists():
        make_debian(base)
    made_s = time.monotonic() - began_at
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        root = Path(folder, "root")
        run("cp", "-a", str(base), str(root))
        put_program(root)
        put_check(root)
        boot(root)
        seen = (root / "opt/boot/seen").read_text()
    print(seen)
    took_s = time.monotonic() - began_at
    print(f"{took_s:.0f} s, of which {made_s:.0f} s to make the Debian")
    return 0 if seen.endswith("done\n") and "FAILED" not in seen else 1


def make_debian(base: Path) -> None:
    """A minimal system of this machine's Debian, whose Python is that of .venv."""
    KEPT.mkdir(exist_ok=True)
    draft = KEPT / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines()
    )
    suite = release["VERSION_CODENAME"]
    include = f"--include={PACKAGES}"
    run("mmdebstrap", "--variant=minbase", include, suite, str(draft))
    draft.rename(base)


def put_program(root: Path) -> None:
    """intercomd from its wheel in /opt/intercomd, with .venv's libraries."""
    venv = root / "opt/intercomd/.venv"
    with tempfile.TemporaryDirectory() as built:
        wheel = ("wheel", "-q", "--no-deps", "--no-build-isolation", "-w", built)
        run(sys.executable, "-m", "pip", *wheel, str(PROJECT))
        shutil.copytree(built, root / "opt/wheel")
    run("/usr/bin/python3", "-m", "venv", "--without-pip", str(venv))
    (own_site,) = venv.glob("lib/python3*/site-packages")
    (own_site / "site.pth").write_text(f"{SITE}\n")
    (root / SITE.lstrip("/")).mkdir()
    nspawn(
        root,
        "/bin/sh",
        "-c",
        "/opt/intercomd/.venv/bin/python -m pip install -q --no-deps --no-index "
        "--root-user-action=ignore /opt/wheel/*.whl",
    )


def put_check(root: Path) -> None:
    here = Path(__file__).parent
    target = root / "opt/boot"
    target.mkdir()
    for name in ("inside.py", "sandbox.py"):
        shutil.copy(here / name, target)
    (root / "etc/systemd/system/check.service").write_text(CHECK)
    run("systemctl", f"--root={root}", "enable", "check.service")


def boot(root: Path) -> None:
    """Until it turns itself off."""
    nspawn(root, "--boot", within_s=BOOT_WITHIN_S)


def nspawn(root: Path, *what: str, within_s: float = 120) -> None:
    # Without machined and a unit of its own: neither is everywhere.
    site = f"--bind-ro={sysconfig.get_path('platlib')}:{SITE}"
    fixed = ("-q", "--register=no", "--keep-unit", "--console=pipe", site)
    run("systemd-nspawn", *fixed, "-D", str(root), *what, within_s=within_s)


def run(*command: str, within_s: float = 600) -> None:
    """Raises `CalledProcessError` after telling what the command said."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within_s,
        check=False,
    )
    if done.returncode:
        print(done.stdout[-4000:], file=sys.stderr)
        done.check_returncode()


if __name__ == "__main__":
    sys.exit(main())
