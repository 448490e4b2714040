"""What the sound cards alone take: `python -m tests.benchmarks.cards [--launches N]`.

From a microphone through intercomd.audio to a loudspeaker, without network or codec;
and what the conversion of a card of another rate keeps back.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from intercomd.audio.resampler import Resampler
from intercomd.domain.audio import SAMPLE_RATE_HZ
from tests.bench.processes import Child
from tests.bench.pulse import PulseBench
from tests.bench.signals import chirp_latencies, chirp_train, mouth_drift_ms

_RATES_HZ = (16_000, 32_000, 44_100, 96_000)
_PIECES = 100
_CHIRPS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--launches", type=int, default=5)
    launches = parser.parse_args().launches
    with (
        TemporaryDirectory(prefix="bench-pulse-") as directory,
        PulseBench(Path(directory), stations=1) as bench,
    ):
        rows = [_launch(bench) for _ in range(launches)]
    print("microphone to loudspeaker, medians of the launches:")
    print("  ", ", ".join(f"{row[0]:.1f}" for row in rows), "ms")
    print("   median", f"{median(row[0] for row in rows):.1f} ms")
    print("   xruns", ", ".join(str(row[1]) for row in rows))
    print("kept back by conversion (microphone, loudspeaker), at most:")
    for rate_hz in _RATES_HZ:
        both = (rate_hz, SAMPLE_RATE_HZ), (SAMPLE_RATE_HZ, rate_hz)
        lags = (max(_lags_ms(*rates)) for rates in both)
        print(f"   {rate_hz} Hz:", ", ".join(f"{lag:.1f} ms" for lag in lags))


def _launch(bench: PulseBench) -> tuple[float, int]:
    """A fresh loop: its median latency in ms, and its xruns on both sides."""
    names = bench.capture_name(0), bench.playback_name(0)
    command = [sys.executable, "-m", "tests.bench.loop", *names]
    train = chirp_train(_CHIRPS)
    with Child(command, environment=bench.environment()) as child:
        child.wait_for_line(lambda line: line == "ready", stream="stdout")
        with bench.record() as recording:
            bench.play(0, train.samples)
        child.stop()
        child.wait_for_line(lambda line: line.startswith("{"), stream="stdout")
        sides: dict[str, dict[str, int]] = child.records("stdout")[0]
    mouth, ear = (recording.channel(c) for c in (bench.mouth(0), bench.ear(0)))
    if mouth_drift_ms(mouth, train) >= 1.0:
        raise SystemExit("the bench itself stumbled: run it on a machine at rest")
    xruns = sum(counters["xruns"] for counters in sides.values())
    return chirp_latencies(mouth, ear).median_ms, xruns


def _lags_ms(rate_in_hz: int, rate_out_hz: int) -> Iterator[float]:
    resampler = Resampler(rate_in_hz, rate_out_hz)
    piece = np.zeros(rate_in_hz // _PIECES, np.int16)
    for number in range(_PIECES):
        resampler.put(piece)
        if number >= _PIECES // 2:
            yield 1000 * resampler.lag_s


if __name__ == "__main__":
    main()
