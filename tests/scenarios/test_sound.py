"""Quality, levels and audio controls, as sections 10 and 11 of the reference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from intercomd.domain.errors import (
    BitrateInvalid,
    ConfigAfterEngineStarted,
    ConfigAfterLogin,
    ErrorCode,
    IllegalParameter,
    ModuleMissing,
    SoundLevelIntervalInvalid,
    TrafficModeInvalid,
)
from intercomd.domain.quality import (
    PlayStreamQuality,
    PublishStreamQuality,
    QualityLevel,
)
from intercomd.domain.sound import SoundLevelInfo
from intercomd.engine import (
    AudioConfig,
    AudioPreset,
    DeviceExceptionType,
    DeviceType,
    Engine,
    EngineConfig,
    MicState,
    PlayerState,
    PublishChannel,
    Scenario,
    SoundLevelConfig,
)
from intercomd.engine.sound_settings import AudioCodec
from intercomd.engine.traffic_calls import TrafficFocus
from intercomd.media.packet import Packet
from intercomd.server.app import RoomServer
from tests.engine.events import until
from tests.room_server import engine_of, server_config
from tests.scenarios.clock import run
from tests.scenarios.duet import Duet, Party, duet
from tests.scenarios.rows import row

MAIN, AUX = PublishChannel.MAIN, PublishChannel.AUX
QUICK = EngineConfig(quality_interval_s=0.5)
LEVEL = 15.05
"""The tone's: a sine of a quarter of full scale, in -dBov."""


async def mic_state(listener: Party, *states: MicState) -> None:
    """Wait until these are all the listener was told of Alice's microphone."""
    told = [("alice-1", state) for state in states]
    await listener.diary.until(lambda d: d.of("remote_mic_state_update") == told)


def packets_received(party: Party) -> int:
    media = party.engine.stats().media
    return media.packets_received if media else 0


# Microphone


