"""Network namespaces, joined by a hub that loses and delays what it is asked to."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tests.bench.hub import LinkCounters
from tests.bench.unavailable import BenchUnavailable

Direction = Literal["up", "down", "both"]

_READY_WITHIN_S = 10.0
_HUB_PRIORITY = 2  # below the sound daemon's, above what is measured


class ImpairedNetwork:
    """One namespace per name, each with one link into the same bad network.

    Entered, every name has an address that all others reach; "up" is from the
    namespace, "down" to it. Needs root, `ip` and /dev/net/tun. `directory` must
    exist and be short of name: it holds the control socket.
    """

    def __init__(self, directory: Path, names: Iterable[str]) -> None:
        self._control = directory / "hub.sock"
        self._names = tuple(names)
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        _require_rights()
        try:
            self._build()
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exits.close()

    def namespace(self, name: str) -> str:
        """What `ip netns` calls it; unique on this machine."""
        return f"bench{os.getpid()}-{name}"

    def address(self, name: str) -> str:
        """Its IPv4 address."""
        return f"10.77.0.{self._names.index(name) + 1}"

    def command(self, name: str, *command: str) -> list[str]:
        """`command`, to be run inside the namespace."""
        return ["ip", "netns", "exec", self.namespace(name), *command]

    def impair(
        self,
        *names: str,
        direction: Direction = "both",
        seed: int | None = None,
        **changes: float,
    ) -> None:
        """Change fields of `hub.Impairment` on these links, from now on."""
        seeding = {} if seed is None else {"seed": seed}
        self._order(names, direction, {"impairment": changes, **seeding})

    def drop_next(
        self, name: str, packets: int, *, direction: Direction = "down"
    ) -> None:
        """Lose exactly the next `packets` UDP packets."""
        self._order((name,), direction, {"drop_next": packets})

    def readdress(self, name: str, host: int) -> None:
        """Take the namespace's address away and give it 10.77.0.`host` instead."""
        namespace = self.namespace(name)
        _run("ip", "-n", namespace, "address", "flush", "dev", "wan0")
        new = f"10.77.0.{host}/24"
        _run("ip", "-n", namespace, "address", "add", new, "dev", "wan0")

    def counters(self, name: str, direction: Literal["up", "down"]) -> LinkCounters:
        """What one link has seen since the network was built."""
        reply = self._order((), "both", {})
        return LinkCounters(**reply[self.namespace(name)][direction])

    def _build(self) -> None:
        for name in self._names:
            namespace = self.namespace(name)
            _run("ip", "netns", "add", namespace)
            self._exits.callback(_run, "ip", "netns", "delete", namespace)
            _run("ip", "-n", namespace, "link", "set", "lo", "up")
        links = [f"{self.namespace(name)}={self.address(name)}" for name in self._names]
        hub = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.hub", str(self._control), *links],
            cwd=Path(__file__).parents[2],
        )
        self._exits.callback(_end, hub)
        os.sched_setscheduler(hub.pid, os.SCHED_RR, os.sched_param(_HUB_PRIORITY))
        self._wait_until_ready(hub)

    def _wait_until_ready(self, hub: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while hub.poll() is None and time.monotonic() < deadline:
            try:
                self._order((), "both", {})
            except (FileNotFoundError, ConnectionRefusedError):
                threading.Event().wait(0.02)
            else:
                return
        raise BenchUnavailable("the network hub did not start: see its error above")

    def _order(
        self, names: tuple[str, ...], direction: Direction, order: dict[str, object]
    ) -> Any:
        namespaces = [self.namespace(name) for name in names]
        line = json.dumps({"names": namespaces, "direction": direction, **order})
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5.0)
            connection.connect(str(self._control))
            with connection.makefile("rw") as stream:
                stream.write(line + "\n")
                stream.flush()
                return json.loads(stream.readline())


def _require_rights() -> None:
    if os.geteuid() != 0:
        raise BenchUnavailable("network namespaces need root: run the tests with sudo")
    if not Path("/dev/net/tun").exists():
        raise BenchUnavailable("/dev/net/tun is missing: run 'modprobe tun'")
    if not shutil.which("ip"):
        raise BenchUnavailable("ip not found: run 'apt-get install iproute2'")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(3.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
