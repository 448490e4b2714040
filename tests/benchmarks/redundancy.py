"""What redundancy costs and brings: two sessions on a simulated path that loses.

`python -m tests.benchmarks.redundancy`. Time is simulated but for the last rows, which
are what one packet costs the server: read, renumbered and written, per listener.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from intercomd.domain.audio import FRAME_S, FRAME_SAMPLES
from intercomd.media.packet import Packet
from intercomd.media.rtp import Extensions
from intercomd.media.session import Session
from intercomd.media.slot_format import SlotFormat
from intercomd.server.renumbering import Renumbering

PACKETS = 60_000
LEARNING_PACKETS = 1000
DELAY_S = 0.02
PAYLOAD = bytes((0xF0,)) + bytes(59)
"""10 ms of Opus at 48 kbit/s."""

SLOT = SlotFormat(10, 111, nack=False, red=63)
COST_PACKETS = 20_000

Losing = Iterator[bool]


def at_random(share: float) -> Losing:
    """Every packet is lost by the same chance."""
    chance = random.Random(1)
    while True:
        yield chance.random() < share


def in_bursts(share: float, length: int = 3) -> Losing:
    """As many are lost, but so many in a row."""
    chance = random.Random(1)
    begins = share / (length - (length - 1) * share)
    while True:
        is_burst = chance.random() < begins
        for _ in range(length if is_burst else 1):
            yield is_burst


@dataclass
class Path:
    """Two sessions, `DELAY_S` apart; reports are lost as sound is."""

    losing: Losing
    now: float = 0.0
    heard: set[int] = field(default_factory=set)
    late_s: list[float] = field(default_factory=list)
    lost: int = 0

    def __post_init__(self) -> None:
        self._under_way: list[tuple[float, Session, bytes]] = []
        self.talker = self._session([SLOT], [], lambda: self.listener)
        self.listener = self._session([], [SLOT], lambda: self.talker)

    def run(self, count: int) -> None:
        """Talk for so many packets of 10 ms."""
        for number in range(count):
            self.now = number * FRAME_S
            self._arrive()
            packet = Packet(number & 0xFFFF, number * FRAME_SAMPLES, PAYLOAD)
            self.talker.send(0, packet, self.now)
            for session in (self.talker, self.listener):
                if session.deadline <= self.now:
                    session.tick(self.now)

    def _arrive(self) -> None:
        while self._under_way and self._under_way[0][0] <= self.now + 1e-9:
            at, session, datagram = self._under_way.pop(0)
            if 192 <= datagram[1] < 224:
                session.rtcp_received(datagram, at)
            else:
                session.rtp_received(datagram, at)

    def _session(
        self,
        sends: list[SlotFormat],
        receives: list[SlotFormat],
        other: Callable[[], Session],
    ) -> Session:
        def transmit(datagram: bytes) -> bool:
            is_lost = next(self.losing)
            if sends and not 192 <= datagram[1] < 224:
                self.lost += is_lost
            if not is_lost:
                self._under_way.append((self.now + DELAY_S, other(), datagram))
            return True

        return Session(
            send_slots=sends,
            receive_slots=receives,
            extensions=Extensions(1, 2),
            transmit=transmit,
            on_packet=self._hear,
            cname="bench",
            wall_offset_s=0.0,
            now=0.0,
        )

    def _hear(self, slot: int, packet: Packet, now: float) -> None:
        number = packet.timestamp // FRAME_SAMPLES
        self.heard.add(number)
        if packet.is_redundant:
            self.late_s.append(now - DELAY_S - number * FRAME_S)


def main() -> None:
    """Measure, and print a Markdown table and the costs."""
    random.seed(1)
    print("| loss | lost | still lost | copies late, p50 and p99 | overhead | copies |")
    print("|---|---|---|---|---|---|")
    for share in (0.0, 0.01, 0.02, 0.05, 0.1, 0.2):
        _print_row(f"{share:.0%} at random", at_random(share))
    for share in (0.01, 0.05, 0.1):
        _print_row(f"{share:.0%} in bursts of 3", in_bursts(share))
    print()
    for name, distances in (("without", ()), ("1 copy", (1,)), ("2 copies", (1, 2))):
        cost_us = min(_cost_us(distances) for _ in range(5))
        print(f"{name}: {cost_us:.1f} us a packet and listener")


def _print_row(name: str, losing: Losing) -> None:
    path = Path(losing)
    path.run(PACKETS)
    told = range(LEARNING_PACKETS, PACKETS - 100)
    missing = sum(number not in path.heard for number in told)
    stats = path.talker.send_stats(0)
    late = sorted(path.late_s) or [0.0]
    p50, p99 = (1000 * late[int(share * (len(late) - 1))] for share in (0.5, 0.99))
    print(
        f"| {name} | {path.lost / PACKETS:.1%} | {missing / len(told):.2%} "
        f"| {p50:.0f}, {p99:.0f} ms | {stats.redundant_bytes / stats.bytes:.0%} "
        f"| {stats.distances} |"
    )


def _cost_us(distances: tuple[int, ...]) -> float:
    """One packet in with copies and out with copies, without encryption."""
    datagrams: list[bytes] = []
    sender = _end([SLOT], [], datagrams.append)
    forwarder = _end([SLOT], [], lambda _: None)
    numbers = Renumbering(sequence=1, timestamp=1)

    def forward(slot: int, packet: Packet, now: float) -> None:
        numbered = numbers.renumber(packet, now)
        assert numbered is not None
        forwarder.send(0, numbered, now)

    receiver = _end([], [SLOT], lambda _: None, forward)
    for session in (sender, forwarder):
        session._senders[0]._redundancy.distances = distances
    for number in range(COST_PACKETS):
        packet = Packet(number, number * FRAME_SAMPLES, PAYLOAD, level=30, sent_at=1)
        sender.send(0, packet, number * FRAME_S)
    begin = time.perf_counter()
    for number, datagram in enumerate(datagrams):
        receiver.rtp_received(datagram, number * FRAME_S)
    return (time.perf_counter() - begin) / COST_PACKETS * 1e6


def _end(
    sends: list[SlotFormat],
    receives: list[SlotFormat],
    take: Callable[[bytes], None],
    on_packet: Callable[[int, Packet, float], None] = lambda *_: None,
) -> Session:
    def transmit(datagram: bytes) -> bool:
        take(datagram)
        return True

    return Session(
        send_slots=sends,
        receive_slots=receives,
        extensions=Extensions(1, 2),
        transmit=transmit,
        on_packet=on_packet,
        cname="bench",
        wall_offset_s=0.0,
        now=0.0,
    )


if __name__ == "__main__":
    main()