@row(
    "§15 muteMicrophone(true) mutes",
    "§11 muteMicrophone: silence, device open, statistics go on",
    "§11 isMicrophoneMuted",
    "§10 remoteMicStateUpdate 10 Mute by muteMicrophone",
    "§10 remoteMicStateUpdate 0 Open",
)
def test_a_muted_microphone_publishes_silence_and_the_others_are_told(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with duet(tmp_path, config=QUICK) as d:
            await d.talk()
            await d.bob.card.hears(500)
            assert not d.alice.engine.is_microphone_muted
            d.alice.engine.mute_microphone(True)
            assert d.alice.engine.is_microphone_muted
            await mic_state(d.bob, MicState.MUTE)
            await d.bob.card.hears(0)
            d.alice.diary.calls.clear()
            quality = await published(d, updates=2)
            assert quality.audio_capture_fps == pytest.approx(100, abs=15)
            assert quality.audio_send_fps == pytest.approx(100, abs=15)
            assert 0 < quality.audio_kbps < 3
            d.alice.engine.mute_microphone(False)
            await mic_state(d.bob, MicState.MUTE, MicState.OPEN)
            await d.bob.card.hears(500)
            assert d.bob.diary.of("player_media_event") == []

    run(scene())


@row(
    "§11 enableAudioCaptureDevice: the device is closed, silence is sent",
    "§10 remoteMicStateUpdate 9 Disable",
)
def test_a_disabled_capture_device_is_closed_and_the_others_are_told(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with duet(tmp_path, config=QUICK) as d:
            asked: list[bool] = []
            d.alice.engine.on_capture_device = asked.append
            await d.talk()
            await d.bob.card.hears(500)
            d.alice.engine.enable_audio_capture_device(False)
            d.alice.engine.enable_audio_capture_device(False)
            d.alice.engine.mute_microphone(True)
            await d.bob.card.hears(0)
            await mic_state(d.bob, MicState.DISABLE)
            d.alice.diary.calls.clear()
            quality = await published(d, updates=2)
            assert quality.audio_capture_fps == 0
            assert quality.audio_send_fps > 0
            d.alice.engine.enable_audio_capture_device(True)
            await mic_state(d.bob, MicState.DISABLE, MicState.MUTE)
            assert asked == [False, True]
            assert d.bob.diary.of("player_media_event") == []

    run(scene())


@row(
    "§11 mutePublishStreamAudio: one channel is silence, capture goes on",
    "§10 remoteMicStateUpdate 10 Mute by mutePublishStreamAudio",
)
def test_one_channel_is_muted_and_the_meter_goes_on(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            await d.alice.engine.start_publishing_stream("alice-aux", AUX)
            await d.bob.engine.start_playing_stream("alice-aux")
            await d.bob.card.settles_at(LEVEL - 6)  # the same tone twice
            d.alice.engine.mute_publish_stream_audio(True)
            await d.bob.card.settles_at(LEVEL)
            await mic_state(d.bob, MicState.MUTE)  # of alice-aux nothing
            d.alice.engine.start_sound_level_monitor()
            await d.alice.diary.until(
                lambda diary: captured_levels(diary.calls)[-1:] > [70]
            )
            d.alice.engine.mute_microphone(True)
            await d.alice.diary.until(
                lambda diary: captured_levels(diary.calls)[-1:] == [0]
            )
            await d.bob.card.hears(0)

    run(scene())


def captured_levels(calls: list[tuple[object, ...]]) -> list[float]:
    infos = [call[1] for call in calls if call[0] == "captured_sound_level_info_update"]
    return [info.sound_level for info in infos if isinstance(info, SoundLevelInfo)]


@row("§10 remoteMicStateUpdate at play start")
def test_who_plays_later_is_told_of_a_muted_microphone_but_not_of_an_open_one(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            d.alice.engine.mute_microphone(True)
            await d.talk()
            await mic_state(d.bob, MicState.MUTE)
            d.alice.engine.mute_microphone(False)
            await mic_state(d.bob, MicState.MUTE, MicState.OPEN)
            await d.bob.engine.stop_playing_stream("alice-1")
            await d.bob.card.hears(0)
            await d.bob.engine.start_playing_stream("alice-1")
            await d.bob.card.hears(500)
            await mic_state(d.bob, MicState.MUTE, MicState.OPEN)

    run(scene())


@row("§11 setCaptureVolume 0 to 200, while publishing")
def test_the_capture_volume_changes_what_the_others_hear(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            await d.bob.card.settles_at(LEVEL)
            for volume, change_db in ((200, -6), (50, 6), (100, 0)):
                d.alice.engine.set_capture_volume(volume)
                await d.bob.card.settles_at(LEVEL + change_db)
            for volume in (-1, 201):
                with pytest.raises(IllegalParameter):
                    d.alice.engine.set_capture_volume(volume)

    run(scene())


# Loudspeaker


@row("§11 muteSpeaker", "§11 isSpeakerMuted")
def test_a_muted_speaker_is_silent_and_goes_on_playing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            await d.bob.card.hears(500)
            d.bob.engine.mute_speaker(True)
            assert d.bob.engine.is_speaker_muted
            await d.bob.card.hears(0)
            d.bob.engine.mute_speaker(False)
            await d.bob.card.hears(500)

    run(scene())


@row(
    "§11 mutePlayStreamAudio: nothing is received, the play goes on",
    "§11 mutePlayStreamAudio before the play; cleared by stopPlayingStream",
)
def test_a_muted_play_receives_nothing_and_plays_on(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            d.bob.engine.mute_play_stream_audio("alice-1", True)
            await d.bob.engine.start_playing_stream("alice-1")
            await d.alice.engine.start_publishing_stream("alice-1")
            nothing: dict[str, object] = {}
            playing = ("alice-1", PlayerState.PLAYING, 0, nothing)
            await d.bob.diary.until(
                lambda diary: playing in diary.of("player_state_update")
            )
            sent = d.alice.engine.stats().frames_sent
            await until(
                lambda: d.alice.engine.stats().frames_sent > sent + 20, "talking"
            )
            assert packets_received(d.bob) == 0
            assert d.alice.diary.of("publisher_listeners_update") == []
            d.bob.engine.mute_play_stream_audio("alice-1", False)
            await d.bob.card.hears(500)
            d.bob.engine.mute_play_stream_audio("alice-1", True)
            await d.bob.card.hears(0)
            await d.alice.diary.until(
                lambda diary: (
                    diary.of("publisher_listeners_update")[-1:] == [("alice-1", 0)]
                )
            )
            assert d.bob.diary.of("player_state_update")[-1] == playing
            await d.bob.engine.stop_playing_stream("alice-1")
            await d.bob.engine.start_playing_stream("alice-1")
            await d.bob.card.hears(500)
            assert d.bob.diary.of("player_media_event") == []

    run(scene())


@row("§11 muteAllPlayStreamAudio: the streams' own switches have no effect")
def test_the_master_switch_mutes_all_and_forgets_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            d.bob.engine.mute_all_play_stream_audio(True)
            await d.talk_unheard()
            d.bob.engine.mute_play_stream_audio("alice-1", False)
            await d.bob.card.hears(0)
            d.bob.engine.mute_all_play_stream_audio(False)
            await d.bob.card.hears(500)
            d.bob.engine.mute_play_stream_audio("alice-1", True)
            d.bob.engine.mute_all_play_stream_audio(True)
            d.bob.engine.mute_all_play_stream_audio(False)
            await d.bob.card.hears(0)
            d.bob.engine.mute_play_stream_audio("alice-1", False)
            await d.bob.card.hears(500)

    run(scene())


@row("§9 setPlayStreamBufferIntervalRange")
def test_sound_waits_as_long_as_was_wanted(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            bob = d.bob.engine
            bob.set_play_stream_buffer_interval_range("alice-1", 200, 300)
            await d.talk()
            await d.bob.card.hears(500)
            await until(lambda: waits_ms(d) > 180, "a wait of 200 ms")
            bob.set_play_stream_buffer_interval_range("alice-1", 0, 50)
            await until(lambda: waits_ms(d) < 60, "a wait of at most 50 ms")
            for least, most in ((-1, 4000), (0, 4001), (300, 200)):
                with pytest.raises(IllegalParameter):
                    bob.set_play_stream_buffer_interval_range("alice-1", least, most)

    run(scene())


def waits_ms(d: Duet) -> float:
    return d.bob.engine.stats().streams["alice-1"].delay_ms


# Settings


@row(
    "§11 setAudioConfig before publishing, bitrate also during",
    "§11 presets Basic 16, Standard 48, High 128 mono",
    "§12 1000066",
)
def test_the_presets_change_the_bitrate_while_publishing(tmp_path: Path) -> None:
    async def scene() -> None:
        config = EngineConfig(quality_interval_s=1.0)
        async with duet(tmp_path, config=config) as d:
            await d.talk()
            kbps = []
            for preset in (
                AudioPreset.BASIC_QUALITY,
                AudioPreset.STANDARD_QUALITY,
                AudioPreset.HIGH_QUALITY,
            ):
                d.alice.engine.set_audio_config(preset)
                d.alice.diary.calls.clear()
                kbps.append((await published(d, updates=2)).audio_kbps)
            assert kbps == sorted(kbps)
            assert kbps[0] < 32
            assert kbps[2] > 64
            await d.bob.card.hears(500)
            codec = AudioConfig(48, codec_id=AudioCodec.LOW3)
            with pytest.raises(ConfigAfterEngineStarted):
                d.alice.engine.set_audio_config(codec)
            await d.alice.engine.stop_publishing_stream()
            d.alice.engine.set_audio_config(codec)

    run(scene())


@row("§11 enableTrafficControl", "§12 1003005")
def test_the_bitrate_gives_way_to_heavy_loss_and_comes_back(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path, config=QUICK) as d:
            engine = d.alice.engine
            check_traffic_arguments(engine)
            await d.talk()
            engine.set_audio_config(AudioPreset.HIGH_QUALITY)
            engine.set_min_audio_bitrate_for_traffic_control(32)
            undo = lose_every(3, d)
            await until(lambda: engine.stats().bitrate_kbps == 32, "32", timeout_s=60)
            d.alice.diary.calls.clear()
            low = (await published(d, updates=2)).audio_kbps
            undo()
            await until(lambda: engine.stats().bitrate_kbps == 128, "128", timeout_s=60)
            assert engine.stats().packet_ms == 10
            d.alice.diary.calls.clear()
            assert (await published(d, updates=2)).audio_kbps > 2 * low
            await d.bob.card.hears(500)

    run(scene())


def test_without_traffic_control_the_bitrate_stays(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path, config=QUICK) as d:
            engine = d.alice.engine
            await d.talk()
            lose_every(3, d)
            await until(lambda: engine.stats().bitrate_kbps < 96, "less", timeout_s=60)
            engine.enable_traffic_control(False)
            assert engine.stats().bitrate_kbps == 96
            await published(d, updates=4)
            assert engine.stats().bitrate_kbps == 96

    run(scene())


def check_traffic_arguments(engine: Engine) -> None:
    with pytest.raises(TrafficModeInvalid) as mode:
        engine.enable_traffic_control(True, 8)
    assert mode.value.code == 1003005
    with pytest.raises(BitrateInvalid):
        engine.set_min_audio_bitrate_for_traffic_control(5)
    engine.set_traffic_control_focus_on(TrafficFocus.LOCAL_ONLY)
    with pytest.raises(ModuleMissing):
        engine.set_traffic_control_focus_on(TrafficFocus.REMOTE)


@row("§11 stereo presets", "§12 1000010", "§12 1003002")
def test_stereo_and_impossible_bitrates_are_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            for preset in (
                AudioPreset.STANDARD_QUALITY_STEREO,
                AudioPreset.HIGH_QUALITY_STEREO,
            ):
                with pytest.raises(ModuleMissing) as caught:
                    d.alice.engine.set_audio_config(preset)
                assert caught.value.code == 1000010
            for kbps in (5, 193):
                with pytest.raises(BitrateInvalid) as invalid:
                    d.alice.engine.set_audio_config(AudioConfig(kbps), AUX)
                assert invalid.value.code == 1003002

    run(scene())


@row(
    "§1 setRoomScenario after login: ignored, debugError 1000067",
    "§1 debugError",
    "§12 1000067",
)
def test_the_scenario_is_chosen_before_the_login(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            with pytest.raises(ConfigAfterLogin):
                d.alice.engine.set_room_scenario(Scenario.STANDARD_CHATROOM)
            told = d.alice.diary.of("debug_error")
            assert [call[:2] for call in told] == [(1000067, "set_room_scenario")]
            await d.alice.engine.logout_room()
            d.alice.engine.set_room_scenario(Scenario.STANDARD_CHATROOM)
            await d.alice.engine.login_room("lobby", d.alice.user)
            await d.talk()
            await d.bob.card.hears(500)  # in packets of 20 ms now

    run(scene())


@row("§1 apiCalledResult", "§12 1000006")
def test_every_call_tells_its_outcome_to_whoever_listens(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as engine,
        ):
            told: list[tuple[int, str]] = []

            def remember(code: int, call: str, info: str) -> None:
                told.append((code, call))

            engine.on("api_called_result", remember)
            engine.enable_camera(False)
            with pytest.raises(NotImplementedError):
                engine.enable_camera(True)
            with pytest.raises(IllegalParameter):
                engine.set_capture_volume(300)
            await engine.logout_room()
            assert told == [
                (0, "enable_camera"),
                (ErrorCode.UNSUPPORTED_PLATFORM, "enable_camera"),
                (ErrorCode.ILLEGAL_PARAMETER, "set_capture_volume"),
                (0, "logout_room"),
            ]

    run(scene())


# Levels and quality


@row(
    "§10 startSoundLevelMonitor 100 to 3000 ms, else 1006031",
    "§12 1006031",
    "§10 capturedSoundLevelInfoUpdate also without capture (0)",
    "§10 capturedSoundLevelInfoUpdate vad",
    "§10 remoteSoundLevelUpdate only while playing",
)
def test_levels_are_told_as_long_as_they_are_wanted(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            for milliseconds in (99, 3001):
                with pytest.raises(SoundLevelIntervalInvalid) as caught:
                    d.bob.engine.start_sound_level_monitor(
                        SoundLevelConfig(milliseconds)
                    )
                assert caught.value.code == 1006031
            d.bob.engine.start_sound_level_monitor()
            await d.bob.diary.until(
                lambda diary: len(diary.of("captured_sound_level_info_update")) >= 3
            )
            assert set(captured_levels(d.bob.diary.calls)) == {0.0}
            assert d.bob.diary.of("remote_sound_level_update") == []
            d.alice.engine.start_sound_level_monitor(SoundLevelConfig(100, True))
            await d.talk()
            await d.bob.diary.until(
                lambda diary: any(
                    call[0].get("alice-1", 0) == pytest.approx(75, abs=1)
                    for call in diary.of("remote_sound_level_update")
                )
            )
            await d.alice.diary.until(
                lambda diary: any(
                    call[0].vad == 1 and call[0].sound_level == pytest.approx(75, abs=1)
                    for call in diary.of("captured_sound_level_info_update")
                )
            )
            d.bob.engine.stop_sound_level_monitor()
            d.bob.diary.calls.clear()
            await until_quality_of_time(d)
            assert d.bob.diary.of("captured_sound_level_info_update") == []

    run(scene())


async def until_quality_of_time(d: Duet) -> None:
    """Wait for what takes longer than a level's interval: 30 frames."""
    heard = len(d.bob.card.heard)
    await until(lambda: len(d.bob.card.heard) > heard + 30, "30 frames")


@row(
    "§10 publisherQualityUpdate every 3 s",
    "§10 publish fields: audioCaptureFPS audioSendFPS audioKBPS rtt packetLostRate "
    "level totalSendBytes audioSendBytes",
    "§10 playerQualityUpdate every 3 s",
    "§10 play fields of audio",
    "§10 level 0 Excellent",
)
def test_quality_is_told_of_both_ends_with_what_was_measured(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:  # with the reference's interval
            await d.talk()
            sent = await published(d)
            assert sent.audio_capture_fps == pytest.approx(100, abs=10)
            assert sent.audio_send_fps == pytest.approx(100, abs=10)
            assert sent.audio_kbps == pytest.approx(96, rel=0.5)
            assert sent.rtt_ms is not None
            assert sent.packet_lost_rate == 0
            assert sent.level is QualityLevel.EXCELLENT
            assert sent.total_send_bytes == sent.audio_send_bytes > 1000
            heard = await played(d)
            for fps in (
                heard.audio_recv_fps,
                heard.audio_dejitter_fps,
                heard.audio_decode_fps,
                heard.audio_render_fps,
            ):
                assert fps == pytest.approx(100, abs=10)
            assert heard.audio_kbps == pytest.approx(sent.audio_kbps, rel=0.3)
            assert heard.packet_lost_rate == 0
            assert heard.peer_to_peer_packet_lost_rate == 0
            assert heard.level is QualityLevel.EXCELLENT
            assert heard.mos > 4
            assert heard.rtt_ms is not None
            assert heard.peer_to_peer_delay_ms is not None
            assert 0 < heard.delay_ms < 100
            assert heard.audio_cumulative_decode_time_ms > 2500
            assert heard.audio_cumulative_break_count == 0
            assert heard.total_recv_bytes == heard.audio_recv_bytes > 1000
            assert not heard.mute_audio

    run(scene())


@row(
    "§16.8 level by loss, round trip and jitter",
    "§10 packetLostRate of what is lost",
    "§10 level by the loss",
)
def test_lost_packets_are_in_the_quality(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path, config=QUICK) as d:
            await d.talk()
            await d.bob.card.hears(500)
            lose_every(5, d)
            d.bob.diary.calls.clear()
            heard = await played(d, updates=2)
            assert heard.packet_lost_rate == pytest.approx(0.2, abs=0.06)
            assert heard.level is QualityLevel.BAD
            assert heard.mos < 3

    run(scene())


def lose_every(one_of: int, d: Duet) -> Callable[[], None]:
    """Alice's encoder goes on numbering, but one of so many packets is not sent, until
    what is returned is called."""
    send = d.alice.engine._link.send
    outlet = d.alice.engine._microphone.outlets[MAIN]
    real = outlet._send

    def lossy(packet: Packet) -> bool:
        return packet.sequence % one_of == 0 or send(MAIN, packet)

    def undo() -> None:
        outlet._send = real

    outlet._send = lossy
    return undo


@row("§10 level 4 Die")
def test_a_stream_of_which_nothing_comes_is_dead(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path, config=QUICK) as d:
            await d.talk()
            await d.bob.card.hears(500)
            d.alice.engine._microphone.outlets[MAIN]._send = lambda _: True
            await d.bob.diary.until(
                lambda diary: any(
                    quality.level is QualityLevel.DIE and quality.mos == -1
                    for _, quality in diary.of("player_quality_update")
                )
            )

    run(scene())


@row("§10 muteAudio in the play quality", "§10 level 5 Unknown")
def test_the_quality_of_a_muted_play_is_unknown(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path, config=QUICK) as d:
            d.bob.engine.mute_play_stream_audio("alice-1", True)
            await d.talk_unheard()
            heard = await played(d)
            assert heard.mute_audio
            assert heard.level is QualityLevel.UNKNOWN
            assert heard.audio_recv_fps == 0

    run(scene())


async def published(d: Duet, *, updates: int = 1) -> PublishStreamQuality:
    """The last of so many quality updates of Alice's stream."""
    await d.alice.diary.until(
        lambda diary: len(diary.of("publisher_quality_update")) >= updates
    )
    stream_id, quality = d.alice.diary.of("publisher_quality_update")[-1]
    assert stream_id == "alice-1"
    assert isinstance(quality, PublishStreamQuality)
    return quality


async def played(d: Duet, *, updates: int = 1) -> PlayStreamQuality:
    """The last of so many quality updates of what Bob plays."""
    await d.bob.diary.until(
        lambda diary: len(diary.of("player_quality_update")) >= updates
    )
    stream_id, quality = d.bob.diary.of("player_quality_update")[-1]
    assert stream_id == "alice-1"
    assert isinstance(quality, PlayStreamQuality)
    return quality


# Devices


@row(
    "§10 localDeviceExceptionOccurred",
    "§10 remoteMicStateUpdate 1 to 8: the device's exception",
)
def test_a_broken_device_is_told_here_and_to_those_who_play(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            unplugged = DeviceExceptionType.DEVICE_UNPLUGGED
            engine = d.alice.engine
            engine.report_device(DeviceType.MICROPHONE, unplugged, "hw:1")
            await mic_state(d.bob, MicState.UNPLUGGED)
            engine.report_device(DeviceType.SPEAKER, unplugged, "hw:2")
            engine.report_device(DeviceType.MICROPHONE, None, "hw:1")
            await mic_state(d.bob, MicState.UNPLUGGED, MicState.OPEN)
            assert d.alice.diary.of("local_device_exception_occurred") == [
                (unplugged, DeviceType.MICROPHONE, "hw:1"),
                (unplugged, DeviceType.SPEAKER, "hw:2"),
            ]

    run(scene())
