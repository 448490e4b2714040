from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bench.processes import Child
from tests.bench.pulse import PulseBench
from tests.bench.signals import (
    Latencies,
    chirp_latencies,
    chirp_train,
    mouth_drift_ms,
)

pytestmark = pytest.mark.system

_LAUNCHES = 3
# An undisturbed machine has none (60 s, and 14 launches); other work on two
# processors can cause one, after which the playback keeps more in the card.
_FORGIVEN_XRUNS = 1


def test_microphone_to_loudspeaker_takes_20_ms(pulse_bench: PulseBench) -> None:
    medians = []
    for _ in range(_LAUNCHES):
        with _loop(pulse_bench) as child:
            medians.append(_latencies(pulse_bench).median_ms)
            assert _most_xruns(child) <= _FORGIVEN_XRUNS
    # Other work on the machine can only add to it, a frame or two for each slip;
    # a backlog from the start-up would be in every launch.
    assert min(medians) <= 20.5
    assert max(medians) <= 40.5


def test_a_busy_event_loop_causes_no_glitch(pulse_bench: PulseBench) -> None:
    with _loop(pulse_bench, "--busy") as child:
        assert _latencies(pulse_bench).missed == 0
        assert _most_xruns(child) <= _FORGIVEN_XRUNS


@contextmanager
def _loop(bench: PulseBench, *options: str) -> Iterator[Child]:
    names = bench.capture_name(0), bench.playback_name(0)
    command = [sys.executable, "-m", "tests.bench.loop", *names, *options]
    if "--busy" in options and os.geteuid() == 0:
        # What is asked is whether a held interpreter lock is survived, not whether
        # a test machine with other work takes the holder off its processor.
        command = ["chrt", "-r", "1", *command]
    with Child(command, environment=bench.environment()) as child:
        child.wait_for_line(lambda line: line == "ready", stream="stdout")
        yield child


def _latencies(bench: PulseBench) -> Latencies:
    train = chirp_train(4)
    with bench.record() as recording:
        bench.play(0, train.samples)
    mouth, ear = (recording.channel(c) for c in (bench.mouth(0), bench.ear(0)))
    assert mouth_drift_ms(mouth, train) < 1.0, "the bench itself stumbled"
    return chirp_latencies(mouth, ear)


def _most_xruns(child: Child) -> int:
    """The xruns of the worse side, which the loop prints as it ends."""
    child.stop()
    child.wait_for_line(lambda line: line.startswith("{"), stream="stdout")
    sides: dict[str, dict[str, int]] = child.records("stdout")[0]
    return max(counters["xruns"] for counters in sides.values())
