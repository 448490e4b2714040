"""The compiled echo control against what it is to compute."""

from __future__ import annotations

import logging
import sysconfig

import numpy as np
import pytest

from intercomd.audio import echo_filter, echo_kernel
from intercomd.audio.chain import Chain
from intercomd.audio.echo_filter import BINS, EchoFilter
from intercomd.audio.echo_suppressor import EchoSuppressor
from intercomd.audio.processing import Processing
from intercomd.domain.audio import FRAME_SAMPLES
from intercomd.domain.errors import LibraryMissing
from intercomd.domain.processing import ProcessingSettings
from tests.audio.echo_reference import ReferenceFilter, ReferenceSuppressor
from tests.audio.processed import through
from tests.bench import echo_room

LOUD = 10_000.0


def test_the_filter_is_the_published_one() -> None:
    said = LOUD * echo_room.far_voice(3.0)
    echo = echo_room.echo_of(said, echo_room.impulse_response()).astype(np.int16)
    far = said.astype(np.float32)
    ours, reference = EchoFilter(), ReferenceFilter()
    for at in range(FRAME_SAMPLES, len(far) - FRAME_SAMPLES, FRAME_SAMPLES):
        frame = slice(at, at + FRAME_SAMPLES)
        rest, residual = ours.process(echo[frame], far[frame])
        if ours.is_idle:
            continue
        wanted, left = reference.process(echo[frame].astype(float), far[frame])
        assert np.abs(rest - wanted).max() < 0.01 * LOUD
        assert np.allclose(residual, left, rtol=0.05, atol=0.001 * left.max() + 1.0)


def test_the_suppressor_is_the_one_that_was_measured() -> None:
    chance = np.random.default_rng(1)
    ours = EchoSuppressor(strength=1.0, floor=0.05)
    reference = ReferenceSuppressor(strength=1.0, floor=0.05)
    for number in range(300):
        loud = 3000.0 if number % 40 < 20 else 300.0
        frame = (loud * chance.normal(size=FRAME_SAMPLES)).astype(np.float32)
        residual = (1e7 * chance.random(BINS)).astype(np.float32)
        residual *= number % 60 < 30
        suppressed = ours.process(frame, residual, is_idle=False)
        wanted = reference.process(frame, residual)
        assert np.abs(suppressed - wanted).max() < 0.001 * loud + 1.0


def test_without_a_compiler_an_echo_is_ducked_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> None:
        raise LibraryMissing("the echo filter was not compiled")

    monkeypatch.setattr(echo_filter, "kernel", missing)
    caplog.set_level(logging.WARNING)
    Processing(ProcessingSettings(), lambda frame, captured_at: None)
    assert "ducked" in caplog.text
    assert "was not compiled" in caplog.text
    far = echo_room.far_voice(4.0)
    echo = echo_room.echo_of(far, echo_room.impulse_response())
    settings = ProcessingSettings()
    near = echo + echo_room.noise(4.0)
    heard = through(settings, near, far, chain=Chain(settings, None))
    before = echo_room.level_db(echo_room.between(echo, 1, 4))
    assert before - echo_room.level_db(echo_room.between(heard, 1, 4)) > 10.0


def test_a_kernel_that_is_not_there_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", lambda _: ".none")
    echo_kernel.kernel.cache_clear()
    try:
        with pytest.raises(LibraryMissing, match="libkissfft-dev"):
            echo_kernel.kernel()
    finally:
        echo_kernel.kernel.cache_clear()
