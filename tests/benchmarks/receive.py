"""What networks do to speech that goes through the receive buffer, without any card.

`python -m tests.benchmarks.receive --help`. Encoder, path, buffer, PCM: in virtual
time, so that all figures but CPU are the same each time.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace

import numpy as np

from intercomd.domain.audio import FRAME_S, SAMPLE_RATE_HZ, SILENCE
from intercomd.media.level import rms_dbov
from intercomd.media.opus import Application, Decoder, Encoder
from intercomd.media.packet import Packet
from intercomd.media.receive_buffer import ReceiveBuffer
from tests.bench.signals import Samples
from tests.bench.speech import speech
from tests.benchmarks.paths import PATHS, Arrivals, Datagram, Path
from tests.benchmarks.quality import quality

PASSAGES = (
    "The visitor is waiting at the north gate. Please open the door, and tell him "
    "that the engineer comes down in five minutes.",
    "Forty boxes arrived this morning, but nobody knows where they belong. Could you "
    "ask the office, before the lorry leaves again?",
    "When the sunlight strikes raindrops in the air, they act as a prism and form a "
    "rainbow. These take the shape of a long round arch.",
)
_WARM_UP_S = 6.0
_ROOM_NOISE = 0.0005
_TAIL_S = 0.3


@dataclass(frozen=True, slots=True)
class Sender:
    """How packets are made: `copies` says how many packets later each is repeated."""

    name: str
    frame_ms: int
    application: Application
    bitrate_bps: int
    copies: tuple[int, ...] = ()


SENDERS = (
    Sender("10 ms", 10, Application.LOW_DELAY, 48_000),
    Sender("10 ms, RED 1", 10, Application.LOW_DELAY, 48_000, copies=(1,)),
    Sender("10 ms, RED 1 and 2", 10, Application.LOW_DELAY, 48_000, copies=(1, 2)),
    Sender("20 ms, FEC", 20, Application.VOIP, 32_000),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """After the warm-up. Delays are those of the buffer: from when a packet of the
    fastest would have arrived to when it is played. Shares are of the time."""

    delay_ms: float
    delay_p95_ms: float
    pesq: float
    stoi: float
    concealed_percent: float
    recovered_percent: float
    stretched_percent: float
    cpu_us: float


def main() -> None:
    """Simulate all, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="networks of each kind")
    parser.add_argument("--path", default="", help="only those with this in the name")
    parser.add_argument("--sender", default="", help="the same of senders")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = _rows(chosen.seeds, chosen.path, chosen.sender)
    if chosen.json:
        print(json.dumps([_named(*row) for row in rows], indent=2))
        return
    print(_HEAD)
    for sender, path, figures in rows:
        print(_line(sender, path, figures), flush=True)


def run(sender: Sender, path: Path, sound: Samples, seed: int) -> Figures:
    """One call over one network."""
    dice = random.Random(1000 * seed + 7)
    arrivals = path.network(_sent(sender, sound, 1 + path.ppm * 1e-6), dice)
    call = _Call(sorted(arrivals, key=lambda each: each[0]), dice.uniform(0, FRAME_S))
    call.play(_WARM_UP_S)
    warm = call.buffer.stats
    call.begin_to_note()
    seconds = sound.size / SAMPLE_RATE_HZ - _WARM_UP_S
    call.play(_WARM_UP_S + seconds + _TAIL_S)
    stats = call.buffer.stats
    heard = np.frombuffer(b"".join(call.heard), np.int16) / 32768
    judged = quality(sound[round(_WARM_UP_S * SAMPLE_RATE_HZ) :], heard)
    assert judged is not None, "no speech came through"
    delays_ms = sorted(1000 * delay_s - path.base_ms for delay_s in call.delays_s)
    stretched = stats.shortened_ms + stats.lengthened_ms
    stretched -= warm.shortened_ms + warm.lengthened_ms
    recovered = sender.frame_ms * (stats.recovered - warm.recovered)
    return Figures(
        delay_ms=statistics.mean(delays_ms),
        delay_p95_ms=delays_ms[int(0.95 * len(delays_ms))],
        pesq=judged.pesq,
        stoi=judged.stoi,
        concealed_percent=(stats.concealed - warm.concealed) / seconds,
        recovered_percent=recovered / 10 / seconds,
        stretched_percent=stretched / 10 / seconds,
        cpu_us=1e6 * statistics.median(call.costs_s),
    )


