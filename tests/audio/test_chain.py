"""The whole processing of a microphone, in a simulated room."""

from __future__ import annotations

import ctypes
import logging
import sys
from dataclasses import replace

import numpy as np
import pytest

from intercomd.audio import speex
from intercomd.audio.chain import Chain
from intercomd.audio.echo_filter import EchoFilter
from intercomd.domain.audio import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE_HZ
from intercomd.domain.processing import (
    UNPROCESSED,
    EchoMode,
    NoiseMode,
    ProcessingSettings,
)
from tests.audio.processed import lag_samples, through
from tests.bench import echo_room

ALL = ProcessingSettings(gain=True)
ECHO = replace(UNPROCESSED, echo=True)
NOISE = replace(UNPROCESSED, noise=True)


@pytest.mark.parametrize(
    "settings",
    [
        ECHO,
        replace(ECHO, echo_mode=EchoMode.AGGRESSIVE),
        *(replace(NOISE, noise_mode=mode) for mode in NoiseMode),
        replace(UNPROCESSED, gain=True),
        replace(UNPROCESSED, high_pass=True),
        ProcessingSettings(),
        ALL,
    ],
)
def test_the_sound_is_late_by_what_is_told(settings: ProcessingSettings) -> None:
    said = echo_room.near_voice()[: 5 * SAMPLE_RATE_HZ]
    late = lag_samples(through(settings, said), said)
    told = Chain(settings, EchoFilter()).delay_s * SAMPLE_RATE_HZ
    assert late == pytest.approx(told, abs=8)


@pytest.mark.parametrize("settings", [ECHO, ProcessingSettings()])
def test_an_echo_is_35_db_down_after_four_seconds(settings: ProcessingSettings) -> None:
    far = echo_room.far_voice(8.0)
    echo = echo_room.echo_of(far, echo_room.impulse_response())
    heard = through(settings, echo + echo_room.noise(8.0), far)
    before = echo_room.level_db(echo_room.between(echo, 4, 8))
    assert before - echo_room.level_db(echo_room.between(heard, 4, 8)) > 35.0


@pytest.mark.parametrize(
    ("mode", "at_least_db"),
    [(NoiseMode.SOFT, 3.5), (NoiseMode.MEDIUM, 6.0), (NoiseMode.AGGRESSIVE, 10.5)],
)
def test_steady_noise_is_pushed_down(mode: NoiseMode, at_least_db: float) -> None:
    noise = echo_room.noise(4.0, level_db=-45.0)
    # Against the same without it: the high frequencies are lost either way.
    plain = through(replace(UNPROCESSED, high_pass=True), noise)
    less = through(replace(NOISE, high_pass=True, noise_mode=mode), noise)
    down_db = echo_room.level_db(plain[96_000:]) - echo_room.level_db(less[96_000:])
    assert at_least_db < down_db < at_least_db + 3.0


def test_a_quiet_voice_is_brought_up() -> None:
    quiet = 0.05 * echo_room.near_voice()
    louder = through(replace(UNPROCESSED, gain=True), quiet)
    gain_db = echo_room.level_db(louder[-96_000:]) - echo_room.level_db(quiet[-96_000:])
    assert gain_db > 6.0


def test_rumble_is_taken_out() -> None:
    time_s = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    rumble = 0.3 * np.sin(2 * np.pi * 20 * time_s)
    rest = through(replace(UNPROCESSED, high_pass=True), rumble)
    assert echo_room.level_db(rumble) - echo_room.level_db(rest) > 20.0


class Missing:
    """Libraries that cannot be had."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def livekit(self) -> None:
        self._patch.setitem(sys.modules, "livekit.rtc", None)

    def speexdsp(self) -> None:
        load = ctypes.CDLL

        def refuse(name: str) -> ctypes.CDLL:
            if "speexdsp" in name:
                raise OSError(name)
            return load(name)

        self._patch.setattr(ctypes, "CDLL", refuse)
        self._patch.setattr(speex, "_library", speex._library.__wrapped__)


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Missing:
    return Missing(monkeypatch)


def test_without_livekit_speexdsp_suppresses_noise(
    missing: Missing, caplog: pytest.LogCaptureFixture
) -> None:
    missing.livekit()
    noise = echo_room.noise(4.0, level_db=-45.0)
    less = through(NOISE, noise)
    assert echo_room.level_db(noise[96_000:]) - echo_room.level_db(less[96_000:]) > 6.0
    assert "speexdsp, without high-pass" in caplog.text
    assert "pip install livekit" in caplog.text


def test_without_livekit_the_sound_is_late_by_what_is_told(missing: Missing) -> None:
    missing.livekit()
    said = echo_room.near_voice()[: 5 * SAMPLE_RATE_HZ]
    late = lag_samples(through(NOISE, said), said)
    assert late == pytest.approx(Chain(NOISE, EchoFilter()).delay_s * 48_000, abs=8)


def test_without_any_library_it_says_so_and_ducks(
    missing: Missing, caplog: pytest.LogCaptureFixture
) -> None:
    missing.livekit()
    missing.speexdsp()
    voice = echo_room.far_voice(1.0)
    with caplog.at_level(logging.WARNING):
        ducked = through(ProcessingSettings(), voice, echo_room.far_voice(1.0)[::-1])
    assert echo_room.level_db(voice) - echo_room.level_db(ducked) > 25.0
    (line,) = caplog.messages
    assert "ducking" in line
    assert "apt-get install libspeexdsp1" in line


def test_every_frame_stays_a_frame() -> None:
    chain = Chain(ALL, EchoFilter())
    for _ in range(5):
        frame = chain.process(bytes(FRAME_BYTES), np.zeros(FRAME_SAMPLES, np.float32))
        assert len(frame) == FRAME_BYTES
