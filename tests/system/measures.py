"""What tests assert and benchmarks print: calls measured at mouth and ear."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from tests.bench.network import ImpairedNetwork
from tests.bench.pulse import PulseBench
from tests.bench.signals import (
    SAMPLE_RATE_HZ,
    ChirpTrain,
    Latencies,
    Samples,
    chirp_latencies,
    chirp_train,
    envelope,
    longest_gap_s,
    mouth_drift_ms,
)
from tests.bench.standstill import Standstill
from tests.system.site import Site

HUM_S = 8.0
LOSS_FROM_S = 2.0
SETTLES_CHIRPS = 12
"""Eleven seconds: what the buffer learnt of the loss is forgotten by then."""

DOWN_S = 3.0
LOUD = 0.1
QUIET = 0.02
WIDE_S = 5.0
NARROW_S = 30.0
WIDE_AGAIN_S = 45.0
MIGRATION_LEAD_S = 2.0
MIGRATION_EVERY_S = 5.0
DISTURBS_S = 0.1
DISTURBED_MOST = 4
NAMESPACES = {"server": "s", "talker": "a", "listener": "b"}
USERS = {"station-0": "talker", "station-1": "listener"}

Mover = Literal["talker", "listener"]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Heard:
    """One mouth and one ear of the same recording, sample by sample."""

    mouth: Samples
    ear: Samples


@dataclass(frozen=True, slots=True)
class ThroughLoss:
    """A call before, during and after a loss on the way to the listener.

    stood_still_s  how long the machine itself did, at worst, during the loss
    """

    gap_s: float
    stood_still_s: float
    before_ms: float
    after_ms: float


@dataclass(frozen=True, slots=True)
class ThroughNarrowPath:
    """Mouth-to-ear milliseconds about once a second, None where a chirp was lost."""

    before_ms: tuple[float | None, ...]
    narrow_ms: tuple[float | None, ...]
    after_ms: tuple[float | None, ...]


def undisturbed(measure: Callable[[], Found]) -> Found:
    """What is measured while the machine itself does not stand still.

    Measured anew where it did, for that says nothing of what is measured; in the end
    it has to do as it is.
    """
    for _ in range(DISTURBED_MOST):
        with Standstill() as witness:
            found = measure()
        if witness.longest_s < DISTURBS_S:
            return found
    return measure()


def say(bench: PulseBench, voice: Samples, *, ear: int = 1) -> Heard:
    """Say `voice` to station 0, and keep what a station then plays."""
    with bench.record() as recording:
        bench.play(0, voice)
    return Heard(recording.channel(bench.mouth(0)), recording.channel(bench.ear(ear)))


def mouth_to_ear(bench: PulseBench, train: ChirpTrain) -> tuple[Latencies, float]:
    """The latency of each chirp, and the player's own drift in ms (see there)."""
    heard = say(bench, train.samples)
    latencies = chirp_latencies(heard.mouth, heard.ear)
    return latencies, mouth_drift_ms(heard.mouth, train)


def through_loss(
    folder: Path, bench: PulseBench, network: ImpairedNetwork, *, loss: float | None
) -> ThroughLoss:
    """A call in which `loss` of the packets to the listener are lost; one with None."""
    probe = chirp_train(8)
    with namespaced_site(folder, bench, network):
        before, _ = mouth_to_ear(bench, probe)
        with bench.record() as recording, Standstill() as standstill:
            talking = threading.Thread(target=bench.play, args=(0, hum(HUM_S)))
            talking.start()
            recording.wait_for(recording.seconds + LOSS_FROM_S)
            if loss is None:
                network.drop_next("b", 1)
            else:
                network.impair("b", direction="down", seed=7, loss=loss)
            talking.join()
        network.impair("b", direction="down", loss=0.0)
        after, _ = mouth_to_ear(bench, chirp_train(SETTLES_CHIRPS + 8))
    gap_s = longest_gap_s(
        recording.channel(bench.mouth(0)),
        recording.channel(bench.ear(1)),
        delay_s=before.median_ms / 1000,
    )
    settled = [each for each in after.each_ms[SETTLES_CHIRPS:] if each is not None]
    return ThroughLoss(
        gap_s, standstill.longest_s, before.median_ms, float(np.median(settled))
    )


