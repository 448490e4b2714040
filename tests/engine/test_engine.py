"""The engine's life over real sockets: every call of the reference once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from intercomd.domain.errors import (
    AlreadyPublishing,
    AppIdIncorrect,
    AppIdZero,
    AppSignIncorrect,
    AppSignInvalidCharacter,
    AppSignInvalidLength,
    EngineNotCreated,
    ErrorCode,
    IllegalParameter,
    NotLoggedIn,
    RoomCountExceeded,
    RoomIdIncorrect,
    RoomIdNull,
    StreamIdInvalidCharacter,
    StreamIdTaken,
    StreamNotPlayed,
)
from intercomd.engine import (
    Engine,
    EngineConfig,
    EngineProfile,
    MicState,
    PlayerState,
    PublisherState,
    RoomConfig,
    RoomState,
    RoomStateReason,
    UpdateType,
    User,
)
from intercomd.server.app import RoomServer
from tests.engine.events import Diary
from tests.room_server import APP_ID, APP_SIGN, engine_of, server_config

ALICE = User("alice", "Alice")
BOB = User("bob", "Bob")
NOTIFY = RoomConfig(is_user_status_notify=True)


def run(scene: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(30):
            await scene

    asyncio.run(limited())


def test_login_tells_logining_then_logined_in_both_styles(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as engine,
        ):
            diary = Diary(engine)
            await engine.login_room("lobby", ALICE, NOTIFY)
            assert [call[1:3] for call in diary.of("room_state_changed")] == [
                (RoomStateReason.LOGINING, 0),
                (RoomStateReason.LOGINED, 0),
            ]
            assert [call[:3] for call in diary.of("room_state_update")] == [
                ("lobby", RoomState.CONNECTING, 0),
                ("lobby", RoomState.CONNECTED, 0),
            ]
            extended = diary.of("room_state_changed")[1][3]
            assert extended["room_session_id"]

    run(scene())


def test_logout_tells_logout_and_the_others_a_delete(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
            engine_of(server) as bob,
        ):
            of_alice, of_bob = Diary(alice), Diary(bob)
            await alice.login_room("lobby", ALICE, NOTIFY)
            await bob.login_room("lobby", BOB, NOTIFY)
            await of_alice.until(lambda d: len(d.of("room_user_update")) == 1)
            await bob.logout_room("lobby")
            await of_alice.until(lambda d: len(d.of("room_user_update")) == 2)
            assert of_alice.of("room_user_update") == [
                ("lobby", UpdateType.ADD, (BOB,)),
                ("lobby", UpdateType.DELETE, (BOB,)),
            ]
            assert of_bob.of("room_user_update") == [
                ("lobby", UpdateType.ADD, (ALICE,))
            ]
            assert of_bob.of("room_state_changed")[-1][1] is RoomStateReason.LOGOUT

    run(scene())


def test_user_updates_come_only_to_who_asked_for_them(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
            engine_of(server) as bob,
        ):
            of_alice = Diary(alice)
            await alice.login_room("lobby", ALICE)
            await bob.login_room("lobby", BOB)
            await bob.start_publishing_stream("bob-1")
            await of_alice.until(lambda d: bool(d.of("room_stream_update")))
            assert of_alice.of("room_user_update") == []

    run(scene())


def test_publish_and_play_reach_their_states_and_sound_flows(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
            engine_of(server) as bob,
        ):
            of_alice, of_bob = Diary(alice), Diary(bob)
            await alice.login_room("lobby", ALICE)
            await bob.login_room("lobby", BOB)
            await bob.start_playing_stream("alice-1")
            await alice.start_publishing_stream("alice-1")
            await of_bob.until(
                lambda d: (
                    ("alice-1", PlayerState.PLAYING, 0, {})
                    in d.of("player_state_update")
                )
            )
            await of_alice.until(
                lambda d: ("alice-1", 1) in d.of("publisher_listeners_update")
            )
            assert [call[1] for call in of_alice.of("publisher_state_update")] == [
                PublisherState.PUBLISH_REQUESTING,
                PublisherState.PUBLISHING,
            ]
            assert [call[1] for call in of_bob.of("player_state_update")] == [
                PlayerState.PLAY_REQUESTING,
                PlayerState.PLAYING,
            ]
            await alice.stop_publishing_stream()
            await of_bob.until(lambda d: len(d.of("room_stream_update")) == 2)
            added, deleted = of_bob.of("room_stream_update")
            assert added[1] is UpdateType.ADD
            assert deleted[1] is UpdateType.DELETE
            assert deleted[3]["stream_delete_reason"] == [
                {"stream_id": "alice-1", "code": 1, "description": "publisher_stop"}
            ]
            await bob.stop_playing_stream("alice-1")
            assert of_bob.of("player_state_update")[-1][1] is PlayerState.NO_PLAY

    run(scene())


def test_a_loudspeaker_that_is_muted_no_more_is_told_after_a_pause_of_the_stream(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
            engine_of(server) as bob,
        ):
            of_bob = Diary(bob)
            await alice.login_room("lobby", ALICE)
            await bob.login_room("lobby", BOB)
            await bob.start_playing_stream("alice-1")
            await alice.start_publishing_stream("alice-1")
            await of_bob.until(lambda d: _states(d)[-1:] == [PlayerState.PLAYING])
            alice.mute_speaker(True)
            await of_bob.until(lambda d: _speakers(d) == [MicState.MUTE])
            await alice.stop_publishing_stream()
            await of_bob.until(lambda d: _states(d)[-1] is PlayerState.PLAY_REQUESTING)
            alice.mute_speaker(False)
            await alice.start_publishing_stream("alice-1")
            await of_bob.until(lambda d: _speakers(d) == [MicState.MUTE, MicState.OPEN])

    run(scene())


def _states(diary: Diary) -> list[PlayerState]:
    return [call[1] for call in diary.of("player_state_update")]


def _speakers(diary: Diary) -> list[MicState]:
    return [call[1] for call in diary.of("remote_speaker_state_update")]


def test_the_later_publisher_of_a_stream_id_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
            engine_of(server) as bob,
        ):
            of_bob = Diary(bob)
            await alice.login_room("lobby", ALICE)
            await bob.login_room("elsewhere", BOB)
            await alice.start_publishing_stream("door")
            with pytest.raises(StreamIdTaken) as caught:
                await bob.start_publishing_stream("door")
            assert caught.value.code == 1003028
            state = of_bob.of("publisher_state_update")[-1]
            assert state[:3] == ("door", PublisherState.NO_PUBLISH, 1003028)

    run(scene())


def test_a_login_cancelled_as_it_succeeds_leaves_nobody_in_the_room(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
        ):
            diary = Diary(alice)
            login = asyncio.create_task(alice.login_room("lobby", ALICE))
            alice.on(
                "room_state_changed",
                lambda _, reason, *__: (
                    login.cancel() if reason is RoomStateReason.LOGINED else None
                ),
            )
            with pytest.raises(asyncio.CancelledError):
                await login
            last = diary.of("room_state_changed")[-1]
            assert last[1] is RoomStateReason.LOGOUT
            alice.off("room_state_changed")
            await alice.login_room("lobby", ALICE)

    run(scene())


def test_a_publish_cancelled_as_it_succeeds_publishes_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
        ):
            diary = Diary(alice)
            await alice.login_room("lobby", ALICE)
            publish = asyncio.create_task(alice.start_publishing_stream("alice-1"))
            alice.on(
                "publisher_state_update",
                lambda _, state, *__: (
                    publish.cancel() if state is PublisherState.PUBLISHING else None
                ),
            )
            with pytest.raises(asyncio.CancelledError):
                await publish
            last = diary.of("publisher_state_update")[-1]
            assert last[:3] == ("alice-1", PublisherState.NO_PUBLISH, 0)
            alice.off("publisher_state_update")
            await alice.start_publishing_stream("alice-2")

    run(scene())


def test_a_second_publish_needs_a_stop_first(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
        ):
            await alice.login_room("lobby", ALICE)
            await alice.start_publishing_stream("one")
            with pytest.raises(AlreadyPublishing):
                await alice.start_publishing_stream("two")
            await alice.stop_publishing_stream()
            await alice.start_publishing_stream("two")

    run(scene())


def test_calls_that_need_a_login_say_so(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
        ):
            for call in (
                alice.start_publishing_stream("s"),
                alice.start_playing_stream("s"),
            ):
                with pytest.raises(NotLoggedIn) as caught:
                    await call
                assert caught.value.code == 1000002
            with pytest.raises(RoomIdIncorrect):
                await alice.logout_room("lobby")
            await alice.logout_room()
            await alice.stop_publishing_stream()
            with pytest.raises(StreamNotPlayed):
                await alice.stop_playing_stream("s")

    run(scene())


def test_a_second_login_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
        ):
            diary = Diary(alice)
            await alice.login_room("lobby", ALICE)
            for room in ("lobby", "elsewhere"):
                with pytest.raises(RoomCountExceeded) as caught:
                    await alice.login_room(room, ALICE)
                assert caught.value.code == 1002001
            assert len(diary.of("room_state_changed")) == 2

    run(scene())


@pytest.mark.parametrize(
    ("app_id", "app_sign", "error", "code"),
    [
        (APP_ID + 1, APP_SIGN, AppIdIncorrect, 1001004),
        (APP_ID, "f" * 64, AppSignIncorrect, 1001005),
    ],
)
def test_bad_credentials_fail_the_login_for_good(
    tmp_path: Path, app_id: int, app_sign: str, error: type[Exception], code: int
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server, app_id=app_id, app_sign=app_sign) as engine,
        ):
            diary = Diary(engine)
            with pytest.raises(error) as caught:
                await engine.login_room("lobby", ALICE)
            assert app_sign not in str(caught.value)
            assert [call[1:3] for call in diary.of("room_state_changed")] == [
                (RoomStateReason.LOGINING, 0),
                (RoomStateReason.LOGIN_FAILED, code),
            ]

    run(scene())


@pytest.mark.parametrize(
    ("app_id", "app_sign", "error"),
    [
        (0, APP_SIGN, AppIdZero),
        (2**32, APP_SIGN, AppIdZero),
        (1, "12", AppSignInvalidLength),
        (1, "g" * 64, AppSignInvalidCharacter),
    ],
)
def test_credentials_that_cannot_be_right_make_no_engine(
    app_id: int, app_sign: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Engine(EngineProfile(app_id, app_sign))


def test_a_server_url_must_be_one() -> None:
    with pytest.raises(ValueError, match="ws://host:port"):
        Engine(EngineProfile(1, APP_SIGN, server_url="http://example.invalid"))


def test_the_same_user_elsewhere_kicks_the_first(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as first,
            engine_of(server) as second,
        ):
            diary = Diary(first)
            await first.login_room("lobby", ALICE)
            await first.start_publishing_stream("alice-1")
            await second.login_room("elsewhere", ALICE)
            await diary.until(
                lambda d: d.of("room_state_changed")[-1][1] is RoomStateReason.KICK_OUT
            )
            last = diary.of("room_state_changed")[-1]
            assert last[2] == ErrorCode.KICKED_OUT
            assert "custom_kickout_message" in last[3]
            events = [call[0] for call in diary.calls]
            assert events[-5:] == [
                "publisher_state_update",  # the stream dies before the room
                "publisher_stream_event",
                "engine_state_update",
                "room_state_update",
                "room_state_changed",
            ]
            with pytest.raises(NotLoggedIn):
                await first.start_playing_stream("s")

    run(scene())


def test_ids_are_checked_before_anything_is_sent(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
        ):
            diary = Diary(alice)
            with pytest.raises(RoomIdNull):
                await alice.login_room("", ALICE)
            await alice.login_room("lobby", ALICE)
            with pytest.raises(StreamIdInvalidCharacter):
                await alice.start_publishing_stream("a b")
            assert diary.of("publisher_state_update") == []

    run(scene())


@pytest.mark.parametrize("count", [-1, 2**31])
def test_a_room_of_so_many_members_is_refused_before_anything_is_sent(
    tmp_path: Path, count: int
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
        ):
            diary = Diary(alice)
            impossible = RoomConfig(max_member_count=count)
            with pytest.raises(IllegalParameter) as caught:
                await alice.login_room("lobby", ALICE, impossible)
            assert caught.value.code == 1000017
            assert diary.of("room_state_changed") == []
            await alice.login_room("lobby", ALICE)
            with pytest.raises(IllegalParameter):
                await alice.switch_room("lobby", "kitchen", impossible)
            assert len(diary.of("room_state_changed")) == 2

    run(scene())


def test_a_command_to_nobody_in_particular_is_for_all_others(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as alice,
            engine_of(server) as bob,
        ):
            of_bob = Diary(bob)
            await alice.login_room("lobby", ALICE)
            await bob.login_room("lobby", BOB)
            await alice.send_custom_command("lobby", "none", None)
            await alice.send_custom_command("lobby", "empty", [])
            await alice.send_custom_command("lobby", "left out")
            await alice.send_transparent_message("lobby", b"bytes", None)
            await of_bob.until(lambda d: bool(d.of("recv_room_transparent_message")))
            heard = [call[2] for call in of_bob.of("im_recv_custom_command")]
            assert heard == ["none", "empty", "left out"]

    run(scene())


def test_there_is_one_engine_until_it_is_destroyed() -> None:
    async def scene() -> None:
        with pytest.raises(EngineNotCreated):
            Engine.instance()
        first = Engine.create_engine_with_profile(EngineProfile(1, APP_SIGN))
        again = Engine.create_engine_with_profile(EngineProfile(2, APP_SIGN))
        assert first is again is Engine.instance()
        first.enable_camera(False)
        with pytest.raises(NotImplementedError):
            first.enable_camera(True)
        await Engine.destroy_engine()
        await Engine.destroy_engine()
        with pytest.raises(EngineNotCreated):
            Engine.instance()
        with pytest.raises(EngineNotCreated) as caught:
            await first.login_room("lobby", ALICE)
        assert caught.value.code == 1000001

    run(scene())


def test_nothing_is_told_after_the_engine_is_destroyed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            engine = engine_of(server)
            diary = Diary(engine)
            await engine.login_room("lobby", ALICE)
            told = len(diary.calls)
            await engine.close()
            assert len(diary.calls) == told

    run(scene())


def test_off_silences_one_callback_or_all(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as engine,
        ):
            heard: list[str] = []

            def one(*_: object) -> None:
                heard.append("one")

            def two(*_: object) -> None:
                heard.append("two")

            engine.on("room_state_changed", one)
            engine.on("room_state_changed", two)
            engine.off("room_state_changed", one)
            await engine.login_room("lobby", ALICE)
            assert heard == ["two", "two"]
            engine.off("room_state_changed")
            await engine.logout_room()
            assert heard == ["two", "two"]
            with pytest.raises(ValueError, match="room_state_changed"):
                engine.on("room_state_chnaged", one)

    run(scene())


def test_a_failing_callback_stops_nobody_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as engine,
        ):

            def broken(*_: object) -> None:
                raise RuntimeError("mine")

            async def also_broken(*_: object) -> None:
                raise RuntimeError("mine too")

            engine.on("room_state_changed", broken)
            engine.on("room_state_changed", also_broken)
            diary = Diary(engine)
            await engine.login_room("lobby", ALICE)
            assert len(diary.of("room_state_changed")) == 2

    run(scene())
    assert "mine" in caplog.text
    assert "mine too" in caplog.text


def test_a_login_that_is_logged_out_meanwhile_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as engine,
        ):
            login = asyncio.create_task(engine.login_room("lobby", ALICE))
            await asyncio.sleep(0)
            await engine.logout_room()
            with pytest.raises(NotLoggedIn):
                await login

    run(scene())


def test_a_cancelled_login_is_given_up(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as engine,
        ):
            login = asyncio.create_task(engine.login_room("lobby", ALICE))
            await asyncio.sleep(0)
            login.cancel()
            with pytest.raises(asyncio.CancelledError):
                await login
            await engine.login_room("elsewhere", ALICE)

    run(scene())


@pytest.mark.parametrize("receive_slots", [1, 32])
def test_every_promised_number_of_slots_works(
    tmp_path: Path, receive_slots: int
) -> None:
    async def scene() -> None:
        config = EngineConfig(receive_slots=receive_slots)
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server, config=config) as engine,
        ):
            await engine.login_room("lobby", ALICE)
            await engine.start_publishing_stream("alice-1")

    run(scene())


@pytest.mark.parametrize("receive_slots", [0, 33])
def test_other_numbers_of_slots_make_no_engine(receive_slots: int) -> None:
    with pytest.raises(ValueError, match="receive_slots must be 1 to 32"):
        Engine(EngineProfile(1, APP_SIGN), EngineConfig(receive_slots=receive_slots))
