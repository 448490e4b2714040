"""What is done to a station in a call, from its own machine, as an ear hears it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from intercomd.audio.greeting import greeting_path
from intercomd.audio.wav import read_frames
from tests.bench.processes import PROJECT, intercomd
from tests.bench.pulse import PulseBench
from tests.bench.signals import Samples, envelope_correlation, longest_gap_s
from tests.bench.standstill import Standstill
from tests.system.measures import hum
from tests.system.site import Site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

KEY = {"talk": {"mode": "key"}}


class AtWork:
    """A site whose station 0 has a control socket."""

    def __init__(
        self, folder: Path, bench: PulseBench, settings: Mapping[str, object]
    ) -> None:
        self.config = folder / "station-0.yaml"
        self._socket = folder / "control"
        self.site = Site(folder, bench, placed=self._placed, settings=settings)

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*intercomd(*arguments), "--socket", str(self._socket)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )

    def _placed(self, who: str, command: Sequence[str]) -> list[str]:
        control = ["--control", str(self._socket)] if who == "station-0" else []
        return [*command, *control]


def test_a_file_is_said_to_the_room_and_the_microphone_is_not_heard_meanwhile(
    pulse_bench: PulseBench, tmp_path: Path
) -> None:
    work = AtWork(tmp_path, pulse_bench, KEY)
    with work.site, pulse_bench.record() as recording:
        with pulse_bench.repeat({0: hum(1.0)}):
            done = work.ask("say", str(greeting_path()))
        assert (done.returncode, done.stdout) == (os.EX_OK, "said to 1 listener\n")
    greeting = np.frombuffer(b"".join(read_frames(greeting_path())), "<i2") / 32768
    ear = recording.channel(pulse_bench.ear(1))
    longest_s = (len(ear) - len(greeting)) / 48_000
    match = envelope_correlation(greeting, ear, longest_delay_s=longest_s)
    assert match.correlation >= 0.8  # 0.94 on a quiet machine
    assert share_at(ear, 220.0) < 0.1  # the hum's, which is all the microphone hears


def test_nothing_is_said_to_nobody_nor_by_a_muted_microphone(
    pulse_bench: PulseBench, tmp_path: Path
) -> None:
    work = AtWork(tmp_path, pulse_bench, KEY)
    with work.site:
        assert work.ask("mute", "microphone", "on").returncode == os.EX_OK
        muted = work.ask("say", str(greeting_path()))
        assert muted.returncode == os.EX_UNAVAILABLE
        assert "intercomd mute microphone off" in muted.stderr
        assert work.ask("mute", "microphone", "off").returncode == os.EX_OK
        work.site.stations[1].stop()
        work.site.stations[0].wait_for_line(lambda line: "heard by 0" in line)
        alone = work.ask("say", str(greeting_path()))
        assert alone.returncode == os.EX_UNAVAILABLE
        assert "nobody would hear it: in room lobby, 0 listeners" in alone.stderr
    missing = work.ask("say", str(tmp_path / "none.wav"))
    assert missing.returncode == os.EX_UNAVAILABLE  # the station is gone by now


def test_a_reload_leaves_no_gap_in_the_sound(
    pulse_bench: PulseBench, tmp_path: Path
) -> None:
    work = AtWork(tmp_path, pulse_bench, {"talk": {"mode": "always"}})
    with (
        work.site as site,
        pulse_bench.record() as recording,
        Standstill() as standstill,
    ):
        talking = threading.Thread(target=pulse_bench.play, args=(0, hum(6.0)))
        talking.start()
        recording.wait_for(recording.seconds + 2.0)
        settings = json.loads(work.config.read_text())
        settings["night"] = {"begins": "22:00", "ends": "06:00"}
        settings["tones"] = {"volume": 40}
        work.config.write_text(json.dumps(settings))
        site.stations[0].signal(signal.SIGHUP)
        site.stations[0].wait_for_line(lambda line: "it changes" in line)
        talking.join()
    gap_s = longest_gap_s(
        recording.channel(pulse_bench.mouth(0)),
        recording.channel(pulse_bench.ear(1)),
        delay_s=0.04,
    )
    assert gap_s <= 0.06 + standstill.longest_s


def share_at(sound: Samples, hertz: float) -> float:
    """How much of a sound's power is within 15 Hz of a frequency."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    at = np.abs(np.fft.rfftfreq(len(sound), 1 / 48_000) - hertz) < 15.0
    return float(power[at].sum() / power.sum())
