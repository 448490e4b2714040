"""Two Mumble clients over a Mumble server (1.3, as Debian 12 has it)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.processes import Child
from tests.benchmarks.peers.certificate import Certificate
from tests.benchmarks.peers.mumble_client import write_home
from tests.benchmarks.peers.peer import NoCall, Peer, Processes
from tests.benchmarks.stage import Place, Stage

_PORT = 64738
_READY_WITHIN_S = 20.0
# As root: otherwise it becomes another user, who may not open its database.
_SERVER_INI = """\
database={folder}/server.sqlite
host={address}
port={port}
sslCert={folder}/certificate.pem
sslKey={folder}/key.pem
bandwidth=72000
users=20
uname=root
logfile=
pidfile=
bonjour=False
autobanAttempts=0
"""


@contextmanager
def _call(stage: Stage) -> Iterator[Processes]:
    certificate = Certificate.made_for("server")
    with ExitStack() as exits:
        server = exits.enter_context(_server(stage, certificate))
        try:
            server.wait_for_line(lambda line: "Server listening on" in line)
            talker = exits.enter_context(_client(stage, "talker", certificate))
            listener = exits.enter_context(_client(stage, "listener", certificate))
            for place in ("talker", "listener"):
                _wait_for_login(server, place)
        except TimeoutError as error:
            raise NoCall(str(error)) from error
        yield {"talker": talker.pid, "listener": listener.pid, "server": server.pid}


def _wait_for_login(server: Child, place: Place) -> None:
    server.wait_for_line(
        lambda line: f":{place}(" in line and "Authenticated" in line,
        timeout_s=_READY_WITHIN_S,
    )


def _server(stage: Stage, certificate: Certificate) -> Child:
    folder = _folder(stage, "server")
    (folder / "certificate.pem").write_bytes(certificate.pem())
    (folder / "key.pem").write_bytes(certificate.key_pem())
    ini = folder / "murmur.ini"
    address = stage.address("server")
    ini.write_text(_SERVER_INI.format(folder=folder, address=address, port=_PORT))
    return Child(stage.command("server", "murmurd", "-fg", "-ini", str(ini)))


def _client(stage: Stage, place: Place, server: Certificate) -> Child:
    home = _folder(stage, place)
    address = stage.address("server")
    digest = hashlib.sha1(server.der()).hexdigest()  # noqa: S324 - Mumble's choice
    environment = write_home(home, place, f"{address}", _PORT, digest)
    assignments = [f"{name}={value}" for name, value in environment.items()]
    url = f"mumble://{place}@{address}:{_PORT}/"
    return Child(stage.command(place, "env", *assignments, "mumble", "-m", url))


def _folder(stage: Stage, place: Place) -> Path:
    folder = stage.folder / f"mumble-{place}"
    folder.mkdir()
    return folder


MUMBLE = Peer(
    "mumble",
    "Mumble",
    ("mumble", "murmurd"),
    ("mumble", "mumble-server"),
    _call,
    every_round=False,
)
