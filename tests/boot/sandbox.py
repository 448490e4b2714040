"""Run inside a unit's sandbox: tries what a service must not do, and what it must.

`python3 sandbox.py station|server`; prints a JSON object: for each try None, or the
error that refused it. Of the standard library alone.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWUSER = 0x10000000
PTRACE_ATTACH = 16


def called(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def write(path: str) -> Callable[[], object]:
    return lambda: Path(path).write_text("x")


def read(path: str) -> Callable[[], object]:
    return lambda: Path(path).read_bytes()[:1]


def listed(path: str) -> Callable[[], object]:
    return lambda: os.listdir(path)  # noqa: PTH208 - of what is hidden


def real_time() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))


def fork_set_user_id() -> None:
    path = Path("set-user-id")
    path.touch()
    path.chmod(0o4755)


REFUSED: dict[str, Callable[[], object]] = {
    "write /etc/passwd": write("/etc/passwd"),
    "write /etc/intercomd/station.yaml": write("/etc/intercomd/station.yaml"),
    "write /usr/bin/x": write("/usr/bin/x"),
    "write /opt/intercomd/x": write("/opt/intercomd/x"),
    "write /var/log/x": write("/var/log/x"),
    "write /proc/sys/kernel/hostname": write("/proc/sys/kernel/hostname"),
    "write /sys/kernel/uevent_helper": write("/sys/kernel/uevent_helper"),
    "read /etc/shadow": read("/etc/shadow"),
    "read /etc/intercomd/app_sign": read("/etc/intercomd/app_sign"),
    "list /root": listed("/root"),
    "see process 1": listed("/proc/1"),
    "make a device": lambda: os.mknod("device", 0o020666, os.makedev(1, 1)),
    "make a set-user-ID file": fork_set_user_id,
    "become root": lambda: os.setuid(0),
    "a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "a raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "a namespace": lambda: called("unshare", CLONE_NEWUSER),
    "a mount": lambda: called("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "trace another process": lambda: called("ptrace", PTRACE_ATTACH, 1, 0, 0),
    "set the clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    "set the hostname": lambda: socket.sethostname("x"),
    "change the personality": lambda: called("personality", 0x0040000),
    "restart the machine": lambda: called("reboot", 0),
    "swap": lambda: called("swapoff", b"/none"),
}
ALLOWED: dict[str, Callable[[], object]] = {
    "write where it works": write("own"),
    "write /tmp": write("/tmp/own"),
    "a UDP socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "a unix socket": lambda: socket.socket(socket.AF_UNIX),
}
OF_STATION: dict[str, Callable[[], object]] = {
    "read its configuration": read("/etc/intercomd/station.yaml"),
    "read its credential": lambda: Path(
        os.environ["CREDENTIALS_DIRECTORY"], "app_sign"
    ).read_bytes(),
    "real-time priority": real_time,
    "another scheduling policy": lambda: os.sched_setscheduler(
        0, os.SCHED_BATCH, os.sched_param(0)
    ),
}
OF_SERVER: dict[str, Callable[[], object]] = {
    "read its configuration": read("/etc/intercomd/server.yaml"),
    "read its secrets": read("/var/lib/intercomd/app_sign"),
}


def tried(attempt: Callable[[], object]) -> str | None:
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - whatever refuses it
        return f"{type(error).__name__}: {error}"
    return None


if __name__ == "__main__":
    is_station = sys.argv[1] == "station"
    refused = REFUSED if is_station else REFUSED | {"real-time priority": real_time}
    allowed = ALLOWED | (OF_STATION if is_station else OF_SERVER)
    print(
        json.dumps(
            {
                "refused": {what: tried(attempt) for what, attempt in refused.items()},
                "allowed": {what: tried(attempt) for what, attempt in allowed.items()},
            }
        )
    )
