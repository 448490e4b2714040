"""An engine from its set-up to its end, as section 1 of the reference has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from intercomd.domain.audio import Frame
from intercomd.domain.errors import (
    EngineNotCreated,
    IllegalParameter,
    IntercomError,
    LogNotWritable,
    LogPathTooLong,
    ModuleMissing,
    UnsupportedPlatform,
)
from intercomd.domain.sound import AudioDeviceType
from intercomd.engine import (
    AudioCaptureStereoMode,
    AudioConfig,
    AudioSourceType,
    Engine,
    EngineConfig,
    EngineProfile,
    LogConfig,
    PlayerState,
    PublishChannel,
    PublisherState,
    User,
)
from intercomd.server.app import RoomServer
from tests.engine.events import Diary, until
from tests.room_server import APP_ID, APP_SIGN, engine_of, server_config, url_of
from tests.scenarios.clock import run
from tests.scenarios.duet import duet
from tests.scenarios.rows import row
from tests.scenarios.sound_card import tone

MAIN, AUX = PublishChannel.MAIN, PublishChannel.AUX
ALICE = User("alice", "Alice")


@row(
    "§1 createEngineWithProfile again returns the existing instance",
    "§1 destroyEngine: logged out, no callback after it, any call is 1000001",
)
def test_there_is_one_engine_until_it_is_destroyed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            profile = EngineProfile(APP_ID, APP_SIGN, server_url=url_of(server))
            engine = Engine.create_engine_with_profile(profile)
            assert Engine.create_engine_with_profile(profile) is engine
            await engine.login_room("lobby", ALICE)
            await engine.start_publishing_stream("alice-1")
            diary = Diary(engine)
            await Engine.destroy_engine()
            assert diary.calls == []
            calls: list[Callable[[], object]] = [
                lambda: engine.mute_microphone(True),
                lambda: engine.on("room_user_update", print),
                Engine.instance,
            ]
            for call in calls:
                with pytest.raises(EngineNotCreated) as caught:
                    call()
                assert caught.value.code == 1000001
            async with engine_of(server) as other:  # the user ID and stream are free
                await other.login_room("lobby", ALICE)
                await other.start_publishing_stream("alice-1")

    run(scene())


@row("§1 setEngineConfig room_retry_time and av_retry_time", "§12 1004002")
def test_a_stream_that_never_comes_is_given_up_after_its_time(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            profile = EngineProfile(APP_ID, APP_SIGN, server_url=url_of(server))
            Engine.set_engine_config({"room_retry_time": "60", "av_retry_time": "300"})
            engine = Engine.create_engine_with_profile(profile)
            diary = Diary(engine)
            await engine.login_room("lobby", User("bob", "Bob"))
            await engine.start_playing_stream("nobody")
            await diary.until(
                lambda d: len(d.of("player_state_update")) == 2, timeout_s=301
            )
            assert diary.of("player_state_update") == [
                ("nobody", PlayerState.PLAY_REQUESTING, 0, {}),
                ("nobody", PlayerState.NO_PLAY, 1004002, {}),
            ]
            await Engine.destroy_engine()
            Engine.set_engine_config({})

    run(scene())


@row("§8 give-up: NO_PUBLISH 1003021", "§12 1004001")
def test_streams_whose_media_never_come_back_are_given_up(tmp_path: Path) -> None:
    async def scene() -> None:
        config = EngineConfig(av_retry_time_s=20)
        async with duet(tmp_path, config=config) as d:
            await d.talk()
            for party in (d.alice, d.bob):
                link = party.engine._link
                assert link._peer is not None
                link._open_media = lambda: None  # type: ignore[method-assign]
                link._media_failed(link._peer, "lost on purpose")
            await d.alice.diary.until(
                lambda diary: (
                    diary.of("publisher_state_update")[-1][1:3]
                    == (PublisherState.NO_PUBLISH, 1003021)
                ),
                timeout_s=25,
            )
            await d.bob.diary.until(
                lambda diary: (
                    diary.of("player_state_update")[-1][1:3]
                    == (PlayerState.NO_PLAY, 1004001)
                ),
                timeout_s=25,
            )

    run(scene())


@row("§1 setEngineConfig takes no other key or value")
def test_an_engine_config_is_checked() -> None:
    for config in (
        {"room_retry_timer": "60"},
        {"av_retry_time": "soon"},
        {"av_retry_time": "-1"},
        {"enable_vad": "1"},
    ):
        with pytest.raises(IllegalParameter):
            Engine.set_engine_config(config)


@row("§1 setEngineConfig enable_vad and enable_dtx")
def test_with_vad_only_speech_is_sent_and_silence_thinly_unless_dtx_is_off(
    tmp_path: Path,
) -> None:
    def packets(config: EngineConfig, says: list[Frame]) -> int:
        """How many are sent in two seconds."""
        found: list[int] = []

        async def scene() -> None:
            async with duet(tmp_path, config=config, says=says) as d:
                await d.talk()
                sent = d.alice.engine._microphone.outlets[MAIN]
                before, heard = sent.packets_sent, len(d.bob.card.heard)
                await until(lambda: len(d.bob.card.heard) >= heard + 200, "2 s")
                found.append(sent.packets_sent - before)

        run(scene())
        return found[0]

    hum = tone(amplitude=0.0003)
    assert packets(EngineConfig(), hum) > 150
    assert packets(EngineConfig(enable_vad=True), hum) < 12
    assert packets(EngineConfig(enable_vad=True, enable_dtx=False), hum) > 150
    assert packets(EngineConfig(enable_vad=True), tone()) > 150


@row("§1 setLogConfig", "§12 1001014", "§12 1001015")
def test_the_log_is_written_where_it_was_wanted(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            (tmp_path / "file").touch()
            for config, code in (
                (LogConfig(tmp_path / "file"), LogNotWritable.code),
                (LogConfig(tmp_path / ("x" * 300)), LogPathTooLong.code),
                (LogConfig(tmp_path, log_size_mb=101), IllegalParameter.code),
                (LogConfig(tmp_path, log_count=2), IllegalParameter.code),
            ):
                with pytest.raises(IntercomError) as caught:
                    Engine.set_log_config(config)
                assert caught.value.code == code
            Engine.set_log_config(LogConfig(tmp_path / "logs"))
            profile = EngineProfile(APP_ID, APP_SIGN, server_url=url_of(server))
            engine = Engine.create_engine_with_profile(profile)

            def fail(*_: object) -> None:
                raise RuntimeError("a callback of the application's")

            engine.on("room_state_changed", fail)
            await engine.login_room("lobby", ALICE)
            await Engine.destroy_engine()
            Engine.set_log_config(LogConfig(tmp_path, log_size_mb=0))
            text = (tmp_path / "logs" / "intercomd.log").read_text()
            assert "callback failed event=room_state_changed" in text

    run(scene())


@row("§8 channels Third 2 and Fourth 3")
def test_the_third_and_fourth_channel_are_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            engine = d.alice.engine
            for channel in (PublishChannel.THIRD, PublishChannel.FOURTH):
                with pytest.raises(ModuleMissing) as caught:
                    await engine.start_publishing_stream("alice-3", channel)
                assert caught.value.code == 1000010
                with pytest.raises(ModuleMissing):
                    engine.set_audio_config(AudioConfig(48), channel)
            assert d.alice.diary.of("publisher_state_update") == []

    run(scene())


@row("§8 setAudioSource")
def test_a_channel_carries_what_was_chosen_for_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            engine = d.alice.engine
            await d.talk()
            await d.bob.card.hears(500)
            engine.set_audio_source(AudioSourceType.NONE)
            await d.bob.card.hears(0)
            engine.set_audio_source(AudioSourceType.MICROPHONE)
            await d.bob.card.hears(500)
            await d.bob.engine.stop_playing_stream("alice-1")
            await d.bob.engine.start_playing_stream("alice-aux")
            engine.set_audio_source(AudioSourceType.CUSTOM, AUX)
            await engine.start_publishing_stream("alice-aux", AUX)
            await d.bob.card.hears(0)  # nothing is given to it yet
            engine.set_audio_source(AudioSourceType.MAIN_PUBLISH_CHANNEL, AUX)
            await d.bob.card.hears(500)
            for source, channel, refusal in (
                (AudioSourceType.MEDIA_PLAYER, MAIN, ModuleMissing),
                (AudioSourceType.SCREEN_CAPTURE, AUX, ModuleMissing),
                (AudioSourceType.MAIN_PUBLISH_CHANNEL, MAIN, IllegalParameter),
            ):
                with pytest.raises(refusal):
                    engine.set_audio_source(source, channel)

    run(scene())


@row("§11 muteAllPlayAudioStreams")
def test_all_streams_own_switches_are_set_at_once_and_the_last_call_counts(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            d.bob.engine.mute_all_play_audio_streams(True)
            await d.talk_unheard()
            await d.bob.card.hears(0)
            d.bob.engine.mute_play_stream_audio("alice-1", False)
            await d.bob.card.hears(500)
            d.bob.engine.mute_all_play_audio_streams(True)
            await d.bob.card.hears(0)
            d.bob.engine.mute_all_play_audio_streams(False)
            await d.bob.card.hears(500)

    run(scene())


@row(
    "§1 uploadLog",
    "§11 setAudioCaptureStereoMode",
    "§11 setAudioDeviceMode and route",
    "§11 setAudioDeviceVolume and muteAudioDevice",
    "§11 mixer",
)
def test_what_there_is_not_is_refused_with_its_code(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            engine = d.alice.engine
            engine.set_audio_capture_stereo_mode(AudioCaptureStereoMode.NONE)
            missing, unsupported = ModuleMissing.code, UnsupportedPlatform.code
            kind, always = AudioDeviceType.INPUT, AudioCaptureStereoMode.ALWAYS
            calls: list[tuple[int, Callable[[], object]]] = [
                (missing, engine.upload_log),
                (missing, lambda: engine.set_audio_capture_stereo_mode(always)),
                (missing, lambda: engine.start_mixer_task({})),
                (missing, lambda: engine.stop_mixer_task({})),
                (missing, lambda: engine.start_auto_mixer_task({})),
                (missing, lambda: engine.stop_auto_mixer_task({})),
                (unsupported, lambda: engine.set_audio_device_mode(1)),
                (unsupported, lambda: engine.set_audio_route_to_speaker(True)),
                (unsupported, lambda: engine.set_audio_device_volume(kind, "", 50)),
                (unsupported, lambda: engine.get_audio_device_volume(kind, "")),
                (unsupported, lambda: engine.mute_audio_device(kind, "", True)),
            ]
            for code, call in calls:
                d.alice.diary.calls.clear()
                with pytest.raises(IntercomError) as caught:
                    call()
                assert caught.value.code == code
                assert [told[0] for told in d.alice.diary.of("debug_error")] == [code]

    run(scene())
