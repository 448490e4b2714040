from __future__ import annotations

import numpy as np
import pytest

from intercomd.audio.voice_gate import VoiceGate, level_dbfs
from intercomd.domain.audio import FRAME_SAMPLES, SILENCE, Frame
from tests.audio.frames import tone


def test_silence_is_no_voice() -> None:
    gate = VoiceGate(0.6)
    assert not any(gate.hears_voice(SILENCE, now / 100) for now in range(500))


def test_the_gate_opens_with_the_first_loud_frame() -> None:
    assert VoiceGate(0.6).hears_voice(tone(), 0.0)


def test_the_gate_stays_open_for_the_hangover() -> None:
    gate = VoiceGate(0.6)
    gate.hears_voice(tone(), 10.0)
    assert gate.hears_voice(SILENCE, 10.59)
    assert not gate.hears_voice(SILENCE, 10.61)


def test_steady_noise_closes_the_gate_in_time() -> None:
    gate = VoiceGate(0.6)
    hum = tone(amplitude=0.02)
    heard = [gate.hears_voice(hum, now / 100) for now in range(2000)]
    assert heard[0]
    assert not any(heard[1500:])


def test_a_voice_is_heard_above_steady_noise() -> None:
    gate = VoiceGate(0.6)
    for now in range(2000):
        gate.hears_voice(tone(amplitude=0.02), now / 100)
    assert gate.hears_voice(tone(amplitude=0.3), 20.0)


def test_quiet_hiss_never_opens_the_gate() -> None:
    gate = VoiceGate(0.6)
    assert not any(gate.hears_voice(_hiss(now), now / 100) for now in range(500))


def test_level_is_that_of_full_scale() -> None:
    loudest = np.full(FRAME_SAMPLES, -32768, "<i2").tobytes()
    assert level_dbfs(loudest) == pytest.approx(0.0)
    assert level_dbfs(tone(amplitude=1.0)) == pytest.approx(-3.01, abs=0.05)
    assert level_dbfs(SILENCE) == -100.0


def _hiss(seed: int) -> Frame:
    generator = np.random.default_rng(seed)
    return (30 * generator.standard_normal(FRAME_SAMPLES)).astype("<i2").tobytes()
