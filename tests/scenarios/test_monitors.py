"""The course of streams, spectrums, speech and the machine, as section 10 has them."""

from __future__ import annotations

import asyncio
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
from intercomd.domain.quality import QualityLevel
from intercomd.domain.sound import (
    AudioVadStableStateMonitorType,
    AudioVadType,
    DeviceExceptionType,
    DeviceType,
    MicState,
    StreamEvent,
)
from intercomd.media.spectrum import BANDS
from tests.engine.events import Call, Diary
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


@row("§10 onNetworkQuality every 2 s")
def test_the_quality_of_both_ways_is_told_of_oneself_and_of_who_is_played(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            excellent, unknown = QualityLevel.EXCELLENT, QualityLevel.UNKNOWN
            await network(d.bob, ("alice", excellent, unknown))
            await network(d.bob, ("", unknown, excellent))
            await network(d.alice, ("", excellent, unknown))
            before = asyncio.get_running_loop().time()
            d.bob.diary.calls.clear()
            await d.bob.diary.until(lambda b: len(of_self(b)) == 4)
            passed_s = asyncio.get_running_loop().time() - before
            assert passed_s == pytest.approx(8, abs=2.1)
            d.alice.engine._network.stop()  # it publishes, but is heard of no more
            await network(d.bob, ("alice", unknown, unknown))
            await network(d.bob, ("alice", QualityLevel.DIE, QualityLevel.DIE))
            await d.bob.engine.stop_playing_stream("alice-1")
            d.bob.diary.calls.clear()
            await d.bob.engine.start_playing_stream("alice-1")
            await d.bob.diary.until(lambda b: len(of_self(b)) == 2)
            assert len(d.bob.diary.of("network_quality")) == 2

    run(scene())


def of_self(diary: Diary) -> list[Call]:
    return [told for told in diary.of("network_quality") if told[0] == ""]


async def network(party: Party, *told: tuple[str, QualityLevel, QualityLevel]) -> None:
    """Wait until these are told, in any order."""
    await party.diary.until(lambda d: set(told) <= set(d.of("network_quality")))


@row("§10 onRtcStats every 3 s")
def test_the_whole_connection_s_figures_are_told(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            for party in (d.alice, d.bob):
                await party.diary.until(lambda diary: len(diary.of("rtc_stats")) >= 2)
            (sent,), (heard,) = (
                party.diary.of("rtc_stats")[-1] for party in (d.alice, d.bob)
            )
            assert sent.total_tx_kbps == pytest.approx(96, rel=0.5)
            assert sent.total_rx_kbps == 0
            assert heard.total_rx_kbps == pytest.approx(sent.total_tx_kbps, rel=0.3)
            assert heard.avg_tx_rtt_ms is not None
            assert heard.avg_rx_packet_lost_rate == 0
            assert heard.avg_peer_to_peer_delay_ms is not None

    run(scene())


@row("§10 remoteSpeakerStateUpdate")
def test_who_plays_is_told_what_the_publisher_s_loudspeaker_does(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            d.alice.engine.mute_speaker(True)
            await speaker(d.bob, MicState.MUTE)
            unplugged = DeviceExceptionType.DEVICE_UNPLUGGED
            d.alice.engine.report_device(DeviceType.SPEAKER, unplugged, "hw:2")
            d.alice.engine.mute_speaker(False)
            await speaker(d.bob, MicState.MUTE, MicState.UNPLUGGED)
            d.alice.engine.report_device(DeviceType.SPEAKER, None, "hw:2")
            await speaker(d.bob, MicState.MUTE, MicState.UNPLUGGED, MicState.OPEN)

    run(scene())


async def speaker(party: Party, *states: MicState) -> None:
    """Wait until these are all that was told of Alice's loudspeaker."""
    told = [("alice-1", state) for state in states]
    await party.diary.until(lambda d: d.of("remote_speaker_state_update") == told)


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
