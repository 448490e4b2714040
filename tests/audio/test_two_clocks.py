"""Cards whose clocks run apart from each other and from the machine's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from intercomd.audio.capture import AlsaCapture
from intercomd.audio.playback import AlsaPlayback
from intercomd.domain.audio import FRAME_S
from tests.audio.frames import Ear, Mouth
from tests.bench.pulse import PulseBench

pytestmark = pytest.mark.system

# Ten times what crystals have, so that seconds show what hours would: whoever
# counted on one clock for both would be 40 ms off at the end.
_SKEW_PPM = 5000
_FRAMES = 800
# Other work on a test machine can cause some.
_FORGIVEN_XRUNS = 5


@pytest.fixture
def fast_bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseBench]:
    """Cards that run too fast, known to this process."""
    with (
        TemporaryDirectory(prefix="bench-pulse-") as directory,
        PulseBench(Path(directory), stations=1, skew_ppm=_SKEW_PPM) as bench,
    ):
        for name, value in bench.environment().items():
            monkeypatch.setenv(name, value)
        yield bench


def test_a_microphone_delivers_by_its_own_clock_and_never_later(
    fast_bench: PulseBench,
) -> None:
    ear = Ear()

    async def listen() -> AlsaCapture:
        async with AlsaCapture(fast_bench.capture_name(0), ear) as part:
            for frames in range(200, _FRAMES + 1, 200):
                await ear.hears(frames)
            return part

    counters = asyncio.run(listen()).counters
    assert counters.xruns <= _FORGIVEN_XRUNS
    assert rate_of(ear.captured_at) == pytest.approx(1 + _SKEW_PPM / 1e6, abs=0.002)
    ages = np.subtract(ear.delivered_at, ear.captured_at)
    assert growth(ages) < 0.003


def test_a_loudspeaker_pulls_by_its_own_clock_and_never_earlier(
    fast_bench: PulseBench,
) -> None:
    mouth = Mouth()

    async def speak() -> AlsaPlayback:
        async with AlsaPlayback(fast_bench.playback_name(0), mouth) as part:
            for frames in range(200, _FRAMES + 1, 200):
                await mouth.said(frames)
            return part

    counters = asyncio.run(speak()).counters
    assert counters.xruns <= _FORGIVEN_XRUNS
    assert rate_of(mouth.plays_at) == pytest.approx(1 + _SKEW_PPM / 1e6, abs=0.002)
    ahead = np.subtract(mouth.plays_at, mouth.pulled_at)
    assert growth(ahead) < 0.003


def rate_of(times: list[float]) -> float:
    """Frames in a frame's time; one gap does not change it."""
    inner = np.array(times[100:])
    two_seconds = inner[200:] - inner[:-200]
    return 200 * FRAME_S / float(np.median(two_seconds))


def growth(values: np.ndarray) -> float:
    """How much larger the last are than the first, in the middle of each."""
    return float(np.median(values[-200:]) - np.median(values[100:300]))
