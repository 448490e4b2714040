from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from tests.bench.processes import Child
from tests.bench.pulse import PulseBench
from tests.bench.signals import chirp_latencies, chirp_train, mouth_drift_ms

pytestmark = pytest.mark.system

_LIST_PCMS = "import alsaaudio; print(*alsaaudio.pcms(alsaaudio.PCM_CAPTURE))"


def test_what_is_said_is_at_its_mouth_alone(pulse_bench: PulseBench) -> None:
    train = chirp_train(3)
    with pulse_bench.record() as recording:
        pulse_bench.play(1, train.samples)
    mouth = recording.channel(pulse_bench.mouth(1))
    assert chirp_latencies(mouth, mouth).median_ms == pytest.approx(0.0, abs=0.1)
    assert mouth_drift_ms(mouth, train) < 1.0
    others = np.delete(recording.samples, pulse_bench.mouth(1), axis=1)
    assert np.abs(others).max() == 0.0


def test_two_talkers_at_once_are_sample_synchronous(pulse_bench: PulseBench) -> None:
    train = chirp_train(3)
    with pulse_bench.record() as recording:
        pulse_bench.play_together({0: train.samples, 2: train.samples})
    one = recording.channel(pulse_bench.mouth(0))
    other = recording.channel(pulse_bench.mouth(2))
    assert np.array_equal(one, other)
    assert np.abs(one).max() > 0.3


def test_the_recording_goes_on_after_the_last_word(pulse_bench: PulseBench) -> None:
    with pulse_bench.record(tail_s=0.4) as recording:
        spoken_s = recording.seconds
    assert recording.seconds >= spoken_s + 0.4


def test_the_cards_of_a_bench_can_run_too_fast() -> None:
    with TemporaryDirectory(prefix="bench-pulse-") as directory:
        skewed = PulseBench(Path(directory), stations=1, skew_ppm=5000)
        with skewed as bench, bench.record(tail_s=3.0) as recording:
            pass
    rate_hz, _ = recording.clock()
    assert rate_hz == pytest.approx(48_000 * 1.005, rel=0.001)


def test_a_child_sees_the_stations_as_alsa_cards(pulse_bench: PulseBench) -> None:
    command = [sys.executable, "-c", _LIST_PCMS]
    with Child(command, environment=pulse_bench.environment()) as child:
        names = child.wait_for_line(lambda _: True, stream="stdout").split()
    assert pulse_bench.capture_name(3) in names