class _Call:
    """A receive buffer between arrivals and a card that begins within a frame."""

    def __init__(self, arrivals: Arrivals, phase_s: float) -> None:
        self.buffer = ReceiveBuffer(Decoder())
        self.begin_to_note()
        self._waiting = arrivals[::-1]
        self._handed: set[int] = set()
        self._phase_s = phase_s
        self._pulls = 0

    def begin_to_note(self) -> None:
        self.heard: list[bytes] = []
        self.delays_s: list[float] = []
        self.costs_s: list[float] = []

    def play(self, until_s: float) -> None:
        while (now := self._phase_s + self._pulls * FRAME_S) < until_s:
            before = time.perf_counter()
            while self._waiting and self._waiting[-1][0] <= now:
                self._put(*self._waiting.pop())
            frame = self.buffer.pull(now)
            self.costs_s.append(time.perf_counter() - before)
            self.heard.append(frame or SILENCE)
            if self.buffer.began is not None:
                packet, offset_s = self.buffer.began
                played_at = now + offset_s
                self.delays_s.append(played_at - packet.timestamp / SAMPLE_RATE_HZ)
            self._pulls += 1

    def _put(self, at: float, datagram: Datagram) -> None:
        for packet in datagram.packets:
            if not packet.is_redundant or packet.sequence not in self._handed:
                self._handed.add(packet.sequence)
                self.buffer.put(packet, at)


def _sent(sender: Sender, sound: Samples, slowness: float) -> list[Datagram]:
    encoder = Encoder(application=sender.application, bitrate_bps=sender.bitrate_bps)
    pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    size = sender.frame_ms * SAMPLE_RATE_HZ // 1000
    frames = [pcm[at : at + size].tobytes() for at in range(0, pcm.size - size, size)]
    packets = [
        Packet(n, n * size, encoder.encode(frame), level=round(rms_dbov(frame)))
        for n, frame in enumerate(frames)
    ]
    return [
        Datagram(
            n * sender.frame_ms / 1000 * slowness, (*_copies(sender, packets, n), each)
        )
        for n, each in enumerate(packets)
    ]


def _copies(sender: Sender, packets: list[Packet], n: int) -> Iterator[Packet]:
    for back in sorted(sender.copies, reverse=True):
        if back <= n:
            yield replace(packets[n - back], is_redundant=True, level=None)


def _passage(text: str) -> Samples:
    """The text in a quiet room, and before it as much of it as the warm-up takes."""
    sound = speech(text)
    warm_up = np.resize(sound, round(_WARM_UP_S * SAMPLE_RATE_HZ))
    whole = np.concatenate((warm_up, sound))
    noisy: Samples = whole + np.random.default_rng(1).normal(0, _ROOM_NOISE, whole.size)
    return noisy


def _rows(
    seeds: int, path_name: str, sender_name: str
) -> Iterator[tuple[Sender, Path, Figures]]:
    passages = [_passage(text) for text in PASSAGES]
    for sender in SENDERS:
        for path in PATHS:
            if sender_name in sender.name and path_name in path.name:
                calls = [
                    run(sender, path, sound, seed)
                    for seed in range(seeds)
                    for sound in passages
                ]
                yield sender, path, _mean(calls)


def _mean(calls: list[Figures]) -> Figures:
    names = [field.name for field in fields(Figures)]
    return Figures(
        *(statistics.mean(getattr(c, name) for c in calls) for name in names)
    )


_HEAD = (
    "| sender | network | buffer, mean (p95) | PESQ | STOI | concealed | from copies | "
    "stretched | CPU a frame |\n|---|---|---|---|---|---|---|---|---|"
)


def _line(sender: Sender, path: Path, of: Figures) -> str:
    return (
        f"| {sender.name} | {path.name} |"
        f" {of.delay_ms:.1f} ({of.delay_p95_ms:.1f}) ms |"
        f" {of.pesq:.2f} | {of.stoi:.3f} | {of.concealed_percent:.1f} % |"
        f" {of.recovered_percent:.1f} % | {of.stretched_percent:.2f} % |"
        f" {of.cpu_us:.0f} us |"
    )


def _named(sender: Sender, path: Path, figures: Figures) -> dict[str, object]:
    return {"sender": sender.name, "path": path.name, **asdict(figures)}


if __name__ == "__main__":
    main()
