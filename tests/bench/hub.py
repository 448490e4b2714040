"""A bad network in user space: one tun link per namespace, joined and impaired here.

Run as a child by `network.ImpairedNetwork`: the kernels it runs on need no
netem. Only the standard library, so that it starts at once.
"""

from __future__ import annotations

import fcntl
import heapq
import json
import os
import random
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from typing import Any

_TUNSETIFF = 0x400454CA
_IFF_TUN_WITHOUT_PI = 0x1001
_PACKET_BYTES = 2048
_UDP = 17
_MTU = "1400"


@dataclass(frozen=True, slots=True)
class Impairment:
    """What happens to packets of one link in one direction.

    `loss` concerns UDP only, so that a test's TCP links live, and `loss_of_others`
    all but UDP. `burst` is the mean length of a run of the former (1 = independent
    losses; above: Gilbert's two states).
    `delay_ms` is constant, `jitter_ms` the sigma of a half-normal on top;
    packets never overtake each other. `rate_kbps` is what passes of them, IP headers
    counted and 0 for any number; so long as `queue_ms` they wait for their turn, those
    that would wait longer are lost.
    """

    loss: float = 0.0
    loss_of_others: float = 0.0
    burst: float = 1.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    rate_kbps: float = 0.0
    queue_ms: float = 300.0


@dataclass(slots=True)
class LinkCounters:
    """Packets of one link in one direction, and those of them that were lost."""

    packets: int = 0
    udp_packets: int = 0
    lost: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Link:
    """One direction of one namespace's link. Pure: time is an argument."""

    impairment: Impairment = field(default_factory=Impairment)
    counters: LinkCounters = field(default_factory=LinkCounters)
    drop_next: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(1))
    _in_bad_state: bool = False
    _last_due: float = 0.0
    _free_at: float = 0.0

    def reseed(self, seed: int) -> None:
        """Make what follows repeatable."""
        self._random = random.Random(seed)
        self._in_bad_state = False

    def due(self, now: float, *, udp: bool, size: int = 0) -> float | None:
        """When a packet of `size` bytes that enters at `now` leaves; None when it is
        lost."""
        self.counters.packets += 1
        self.counters.udp_packets += udp
        if self._loses() if udp else self._loses_other():
            self.counters.lost += 1
            return None
        sent_at = self._sent_at(now, size)
        if sent_at is None:
            self.counters.lost += 1
            return None
        self.counters.bytes += size
        late_ms = self.impairment.delay_ms
        if self.impairment.jitter_ms:
            late_ms += abs(self._random.gauss(0.0, self.impairment.jitter_ms))
        self._last_due = max(self._last_due, sent_at + late_ms / 1000)
        return self._last_due

    def _sent_at(self, now: float, size: int) -> float | None:
        """When the last bit is through; None where the queue is full."""
        rate_kbps = self.impairment.rate_kbps
        if not rate_kbps:
            return now
        free_at = max(now, self._free_at)
        if free_at - now > self.impairment.queue_ms / 1000:
            return None
        self._free_at = free_at + 8 * size / 1000 / rate_kbps
        return self._free_at

    def _loses_other(self) -> bool:
        loss = self.impairment.loss_of_others
        return bool(loss) and self._random.random() < loss

    def _loses(self) -> bool:
        if self.drop_next:
            self.drop_next -= 1
            return True
        loss, burst = self.impairment.loss, self.impairment.burst
        if not loss:
            return False
        if burst <= 1 or loss >= 1:
            return self._random.random() < loss
        leave = 1 / burst
        enter = leave * loss / (1 - loss)
        if self._in_bad_state:
            self._in_bad_state = self._random.random() >= leave
        else:
            self._in_bad_state = self._random.random() < enter
        return self._in_bad_state


@dataclass(slots=True)
class _Station:
    """One namespace: its tun device and both directions of its link."""

    tun: int
    up: Link = field(default_factory=Link)
    down: Link = field(default_factory=Link)

    def links(self, direction: str) -> Iterator[Link]:
        if direction in ("up", "both"):
            yield self.up
        if direction in ("down", "both"):
            yield self.down


