"""Scenarios and presets are settings that libopus takes."""

from __future__ import annotations

import pytest

from intercomd.domain.audio import SILENCE
from intercomd.domain.errors import BitrateInvalid, ModuleMissing
from intercomd.domain.room import Scenario
from intercomd.engine.sound_settings import (
    SCENARIOS,
    AudioConfig,
    AudioPreset,
    configured,
)
from intercomd.media.opus import Application

CALL = SCENARIOS[Scenario.DEFAULT]


@pytest.mark.parametrize("scenario", Scenario)
def test_every_scenario_makes_an_encoder(scenario: Scenario) -> None:
    settings = SCENARIOS[scenario]
    frames = settings.frame_ms // 10
    assert settings.encoder().encode(SILENCE * frames)


@pytest.mark.parametrize("kbps", [6, 16, 48, 128, 192])
def test_every_bitrate_makes_an_encoder(kbps: int) -> None:
    settings = configured(CALL, AudioConfig(kbps))
    assert settings.bitrate_kbps == kbps
    assert settings.encoder().encode(SILENCE * (settings.frame_ms // 10))


def test_low_bitrates_are_voice_coding_and_the_others_as_the_scenario_says() -> None:
    basic = configured(CALL, AudioPreset.BASIC_QUALITY.value)
    assert (basic.application, basic.frame_ms) == (Application.VOIP, 20)
    high = configured(CALL, AudioPreset.HIGH_QUALITY.value)
    assert (high.application, high.frame_ms) == (Application.LOW_DELAY, 10)


@pytest.mark.parametrize("kbps", [0, 5, 193])
def test_bitrates_beyond_the_limits_are_refused(kbps: int) -> None:
    with pytest.raises(BitrateInvalid, match="6 to 192"):
        configured(CALL, AudioConfig(kbps))


def test_stereo_is_refused() -> None:
    with pytest.raises(ModuleMissing, match="mono"):
        configured(CALL, AudioPreset.HIGH_QUALITY_STEREO.value)
