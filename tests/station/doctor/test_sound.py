"""Cards of a real ALSA: a loop of known loss, a deaf one, none at all, one in use."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from intercomd.station.config import AudioSettings
from intercomd.station.doctor.chirp import CHIRPS, Echo, Level
from intercomd.station.doctor.finding import Finding
from intercomd.station.doctor.finding import Level as How
from intercomd.station.doctor.sound import Sound, judge_sound, listen
from tests.bench.pulse import PulseBench

LOOP_LOSS_DB = 20.0


def examined(capture: str | None, playback: str | None) -> list[Finding]:
    settings = AudioSettings(
        None if capture is None else (capture,),
        None if playback is None else (playback,),
    )
    return list(judge_sound(asyncio.run(listen(settings)), settings))


@pytest.fixture
def looped(
    alsa_bench: PulseBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PulseBench]:
    """The bench with one more microphone, which hears loudspeaker 0 from afar."""
    bench = alsa_bench.environment()["ALSA_CONFIG_PATH"]
    server = alsa_bench.environment()["PULSE_SERVER"]
    config = tmp_path / "asound.conf"
    config.write_text(
        f"<{bench}>\n"
        f'pcm.echo {{ type pulse server "{server}" device "spk0.monitor" }}\n'
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    set_volume = ["pactl", "set-source-volume", "spk0.monitor"]
    subprocess.run([*set_volume, f"-{LOOP_LOSS_DB}dB"], check=True)
    yield alsa_bench
    subprocess.run([*set_volume, "0dB"], check=True)


@pytest.mark.system
def test_a_loop_is_measured(looped: PulseBench) -> None:
    microphone, loudspeaker = examined("echo", looped.playback_name(0))
    assert loudspeaker.level is How.FINE
    assert f"{CHIRPS} of {CHIRPS} chirps heard" in loudspeaker.text
    assert loudspeaker.figures["echo_loss_db"] == pytest.approx(LOOP_LOSS_DB, abs=1.0)
    assert 1 < float(loudspeaker.figures["loop_delay_ms"]) < 150
    assert microphone.text == "it gives nothing but zeros"  # before the first chirp


@pytest.mark.system
def test_a_microphone_that_hears_nothing_is_told(alsa_bench: PulseBench) -> None:
    _, loudspeaker = examined(alsa_bench.capture_name(0), alsa_bench.playback_name(0))
    assert loudspeaker.level is How.WARNING
    assert "heard nothing of them" in loudspeaker.text


@pytest.mark.system
def test_cards_that_are_not_there_are_failures() -> None:
    findings = examined("nosuchcard", "nosuchcard")
    assert [finding.level for finding in findings] == [How.FAILURE, How.FAILURE]
    assert "nosuchcard" in findings[0].text


def test_no_cards_at_all_is_no_fault() -> None:
    assert [finding.level for finding in examined(None, None)] == [How.NOTE, How.NOTE]


USED = "microphone default is unavailable (Device or resource busy [plughw:0])"
ROOM = Level(-60.0, -65.0, -40.0, 0.0, 0.0)
HEARD = Echo(4, 0.03, 20.0)
BOTH = AudioSettings()


@pytest.mark.parametrize(
    ("sound", "level", "part"),
    [
        (Sound(capture_fault=USED), How.NOTE, "in use, by the running station"),
        (Sound(level=None), How.FAILURE, "no sound at all"),
        (Sound(level=Level(-120, -120, -120, 0, 0)), How.FAILURE, "but zeros"),
        (Sound(level=Level(-10, -20, 0, 0, 0.1)), How.WARNING, "overdriven"),
        (Sound(level=Level(-30, -35, -20, 0, 0)), How.WARNING, "noisy"),
        (Sound(level=Level(-110, -112, -95, 0, 0)), How.WARNING, "so quiet"),
        (Sound(level=ROOM), How.FINE, "level -60 dBFS, noise floor -65 dBFS"),
        (Sound(level=Level(-60, -65, -40, 0.1, 0)), How.NOTE, "offset of 10 %"),
        (Sound(playback_fault="no card"), How.FAILURE, "no card"),
        (Sound(level=ROOM, echo=HEARD), How.FINE, "after 30 ms, 20 dB quieter"),
        (Sound(level=ROOM, echo=Echo(4, 0.03, -3.0)), How.WARNING, "louder than"),
        (Sound(level=ROOM, echo=Echo(4, 0.4, 20.0)), How.WARNING, "takes long"),
        (Sound(level=ROOM, echo=Echo(0)), How.WARNING, "heard nothing"),
    ],
)
def test_what_was_heard_is_judged(sound: Sound, level: How, part: str) -> None:
    findings = list(judge_sound(sound, BOTH))
    assert any(part in f.text and f.level is level for f in findings), findings
    assert all(f.remedy for f in findings if f.level >= How.WARNING)
