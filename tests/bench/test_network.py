from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from tests.bench.network import ImpairedNetwork
from tests.bench.processes import Child

_PORT = 5005
_ECHO = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 5005))
print("ready", flush=True)
while True:
    data, sender = s.recvfrom(2000)
    s.sendto(data, sender)
"""
_ASK = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.5)
for n in range(int(sys.argv[2])):
    sent = time.monotonic()
    s.sendto(str(n).encode(), (sys.argv[1], 5005))
    try:
        s.recv(2000)
    except TimeoutError:
        print("lost", flush=True)
    else:
        print(f"{(time.monotonic() - sent) * 1000:.2f}", flush=True)
print("done", flush=True)
"""


@pytest.fixture
def echo(impaired_network: ImpairedNetwork) -> Iterator[None]:
    command = impaired_network.command("b", sys.executable, "-c", _ECHO)
    with Child(command) as child:
        child.wait_for_line(lambda line: line == "ready", stream="stdout")
        yield


@pytest.mark.usefixtures("echo")
def test_a_clean_network_is_fast(impaired_network: ImpairedNetwork) -> None:
    assert sorted(map(float, _ask(impaired_network, 20)))[10] < 5.0


@pytest.mark.usefixtures("echo")
def test_exactly_the_packets_asked_for_are_lost(
    impaired_network: ImpairedNetwork,
) -> None:
    _ask(impaired_network, 1)
    impaired_network.drop_next("b", 2)
    answers = _ask(impaired_network, 5)
    assert answers[:2] == ["lost", "lost"]
    assert "lost" not in answers[2:]
    assert impaired_network.counters("b", "down").lost == 2


@pytest.mark.usefixtures("echo")
def test_delay_holds_in_the_direction_it_was_asked_for(
    impaired_network: ImpairedNetwork,
) -> None:
    impaired_network.impair("a", direction="up", delay_ms=40)
    began = time.monotonic()
    assert min(map(float, _ask(impaired_network, 5))) >= 40
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("echo")
def test_loss_of_everything_can_be_taken_back(
    impaired_network: ImpairedNetwork,
) -> None:
    impaired_network.impair("a", loss=1.0, seed=3)
    assert _ask(impaired_network, 2) == ["lost", "lost"]
    impaired_network.impair("a", loss=0.0)
    assert "lost" not in _ask(impaired_network, 3)


def _ask(network: ImpairedNetwork, times: int) -> list[str]:
    """Round trips in ms, or "lost", from namespace a to b."""
    script = [sys.executable, "-c", _ASK, network.address("b"), str(times)]
    with Child(network.command("a", *script)) as child:
        child.wait_for_line(lambda line: line == "done", stream="stdout")
        return child.lines("stdout")[:-1]
