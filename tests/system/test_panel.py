"""A button and a light of the real daemon, a real server and real ALSA cards."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.bench.pulse import PulseBench
from tests.bench.signals import SAMPLE_RATE_HZ, Samples
from tests.system.pin_station import PinBoard
from tests.system.site import Site

pytestmark = pytest.mark.system

KEY, LIGHT = 17, 27
PANEL = {
    "talk": {"mode": "key"},
    "keys": [{"does": "talk", "pin": KEY, "mode": "hold"}],
    "lights": [{"pin": LIGHT}],
    "tones": {"volume": 0},
}


@contextmanager
def a_site_with_a_button(
    folder: Path, bench: PulseBench
) -> Iterator[tuple[Site, PinBoard]]:
    path = folder / "pins"

    def placed(who: str, command: Sequence[str]) -> list[str]:
        if who != "station-0":
            return list(command)
        verbs = list(command)[list(command).index("run") :]
        return [sys.executable, "-m", "tests.system.pin_station", str(path), *verbs]

    with (
        Site(folder, bench, placed=placed, settings=PANEL) as site,
        PinBoard(path) as board,
    ):
        yield site, board


def wait_until(is_so: Callable[[], bool], what: str, within_s: float = 5.0) -> float:
    """How long it took."""
    began_at = time.monotonic()
    while not is_so():
        assert time.monotonic() - began_at < within_s, f"not {what} in {within_s} s"
        time.sleep(0.005)
    return time.monotonic() - began_at


def levels_within(board: PinBoard, seconds: float) -> set[float]:
    """Every level that the light has in that time."""
    until, levels = time.monotonic() + seconds, set()
    while time.monotonic() < until:
        levels.add(board.level(LIGHT))
    return levels


def hum(seconds: float) -> Samples:
    at_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return np.asarray(0.3 * np.sin(2 * np.pi * 440 * at_s))


def loudness(samples: Samples) -> float:
    """Of what was heard last: what came before may have been on its way."""
    last = samples[-SAMPLE_RATE_HZ // 2 :]
    return float(np.sqrt(np.mean(last**2)))


def test_nobody_hears_a_station_before_its_button_and_after_it(
    pulse_bench: PulseBench, tmp_path: Path
) -> None:
    with a_site_with_a_button(tmp_path, pulse_bench) as (_, board):
        with pulse_bench.record(tail_s=0) as recording:
            pulse_bench.play(0, hum(2.0))
        assert loudness(recording.channel(pulse_bench.ear(1))) < 0.001
        board.press(KEY)
        with pulse_bench.record(tail_s=0) as recording:
            pulse_bench.play(0, hum(2.0))
        assert loudness(recording.channel(pulse_bench.ear(1))) > 0.05
        board.release(KEY)
        with pulse_bench.record(tail_s=0) as recording:
            pulse_bench.play(0, hum(2.0))
        assert loudness(recording.channel(pulse_bench.ear(1))) < 0.001


def test_the_light_is_dim_in_the_room_and_solid_while_somebody_listens(
    pulse_bench: PulseBench, tmp_path: Path
) -> None:
    with a_site_with_a_button(tmp_path, pulse_bench) as (site, board):
        wait_until(lambda: 0.0 < board.level(LIGHT) < 0.2, "dim")
        board.press(KEY)
        wait_until(lambda: board.level(LIGHT) == 1.0, "solid")
        assert levels_within(board, 0.5) == {1.0}
        site.stations[1].stop()  # nobody listens any more
        wait_until(lambda: board.level(LIGHT) == 0.0, "not solid")
        assert levels_within(board, 0.5) == {0.0, 1.0}
        board.release(KEY)
        wait_until(lambda: 0.0 < board.level(LIGHT) < 0.2, "dim")
