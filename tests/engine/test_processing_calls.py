"""The reference's calls for echo, noise and gain."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from intercomd.domain.errors import EngineNotCreated, ModuleMissing
from intercomd.domain.processing import EchoMode, NoiseMode, ProcessingSettings
from intercomd.engine import AecMode, AnsMode, Engine, EngineConfig, EngineProfile

PROFILE = EngineProfile(app_id=1)
DEFAULT = ProcessingSettings()


@pytest.fixture
def told() -> list[ProcessingSettings]:
    return []


@pytest.fixture
def engine(told: list[ProcessingSettings]) -> Engine:
    engine = Engine(PROFILE)
    engine.on_processing = told.append
    return engine


def test_each_call_changes_one_setting(
    engine: Engine, told: list[ProcessingSettings]
) -> None:
    engine.enable_aec(False)
    engine.enable_agc(True)
    engine.enable_ans(False)
    engine.set_aec_mode(AecMode.AGGRESSIVE)
    engine.set_ans_mode(AnsMode.SOFT)
    first, *_, last = told
    assert first == replace(DEFAULT, echo=False)
    assert last == engine.processing
    assert last == ProcessingSettings(
        echo=False,
        echo_mode=EchoMode.AGGRESSIVE,
        noise=False,
        noise_mode=NoiseMode.SOFT,
        gain=True,
    )


def test_what_is_so_already_is_not_told(
    engine: Engine, told: list[ProcessingSettings]
) -> None:
    engine.enable_aec(True)
    assert told == []


def test_the_configuration_says_how_it_begins() -> None:
    settings = ProcessingSettings(echo=False, gain=True)
    engine = Engine(PROFILE, EngineConfig(processing=settings))
    assert engine.processing == settings


@pytest.mark.parametrize("mode", [AecMode.AI, AecMode.AI_AGGRESSIVE])
def test_echo_control_by_ai_is_not_in_this_build(engine: Engine, mode: AecMode) -> None:
    with pytest.raises(ModuleMissing, match="AI"):
        engine.set_aec_mode(mode)


@pytest.mark.parametrize("mode", [AnsMode.AI, AnsMode.AI_LOW_LATENCY])
def test_noise_suppression_by_ai_is_not_in_this_build(
    engine: Engine, mode: AnsMode
) -> None:
    with pytest.raises(ModuleMissing, match="AI"):
        engine.set_ans_mode(mode)


def test_key_clicks_are_not_suppressed(engine: Engine) -> None:
    engine.enable_transient_ans(False)
    with pytest.raises(ModuleMissing, match="transient"):
        engine.enable_transient_ans(True)


def test_headphones_change_nothing(
    engine: Engine, told: list[ProcessingSettings]
) -> None:
    engine.enable_headphone_aec(True)
    assert told == []


def test_a_destroyed_engine_takes_no_settings(engine: Engine) -> None:
    asyncio.run(engine.close())
    with pytest.raises(EngineNotCreated):
        engine.enable_aec(False)