def through_narrow_path(
    folder: Path, bench: PulseBench, network: ImpairedNetwork, *, rate_kbps: float
) -> ThroughNarrowPath:
    """A call in which the talker's way to the server is narrow for a while."""
    train = chirp_train(int(WIDE_S + NARROW_S + WIDE_AGAIN_S))
    with namespaced_site(folder, bench, network), bench.record() as recording:
        talking = threading.Thread(target=bench.play, args=(0, train.samples))
        talking.start()
        limits = ((WIDE_S, rate_kbps), (NARROW_S, 0.0), (WIDE_AGAIN_S, 0.0))
        for lasts_s, then_kbps in limits:
            recording.wait_for(recording.seconds + 0.9 * lasts_s)
            network.impair("a", direction="up", rate_kbps=then_kbps)
        talking.join()
    each = chirp_latencies(
        recording.channel(bench.mouth(0)), recording.channel(bench.ear(1))
    ).each_ms
    narrow, wide = int(WIDE_S), int(WIDE_S + NARROW_S)
    return ThroughNarrowPath(each[:narrow], each[narrow:wide], each[wide:])


def silence_after_restart_s(folder: Path, bench: PulseBench) -> float:
    """Kill the server, start it 3 s later: how long until sound is at the ear again.

    From the moment the new process is started, so its own start-up counts. The voice
    makes a sound every quarter of a second: a longer pause of its own would count.
    """
    voice = chirp_train(72, gap_s=0.25, jitter_s=0.0).samples
    with Site(folder, bench) as site, bench.record() as recording:
        talking = threading.Thread(target=bench.play, args=(0, voice))
        talking.start()
        recording.wait_for(recording.seconds + 2.0)
        site.server.kill()
        recording.wait_for(recording.seconds + DOWN_S)
        restarted_s = recording.seconds
        site.start_server()
        talking.join()
    ear = recording.channel(bench.ear(1))[int(restarted_s * SAMPLE_RATE_HZ) :]
    loud = np.flatnonzero(np.abs(ear) > LOUD)
    return loud[0] / SAMPLE_RATE_HZ if loud.size else float("inf")


def gaps_through_migrations_s(
    folder: Path,
    bench: PulseBench,
    network: ImpairedNetwork,
    *,
    mover: Mover,
    changes: int,
) -> list[float]:
    """The silence at the listener's ear after each change of the mover's address."""
    with (
        namespaced_site(folder, bench, network),
        bench.record() as recording,
    ):
        voice = hum(MIGRATION_LEAD_S + changes * MIGRATION_EVERY_S)
        talking = threading.Thread(target=bench.play, args=(0, voice))
        talking.start()
        recording.wait_for(recording.seconds + MIGRATION_LEAD_S)
        changed_at = []
        for change in range(changes):
            changed_at.append(recording.seconds)
            network.readdress(NAMESPACES[mover], 100 + change)
            recording.wait_for(changed_at[-1] + MIGRATION_EVERY_S - 0.5)
        talking.join()
    ear = recording.channel(bench.ear(1))
    return [
        _longest_silence_s(ear, at, at + MIGRATION_EVERY_S - 0.6) for at in changed_at
    ]


def _longest_silence_s(ear: Samples, begin_s: float, end_s: float) -> float:
    loudness = envelope(
        ear[int(begin_s * SAMPLE_RATE_HZ) : int(end_s * SAMPLE_RATE_HZ)]
    )
    longest = run = 0
    for level in loudness:
        run = run + 1 if level < QUIET else 0
        longest = max(longest, run)
    return longest * 0.01


def namespaced_site(folder: Path, bench: PulseBench, network: ImpairedNetwork) -> Site:
    """Server and both stations in namespaces s, a and b; all is sent, a hum too."""
    return Site(
        folder,
        bench,
        host=network.address("s"),
        talk="always",
        placed=lambda who, command: network.command(
            NAMESPACES[USERS.get(who, who)], *command
        ),
    )


def hum(seconds: float) -> Samples:
    """A voice that never pauses, so that every gap at the ear is one."""
    t = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    low, high = np.sin(2 * np.pi * 220 * t), np.sin(2 * np.pi * 660 * t)
    hummed: Samples = 0.25 * low + 0.1 * high
    return hummed
