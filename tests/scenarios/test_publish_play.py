"""Publishing and playing, as sections 8 and 9 of the reference have them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from intercomd.domain.audio import SILENCE, Frame
from intercomd.domain.errors import (
    AlreadyPublishing,
    IllegalParameter,
    IntercomError,
    NotLoggedIn,
    StreamIdTaken,
    StreamNotPlayed,
)
from intercomd.engine import (
    EngineConfig,
    EngineState,
    PlayerMediaEvent,
    PlayerState,
    PublishChannel,
    PublisherState,
    RoomStateReason,
)
from intercomd.server.config import RoomsSettings
from tests.scenarios.cast import a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.duet import Duet, duet
from tests.scenarios.rows import row
from tests.scenarios.sound_card import SoundCard, tone

MAIN, AUX = PublishChannel.MAIN, PublishChannel.AUX
REQUESTING, PUBLISHING = (
    PublisherState.PUBLISH_REQUESTING,
    PublisherState.PUBLISHING,
)
NO_PUBLISH = PublisherState.NO_PUBLISH


@row(
    "§8 start: PUBLISH_REQUESTING 0, PUBLISHING 0",
    "§8 stop: NO_PUBLISH 0",
    "§8 extendedData is empty without CDN",
)
def test_publishing_goes_from_requesting_to_publishing_and_back(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.alice.engine.start_publishing_stream("alice-1")
            await d.alice.engine.stop_publishing_stream()
            assert d.alice.diary.of("publisher_state_update") == [
                ("alice-1", REQUESTING, 0, {}),
                ("alice-1", PUBLISHING, 0, {}),
                ("alice-1", NO_PUBLISH, 0, {}),
            ]

    run(scene())


@row("§8 steady fault: NO_PUBLISH 1003028", "§12 1003028")
def test_a_stream_id_in_use_is_a_steady_fault(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.alice.engine.start_publishing_stream("door")
            with pytest.raises(StreamIdTaken):
                await d.bob.engine.start_publishing_stream("door")
            assert d.bob.diary.of("publisher_state_update") == [
                ("door", REQUESTING, 0, {}),
                ("door", NO_PUBLISH, 1003028, {}),
            ]

    run(scene())


@row(
    "§8 interrupt: PUBLISH_REQUESTING 1003020",
    "§8 give-up: NO_PUBLISH 1003021",
    "§9 interrupt: PLAY_REQUESTING 1004020",
    "§9 give-up: NO_PLAY with a code",
)
def test_a_lost_server_is_requested_again_and_given_up_in_the_end(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with contextlib.AsyncExitStack() as house:
            server = await house.enter_async_context(a_server(tmp_path))
            async with actors(server, "Alice") as (alice,):
                await alice.enter()
                await alice.engine.start_publishing_stream("alice-1")
                await alice.engine.start_publishing_stream("alice-2", AUX)
                await alice.engine.start_playing_stream("alice-1")
                await alice.told("player_state_update", 2)
                await house.aclose()
                await alice.comes_to(
                    RoomStateReason.RECONNECT_FAILED, 1002053, within_s=1300
                )
                for stream_id in ("alice-1", "alice-2"):
                    states = alice.states("publisher_state_update", stream_id)
                    assert states[2:] == [(REQUESTING, 1003020), (NO_PUBLISH, 1003021)]
                plays = alice.states("player_state_update", "alice-1")
                assert plays[2:] == [
                    (PlayerState.PLAY_REQUESTING, 1004020),
                    (PlayerState.NO_PLAY, 1004001),
                ]
                stopped = alice.diary.of("engine_state_update")[-1]
                assert stopped == (EngineState.STOP,)

    run(scene())


@row("§8 not logged in 1000002", "§9 not logged in 1000002", "§12 1000002")
def test_streams_need_a_room(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            with pytest.raises(NotLoggedIn):
                await alice.engine.start_publishing_stream("s")
            with pytest.raises(NotLoggedIn):
                await alice.engine.start_playing_stream("s")

    run(scene())


@row("§8 busy channel 1003023", "§8 to change the stream stop first", "§12 1003023")
def test_a_channel_carries_one_stream(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            engine = d.alice.engine
            for channel in (MAIN, AUX):
                await engine.start_publishing_stream(f"one-{channel}", channel)
                for stream_id in (f"one-{channel}", "two"):
                    with pytest.raises(AlreadyPublishing) as caught:
                        await engine.start_publishing_stream(stream_id, channel)
                    assert caught.value.code == 1003023
                await engine.stop_publishing_stream(channel)
                await engine.start_publishing_stream(f"two-{channel}", channel)

    run(scene())


@row("§8 streamID 1000014", "§8 streamID 1000015", "§8 streamID 1000016")
@pytest.mark.parametrize(
    ("stream_id", "code"), [("s" * 256, 1000014), ("", 1000015), ("a b", 1000016)]
)
def test_stream_ids_are_checked(tmp_path: Path, stream_id: str, code: int) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            for call in (
                d.alice.engine.start_publishing_stream(stream_id),
                d.alice.engine.start_playing_stream(stream_id),
            ):
                with pytest.raises(IntercomError) as caught:
                    await call
                assert caught.value.code == code

    run(scene())


@row(
    "§8 channels Main 0 and Aux 1, a stream each",
    "§8 Aux carries the same sound as Main",
    "§8 Aux with a source of its own",
)
def test_main_and_aux_are_two_streams_with_one_microphone(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk("alice-main")
            await d.bob.card.hears(500)
            await d.bob.engine.stop_playing_stream("alice-main")
            await d.alice.engine.start_publishing_stream("alice-aux", AUX)
            await d.bob.engine.start_playing_stream("alice-aux")
            await d.bob.card.hears(500)
            d.alice.card.aux = tone(900)
            await d.bob.card.hears(900)
            with pytest.raises(StreamIdTaken):
                await d.alice.engine.start_publishing_stream("alice-main", AUX)
            d.alice.card.aux = None
            await d.alice.engine.stop_publishing_stream(AUX)
            await d.bob.engine.start_playing_stream("alice-main")
            await d.bob.card.hears(500)

    run(scene())


@row(
    "§8 publisherCapturedAudioFirstFrame",
    "§8 publisherSendAudioFirstFrame",
    "§9 playerRecvAudioFirstFrame",
    "§1 engineStateUpdate Start and Stop",
)
def test_first_frames_and_the_engines_state_are_told_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            await d.bob.diary.until(
                lambda diary: bool(diary.of("player_recv_audio_first_frame"))
            )
            alice, bob = d.alice.diary, d.bob.diary
            assert alice.of("publisher_captured_audio_first_frame") == [()]
            assert alice.of("publisher_send_audio_first_frame") == [(MAIN,)]
            assert bob.of("player_recv_audio_first_frame") == [("alice-1",)]
            assert alice.of("engine_state_update") == [(EngineState.START,)]
            await d.alice.engine.stop_publishing_stream()
            states = [call for call in alice.calls if "_state_" in call[0]]
            assert states[-2:] == [
                ("publisher_state_update", "alice-1", NO_PUBLISH, 0, {}),
                ("engine_state_update", EngineState.STOP),
            ]
            assert bob.of("engine_state_update") == [(EngineState.START,)]
            await d.bob.engine.logout_room()
            assert bob.of("engine_state_update")[-1] == (EngineState.STOP,)

    run(scene())


@row("§8 publisherCapturedAudioFirstFrame is absent without a microphone")
def test_without_a_microphone_no_frame_is_captured_and_silence_sent(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            d.alice.card.says = None
            await d.talk()
            await d.bob.diary.until(
                lambda diary: bool(diary.of("player_recv_audio_first_frame"))
            )
            assert d.alice.diary.of("publisher_captured_audio_first_frame") == []

    run(scene())


@row(
    "§16.5 a missing stream is waited for, and given up with 1004002",
    "§9 states NO_PLAY 0, PLAY_REQUESTING 1, PLAYING 2",
    "§9 a stream that does not exist stays requesting and plays once published",
    "§9 DELETE: requesting again until stopped",
)
def test_play_before_the_stream_exists_and_after_it_is_gone(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            await d.bob.card.hears(500)
            await d.alice.engine.stop_publishing_stream()
            await d.bob.diary.until(
                lambda diary: len(diary.of("player_state_update")) == 3
            )
            await d.bob.engine.stop_playing_stream("alice-1")
            states = [call[1:3] for call in d.bob.diary.of("player_state_update")]
            assert states == [
                (PlayerState.PLAY_REQUESTING, 0),
                (PlayerState.PLAYING, 0),
                (PlayerState.PLAY_REQUESTING, 1004020),
                (PlayerState.NO_PLAY, 0),
            ]
            assert d.bob.diary.of("player_media_event") == []

    run(scene())


@row("§9 starting a play again changes nothing")
def test_a_second_start_is_no_news(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            told = len(d.bob.diary.of("player_state_update"))
            await d.bob.engine.start_playing_stream("alice-1")
            await d.bob.card.hears(500)
            assert len(d.bob.diary.of("player_state_update")) == told

    run(scene())


@row(
    "§15 concurrent plays: configurable, then 1004010",
    "§9 too many plays 1004010",
    "§12 1004010",
    "§12 1004011",
)
def test_there_are_as_many_plays_as_the_server_lets_one_user(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path, rooms=RoomsSettings(plays_per_user=2)) as server,
            actors(server, "Alice", config=EngineConfig(receive_slots=1)) as (alice,),
        ):
            await alice.enter()
            engine = alice.engine
            for stream_id in ("one", "two", "three"):
                await engine.start_playing_stream(stream_id)
            await alice.comes_to_play("three", PlayerState.NO_PLAY, 1004010)
            await engine.stop_playing_stream("one")
            await engine.start_playing_stream("three")
            with pytest.raises(StreamNotPlayed) as missing:
                await engine.stop_playing_stream("one")
            assert missing.value.code == 1004011
            assert set(engine.stats().streams) == {"two", "three"}

    run(scene())


def test_of_more_streams_than_slots_those_are_heard_who_talk(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(
                server, "Alice", "Bob", "Carol", config=EngineConfig(receive_slots=1)
            ) as cast,
            SoundCard(cast[0].engine) as ear,
            SoundCard(cast[1].engine, tone(500)) as bob,
            SoundCard(cast[2].engine, silence()) as carol,
        ):
            for actor in cast:
                await actor.enter()
            alice = cast[0]
            for actor in cast[1:]:
                stream_id = f"{actor.user.user_id}-1"
                await actor.engine.start_publishing_stream(stream_id)
                await alice.engine.start_playing_stream(stream_id)
            await alice.comes_to_play("bob-1", PlayerState.PLAYING)
            await alice.comes_to_play("carol-1", PlayerState.PLAYING)
            await ear.hears(500)
            alice.engine.set_play_volume("carol-1", 50)
            bob.says, carol.says = silence(), tone(1000)
            await ear.hears(1000)
            await ear.settles_at(15.05 + 6)  # the volume goes with the stream
            assert alice.engine.stats().streams["bob-1"].received == 0
            bob.says, carol.says = tone(500), silence()
            await ear.hears(500)
            await ear.settles_at(15.05)
            carol.says = tone(1000, amplitude=0.9)
            await ear.hears(1000)
            await alice.engine.stop_playing_stream("carol-1")
            await ear.hears(500)

    run(scene())


def silence() -> list[Frame]:
    return [SILENCE]


@row(
    "§9 stopPlayingStream resets the stream's settings",
    "§11 setPlayVolume 0 to 200, last call wins, reset by stop and start",
    "§11 setAllPlayStreamVolume",
    "§12 1000017",
)
def test_play_volumes(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            engine, card = d.bob.engine, d.bob.card
            level = 15.05  # a sine of a quarter of full scale
            await card.settles_at(level)
            engine.set_play_volume("alice-1", 200)
            await card.settles_at(level - 6)
            engine.set_all_play_stream_volume(50)
            await card.settles_at(level + 6)
            engine.set_play_volume("alice-1", 0)
            await card.settles_at(127)
            engine.mute_play_stream_audio("alice-1", True)
            await engine.stop_playing_stream("alice-1")
            await engine.start_playing_stream("alice-1")
            await card.settles_at(level)
            for volume in (-1, 201):
                with pytest.raises(IllegalParameter) as caught:
                    engine.set_play_volume("alice-1", volume)
                assert caught.value.code == 1000017
            with pytest.raises(StreamNotPlayed):
                engine.set_play_volume("nobody", 100)

    run(scene())


@row("§9 playerMediaEvent 0 audio break", "§9 playerMediaEvent 1 audio break end")
def test_sound_that_breaks_off_is_told_and_so_is_its_return(tmp_path: Path) -> None:
    async def scene() -> None:
        async with duet(tmp_path) as d:
            await d.talk()
            await d.bob.card.hears(500)
            says, d.alice.card.says = d.alice.card.says, None
            d.alice.engine._microphone.keep_alive = _nothing  # type: ignore[method-assign]
            await _media_event(d, PlayerMediaEvent.AUDIO_BREAK_OCCUR)
            d.alice.card.says = says
            await _media_event(d, PlayerMediaEvent.AUDIO_BREAK_RESUME)

    run(scene())


async def _media_event(d: Duet, event: PlayerMediaEvent) -> None:
    await d.bob.diary.until(
        lambda diary: diary.of("player_media_event")[-1:] == [("alice-1", event)]
    )


def _nothing(now: float) -> None:
    """The network that eats everything."""
