"""From the edge of a talk key to the first packet that the server forwards.

`python -m tests.benchmarks.key_edge`. Server, talker and listener are processes in
networks of their own, joined without delay; what leaves the server for the listener
is watched on the wire. The key is that of the station's program: what a pin adds
before that (its debounce, an interrupt) is not in it. It needs root.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import wave
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import numpy as np

from tests.bench.network import ImpairedNetwork
from tests.bench.processes import Child, intercomd, python
from tests.benchmarks.machine import machine
from tests.benchmarks.peers.intercomd import INTERCOMD

_PORT = 8470
_SOUND_BYTES = 40
"""A shut gate sends next to nothing; sound is larger than this, its tag included."""


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=100)
    presses = parser.parse_args().presses
    here = machine([INTERCOMD])
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        edges, packets = _pressed(Path(folder), presses)
    delays_ms = [1000 * each for each in first_after(edges, packets)]
    told = {
        "presses": len(edges),
        "forwarded": len(delays_ms),
        "p50_ms": round(float(np.percentile(delays_ms, 50)), 2),
        "p95_ms": round(float(np.percentile(delays_ms, 95)), 2),
        "max_ms": round(max(delays_ms), 2),
        "wanted": "p95 at most 25 ms",
        "machine": asdict(here),
    }
    print(json.dumps(told, indent=2))


def first_after(
    edges_s: Sequence[float], packets_s: Sequence[float], *, within_s: float = 0.3
) -> list[float]:
    """From each edge to the first packet after it; none where none came."""
    found = []
    for edge in edges_s:
        after = [at - edge for at in packets_s if edge <= at < edge + within_s]
        found += after[:1]
    return found


def _pressed(folder: Path, presses: int) -> tuple[list[float], list[float]]:
    """When the key went down, and when the server sent sound to the listener."""
    with ExitStack() as exits:
        network = exits.enter_context(ImpairedNetwork(folder, ("a", "b", "s")))

        def start(place: str, *command: str) -> Child:
            return exits.enter_context(Child(network.command(place, *command)))

        host = network.address("s")
        server = start("s", *intercomd("serve", "--config", _server(folder, host)))
        server.wait_for_line(lambda line: "listening" in line)
        listening = _station(folder, host, "listener")
        listener = start("b", *intercomd("run", "--simulate", "--config", listening))
        listener.wait_for_line(lambda line: "logined" in line)
        watcher = python("tests.benchmarks.wire", network.address("b"))
        wire = start("s", *watcher)
        wire.wait_for_line(lambda line: line == "ready", stream="stdout")
        talking = _station(folder, host, "talker")
        presser = python(
            "tests.benchmarks.presser", talking, _noise(folder), str(presses)
        )
        talker = start("a", *presser)
        talker.wait_for_line(
            lambda line: line == "done",
            stream="stdout",
            timeout_s=30.0 + 2.0 * presses,
        )
        edges = [float(line) for line in talker.lines("stdout") if line != "done"]
        seen = [line.split() for line in wire.lines("stdout")[1:]]
    return edges, [float(at) for at, size in seen if int(size) > _SOUND_BYTES]


def _server(folder: Path, host: str) -> str:
    apps = [{"id": 1, "sign_file": "app_sign"}]
    return _written(
        folder / "server.yaml", {"listen": {"host": host, "port": _PORT}, "apps": apps}
    )


def _station(folder: Path, host: str, user: str) -> str:
    settings = {
        "server": {"url": f"ws://{host}:{_PORT}"},
        "app": {"id": 1, "sign_file": "app_sign"},
        "user": {"id": user},
        "room": {"id": "lobby"},
        "talk": {"mode": "key"},
    }
    return _written(folder / f"{user}.yaml", settings)


def _written(path: Path, settings: dict[str, object]) -> str:
    path.write_text(json.dumps(settings))  # which is YAML, too
    return str(path)


def _noise(folder: Path) -> str:
    """A minute and more of noise: whatever is sent of it is large."""
    path = folder / "noise.wav"
    noise = 0.2 * np.random.default_rng(1).standard_normal(48_000 * 300)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((noise.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return str(path)


if __name__ == "__main__":
    main()
