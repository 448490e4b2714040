"""The promises of AudioSource and AudioSink, kept by every part of audio/."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from intercomd.audio.capture import AlsaCapture
from intercomd.audio.greeting import greeting_path
from intercomd.audio.null import NullSink
from intercomd.audio.parrot import Parrot
from intercomd.audio.playback import AlsaPlayback
from intercomd.audio.wav import WavSink, WavSource
from intercomd.domain.audio import (
    FRAME_BYTES,
    FRAME_S,
    AudioSink,
    AudioSource,
    Deliver,
    Pull,
)
from tests.audio.frames import Ear, Mouth
from tests.bench.pulse import PulseBench

pytestmark = pytest.mark.system

MakeSource = Callable[[Deliver], AudioSource]
MakeSink = Callable[[Pull], AudioSink]


@pytest.fixture(params=["wav", "alsa"])
def make_source(request: pytest.FixtureRequest, alsa_bench: PulseBench) -> MakeSource:
    if request.param == "wav":
        return lambda deliver: WavSource(greeting_path(), deliver)
    return lambda deliver: AlsaCapture(alsa_bench.capture_name(0), deliver)


@pytest.fixture(params=["wav", "null", "parrot", "alsa"])
def make_sink(
    request: pytest.FixtureRequest, alsa_bench: PulseBench, tmp_path: Path
) -> MakeSink:
    def make(pull: Pull) -> AudioSink:
        match request.param:
            case "wav":
                return WavSink(tmp_path / "out.wav", pull)
            case "null":
                return NullSink(pull)
            case "parrot":
                return Parrot(Ear(), pull)
            case _:
                return AlsaPlayback(alsa_bench.playback_name(0), pull)

    return make


def test_a_source_delivers_whole_frames_in_real_time(make_source: MakeSource) -> None:
    ear = Ear()
    asyncio.run(_listen(make_source(ear), ear, frames=60))
    assert {len(frame) for frame in ear.frames} == {FRAME_BYTES}
    assert _rate(ear.captured_at[10:]) == pytest.approx(FRAME_S, rel=0.05)


def test_a_source_stamps_frames_with_when_they_were_heard(
    make_source: MakeSource,
) -> None:
    ear = Ear()
    asyncio.run(_listen(make_source(ear), ear, frames=60))
    assert ear.captured_at == sorted(ear.captured_at)
    ages = [
        delivered - captured
        for delivered, captured in zip(ear.delivered_at, ear.captured_at, strict=True)
    ]
    assert sorted(ages)[len(ages) // 2] < 0.03
    assert min(ages) > FRAME_S * 0.99


def test_a_source_is_silent_once_left(make_source: MakeSource) -> None:
    ear = Ear()
    source = make_source(ear)
    assert not source.is_open
    left_in_s = asyncio.run(_listen(source, ear, frames=5))
    assert left_in_s < 0.5
    assert not source.is_open
    assert source.counters.frames == len(ear.frames)


def test_a_sink_pulls_in_real_time(make_sink: MakeSink) -> None:
    mouth = Mouth()
    asyncio.run(_speak(make_sink(mouth), mouth, frames=60))
    assert _rate(mouth.pulled_at[10:]) == pytest.approx(FRAME_S, rel=0.1)


def test_a_sink_says_when_frames_will_be_heard(make_sink: MakeSink) -> None:
    mouth = Mouth()
    asyncio.run(_speak(make_sink(mouth), mouth, frames=60))
    ahead = [
        plays - pulled
        for plays, pulled in zip(mouth.plays_at, mouth.pulled_at, strict=True)
    ]
    assert -0.02 < sorted(ahead)[len(ahead) // 2] < 0.03
    assert _rate(mouth.plays_at[10:]) == pytest.approx(FRAME_S, rel=0.1)


def test_a_sink_pulls_nothing_once_left(make_sink: MakeSink) -> None:
    mouth = Mouth()
    sink = make_sink(mouth)
    assert not sink.is_open
    left_in_s = asyncio.run(_speak(sink, mouth, frames=5))
    assert left_in_s < 0.5
    assert not sink.is_open
    assert sink.counters.frames == len(mouth.plays_at)


async def _listen(source: AudioSource, ear: Ear, *, frames: int) -> float:
    async with source:
        await ear.hears(frames)
        assert source.is_open
        leaving = monotonic()
    return monotonic() - leaving


async def _speak(sink: AudioSink, mouth: Mouth, *, frames: int) -> float:
    async with sink:
        await mouth.said(frames)
        assert sink.is_open
        leaving = monotonic()
    return monotonic() - leaving


def _rate(times: list[float]) -> float:
    return (times[-1] - times[0]) / (len(times) - 1)
