"""The course of streams, spectrums, speech and the machine, as section 10 has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain.errors import (
    IllegalParameter,
    PerformanceIntervalInvalid,
    SpectrumIntervalInvalid,
    StreamIdTaken,
    VadTypeInvalid,
)
from intercomd.domain.performance import PerformanceStatus
from intercomd.domain.sound import (
    AudioVadStableStateMonitorType,
    AudioVadType,
    StreamEvent,
)
from intercomd.media.spectrum import BANDS
from tests.scenarios.clock import run
from tests.scenarios.duet import Duet, Party, duet
from tests.scenarios.rows import row
from tests.scenarios.sound_card import tone


@row("§8 publisherStreamEvent 100 to 106", "§9 playerStreamEvent 200 to 206")
def test_the_course_of_a_stream_is_told_in_numbers(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            lose_media(d.alice)
            lose_media(d.bob)
            await course(d.alice, "publisher_stream_event", 100, 101, 103, 104)
            await course(d.bob, "player_stream_event", 200, 201, 203, 204)
            with pytest.raises(StreamIdTaken):
                await d.bob.engine.start_publishing_stream("alice-1")
            await course(d.bob, "publisher_stream_event", 100, 102)
            await d.bob.engine.stop_playing_stream("alice-1")
            await d.alice.engine.logout_room()
            await course(d.alice, "publisher_stream_event", 100, 101, 103, 104, 106)
            await course(d.bob, "player_stream_event", 200, 201, 203, 204, 206)

    run(scene())


def lose_media(party: Party) -> None:
    """The media connection goes away; the signalling stays."""
    link = party.engine._link
    peer = link._peer
    assert peer is not None
    link._media_failed(peer, "lost on purpose")


async def course(party: Party, event: str, *numbers: int) -> None:
    """Wait until these are all the events told of alice-1."""
    told = [(StreamEvent(number), "alice-1", "") for number in numbers]
    await party.diary.until(lambda d: d.of(event) == told)


@row("§10 spectrum monitor", "§12 1006032")
def test_the_spectrum_of_both_ends_is_told_as_long_as_it_is_wanted(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with duet(tmp_path, says=tone(6000)) as d:
            with pytest.raises(SpectrumIntervalInvalid) as caught:
                d.alice.engine.start_audio_spectrum_monitor(9)
            assert caught.value.code == 1006032
            d.alice.engine.start_audio_spectrum_monitor(10)
            d.bob.engine.start_audio_spectrum_monitor(50)
            await d.talk()
            await d.alice.diary.until(
                lambda diary: loudest_band(captured(diary.calls)) == 6000 // 375
            )
            await d.bob.diary.until(
                lambda diary: loudest_band(of_alice(diary.calls)) == 6000 // 375
            )
            assert set(captured(d.bob.diary.calls)) == {0.0}  # no microphone
            assert d.alice.diary.of("remote_audio_spectrum_update") == []
            d.bob.engine.stop_audio_spectrum_monitor()
            d.bob.diary.calls.clear()
            await d.bob.card.hears(6000)
            assert d.bob.diary.of("remote_audio_spectrum_update") == []

    run(scene())


Spectrum = tuple[float, ...]


def captured(calls: list[tuple[object, ...]]) -> Spectrum:
    """The last spectrum of the microphone."""
    found = [call[1] for call in calls if call[0] == "captured_audio_spectrum_update"]
    spectrum = found[-1] if found else ()
    assert isinstance(spectrum, tuple)
    return spectrum


def of_alice(calls: list[tuple[object, ...]]) -> Spectrum:
    """The last spectrum of Alice's stream."""
    found = [call[1] for call in calls if call[0] == "remote_audio_spectrum_update"]
    streams = found[-1] if found else {}
    assert isinstance(streams, dict)
    spectrum = streams.get("alice-1", ())
    assert isinstance(spectrum, tuple)
    return spectrum


def loudest_band(spectrum: Spectrum) -> int | None:
    """Which of the bands is the loudest, None in silence."""
    if not any(spectrum):
        return None
    assert len(spectrum) == BANDS
    assert max(spectrum) <= 2**30
    return spectrum.index(max(spectrum))


@row("§10 VAD stable-state monitor", "§12 1006042")
def test_speech_and_noise_are_told_once_they_are_stable(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await check_stable_state_arguments(d)
            d.alice.engine.start_audio_vad_stable_state_monitor(millisecond=200)
            kind = AudioVadStableStateMonitorType.CAPTURED
            speech, noise = (kind, AudioVadType.SPEECH), (kind, AudioVadType.NOISE)
            await d.alice.diary.until(
                lambda diary: diary.of("audio_vad_state_update")[-1:] == [speech]
            )
            d.alice.engine.mute_microphone(True)
            await d.alice.diary.until(
                lambda diary: diary.of("audio_vad_state_update")[-1:] == [noise]
            )
            d.alice.engine.stop_audio_vad_stable_state_monitor()

    run(scene())


async def check_stable_state_arguments(d: Duet) -> None:
    for millisecond in (199, 10_001):
        with pytest.raises(IllegalParameter):
            d.alice.engine.start_audio_vad_stable_state_monitor(millisecond=millisecond)
    with pytest.raises(VadTypeInvalid) as caught:
        d.alice.engine.start_audio_vad_stable_state_monitor(
            AudioVadStableStateMonitorType.CUSTOM_PROCESSED
        )
    assert caught.value.code == 1006042


@row("§12 1015031")
def test_the_machine_s_load_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            for millisecond in (999, 10_001):
                with pytest.raises(PerformanceIntervalInvalid) as caught:
                    d.alice.engine.start_performance_monitor(millisecond)
                assert caught.value.code == 1015031
            d.alice.engine.start_performance_monitor(1000)
            await d.alice.diary.until(
                lambda diary: bool(diary.of("performance_status_update"))
            )
            d.alice.engine.stop_performance_monitor()
            (status,) = d.alice.diary.of("performance_status_update")[-1]
            assert isinstance(status, PerformanceStatus)
            assert 0 < status.cpu_usage_app <= 1
            assert 0 < status.cpu_usage_system <= 1
            assert 0 < status.memory_usage_app < status.memory_usage_system < 1
            assert status.memory_used_app_mb > 10

    run(scene())