class _Hub:
    """Routes by destination address, late or never as the links say."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._stations: dict[str, _Station] = {}
        self._by_address: dict[bytes, _Station] = {}
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._order = count()
        self._running = True

    def add(self, namespace: str, address: str) -> None:
        station = _Station(_open_tun(namespace, address, len(self._stations)))
        self._stations[namespace] = station
        self._by_address[socket.inet_aton(address)] = station
        self._selector.register(station.tun, selectors.EVENT_READ, station)

    def stop(self) -> None:
        self._running = False

    def run(self) -> None:
        while self._running:
            for key, _ in self._selector.select(self._until_next()):
                if key.data is None:
                    self._answer()
                else:
                    self._take_all(key.data)
            self._send_due()

    def _until_next(self) -> float:
        if not self._waiting:
            return 0.5
        return max(0.0, self._waiting[0][0] - time.monotonic())

    def _take_all(self, source: _Station) -> None:
        with suppress(BlockingIOError):
            while True:
                self._take(source, os.read(source.tun, _PACKET_BYTES))

    def _take(self, source: _Station, packet: bytes) -> None:
        if len(packet) < 20 or packet[0] >> 4 != 4:
            return
        # As a switch learns: a station may have taken another address.
        self._by_address[packet[12:16]] = source
        target = self._by_address.get(packet[16:20])
        if target is None or target is source:
            return
        udp = packet[9] == _UDP
        left = source.up.due(time.monotonic(), udp=udp, size=len(packet))
        arrives = (
            None if left is None else target.down.due(left, udp=udp, size=len(packet))
        )
        if arrives is not None:
            entry = (arrives, next(self._order), target.tun, packet)
            heapq.heappush(self._waiting, entry)

    def _send_due(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _, _, tun, packet = heapq.heappop(self._waiting)
            # A namespace whose link is down loses the packet, as a cable would.
            with suppress(OSError):
                os.write(tun, packet)

    def _answer(self) -> None:
        connection, _ = self._control.accept()
        with connection, connection.makefile("rw") as stream:
            order = json.loads(stream.readline())
            for name in order["names"]:
                for link in self._stations[name].links(order["direction"]):
                    _apply(link, order)
            stream.write(json.dumps(self._counters()) + "\n")

    def _counters(self) -> dict[str, dict[str, dict[str, int]]]:
        return {
            name: {
                "up": asdict(station.up.counters),
                "down": asdict(station.down.counters),
            }
            for name, station in self._stations.items()
        }


def _apply(link: Link, order: dict[str, Any]) -> None:
    link.impairment = replace(link.impairment, **order.get("impairment", {}))
    link.drop_next = order.get("drop_next", link.drop_next)
    if "seed" in order:
        link.reseed(order["seed"])


def _open_tun(namespace: str, address: str, index: int) -> int:
    """A tun device inside `namespace`, called wan0, its other end held here."""
    device = f"hub{os.getpid()}x{index}"
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = struct.pack("16sH", device.encode(), _IFF_TUN_WITHOUT_PI)
    fcntl.ioctl(tun, _TUNSETIFF, request)
    _ip("link", "set", device, "netns", namespace)
    _ip("-n", namespace, "link", "set", device, "name", "wan0")
    _ip("-n", namespace, "address", "add", f"{address}/24", "dev", "wan0")
    _ip("-n", namespace, "link", "set", "wan0", "mtu", _MTU, "up")
    return tun


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def main() -> None:
    """hub.py CONTROL_SOCKET NAMESPACE=ADDRESS ...; ready once the socket answers."""
    control = socket.socket(socket.AF_UNIX)
    control.bind(sys.argv[1])
    hub = _Hub(control)
    for argument in sys.argv[2:]:
        hub.add(*argument.split("=", 1))
    signal.signal(signal.SIGTERM, lambda *_: hub.stop())
    control.listen()
    hub.run()


if __name__ == "__main__":
    main()
