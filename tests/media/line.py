"""A simulated line: numbered packets on a clock, pulled by another clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from intercomd.media.opus import Decoder, packet_samples
from intercomd.media.packet import Packet
from intercomd.media.receive_buffer import ReceiveBuffer

TOC = {10: 0xF0, 20: 0xF8, 40: 0x10, 60: 0x18}
"""First bytes of Opus packets that last so many ms (RFC 6716, table 2)."""

GUESSED = -1


class NumberingDecoder(Decoder):
    """Every sample of a packet is its number, so that frames say what they hold."""

    def __init__(self) -> None:
        self._state = None

    def decode(self, payload: bytes) -> bytes:
        number = int.from_bytes(payload[1:3], "big")
        return np.full(packet_samples(payload), number, np.int16).tobytes()

    def conceal(self, samples: int) -> bytes:
        return np.full(samples, GUESSED, np.int16).tobytes()

    def recover(self, payload: bytes, samples: int) -> bytes:
        number = int.from_bytes(payload[1:3], "big") - 1
        return np.full(samples, number, np.int16).tobytes()

    def reset(self) -> None: ...

    def close(self) -> None: ...


def numbered(
    number: int, *, ms: int = 10, first_timestamp: int = 0, first_sequence: int = 0
) -> Packet:
    """The packet of this number in a stream; its payload tells it modulo 30,000."""
    return Packet(
        sequence=(first_sequence + number) & 0xFFFF,
        timestamp=(first_timestamp + number * ms * 48) & 0xFFFFFFFF,
        payload=bytes((TOC[ms],)) + (number % 30_000 + 1).to_bytes(2, "big"),
    )


def number_at_end(frame: bytes) -> int:
    """Which packet the frame ends in; a guess (or its fade) is below 1."""
    return int(np.frombuffer(frame, np.int16)[-1]) - 1


@dataclass(frozen=True, slots=True)
class Pulled:
    """One pull, what it gave but for mere noise, and how the buffer stood."""

    at: float
    frame: bytes | None
    delay_ms: float


Arrival = tuple[float, Packet]


def run(
    buffer: ReceiveBuffer,
    arrivals: Iterable[Arrival],
    *,
    until: float,
    period: float = 0.01,
    phase: float = 0.003,
) -> list[Pulled]:
    """Put every packet at its time and pull at its own pace; both in order of time."""
    waiting: Iterator[Arrival] = iter(sorted(arrivals, key=lambda each: each[0]))
    coming = next(waiting, None)
    pulled = []
    for count in range(int((until - phase) / period)):
        now = phase + count * period
        while coming is not None and coming[0] <= now:
            buffer.put(coming[1], coming[0])
            coming = next(waiting, None)
        frame = buffer.pull(now)
        if buffer.is_noise:
            frame = None
        pulled.append(Pulled(now, frame, buffer.stats.delay_ms))
    return pulled
