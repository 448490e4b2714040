"""§3.1 to §3.3: what a broken connection is to whom, by the reference's own times."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from intercomd.domain.errors import NotLoggedIn
from intercomd.engine import (
    EngineConfig,
    PlayerState,
    PublisherState,
    RoomStateReason,
    Stream,
    UpdateType,
)
from intercomd.server.config import RoomsSettings
from tests.engine.events import Call, until
from tests.scenarios.cast import Actor, a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.network import Network
from tests.scenarios.rows import row
from tests.server.speaking import speak

WINDOW_S, RETRY_S = 100.0, 1200.0
ADD, DELETE = UpdateType.ADD, UpdateType.DELETE
RECONNECTING, RECONNECTED = RoomStateReason.RECONNECTING, RoomStateReason.RECONNECTED
RECONNECT_FAILED = RoomStateReason.RECONNECT_FAILED
NO_PUBLISH, PUBLISHING = PublisherState.NO_PUBLISH, PublisherState.PUBLISHING
PUBLISH_REQUESTING = PublisherState.PUBLISH_REQUESTING
PLAY_REQUESTING, PLAYING = PlayerState.PLAY_REQUESTING, PlayerState.PLAYING


def room_and_plays(actor: Actor) -> list[Call]:
    """What was told of the room, its users and streams, and of what is played."""
    return [
        call
        for call in actor.diary.calls
        if call[0].startswith("room_") or call[0] == "player_state_update"
        if call[0] != "room_online_user_count_update"
    ]


def updates(actor: Actor, event: str) -> list[UpdateType]:
    return [call[1] for call in actor.diary.of(event)]


@row(
    "§15 Reconnecting: 1002051",
    "§3.2 back within the server's window: Reconnected, and peers see nothing",
    "§3.3 a stream resumed within the window goes on: no DELETE, no ADD",
    "§3.3 a watcher gets no special signal before the window",
    "§2.2 Reconnecting 1002051: CONNECTING",
    "§2.2 Reconnected 0: CONNECTED",
    "§12 1002051",
)
def test_back_in_time_nobody_noticed_and_the_sound_never_stopped(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (alice,),
            actors(server, "Bob") as (bob,),
        ):
            await bob.enter()
            await alice.enter()
            await alice.engine.start_publishing_stream("alice-1")
            await bob.engine.start_playing_stream("alice-1")
            await alice.told("publisher_listeners_update")
            seen_by_bob = room_and_plays(bob)
            network.cut()
            await alice.comes_to(RECONNECTING, 1002051)
            await speak(alice.engine, frames=20)  # the sound's own connection lives
            await until(
                lambda: bool(bob.engine.stats().streams["alice-1"].received == 20),
                "all packets sent while the signalling was away",
            )
            await asyncio.sleep(WINDOW_S - 10)
            network.mend()
            await alice.comes_to(RECONNECTED)
            assert alice.states("publisher_state_update", "alice-1") == [
                (PUBLISH_REQUESTING, 0),
                (PUBLISHING, 0),
            ]
            states = [call[1:3] for call in alice.diary.of("room_state_update")]
            assert states == [(1, 0), (2, 0), (1, 1002051), (2, 0)]
            assert room_and_plays(bob) == seen_by_bob

    run(scene())


@row(
    "§15 heartbeat timeout: 100 s, configurable",
    "§3.2 back after the server's window: peers see DELETE, then ADD",
    "§3.3 publisher offline: PUBLISH_REQUESTING 1003020, then PUBLISHING 0",
    "§3.3 player offline: PLAY_REQUESTING 1004020, then PLAYING 0",
    "§3.3 publishing and playing come back without another start",
    "§3.3 a watcher who stopped at DELETE plays again from the later ADD",
    "§3.3 crash: peers get DELETE at the server's window",
    "§3.1 heartbeat timeout 100 s, configurable",
    "§5 somebody times out is DELETE",
    "§6 timed out is DELETE with code 2",
    "§12 1003020",
    "§12 1004020",
)
def test_back_too_late_the_others_saw_it_go_and_come(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (alice,),
            actors(server, "Bob") as (bob,),
        ):
            await bob.enter()
            await alice.enter()
            await alice.engine.start_publishing_stream("alice-1")
            await bob.engine.start_publishing_stream("bob-1")
            await bob.engine.start_playing_stream("alice-1")
            await alice.engine.start_playing_stream("bob-1")
            await alice.told("player_state_update", 2)
            network.cut()
            cut_at = time.monotonic()
            await bob.told("room_user_update", 2, within_s=WINDOW_S + 1)
            assert time.monotonic() - cut_at == pytest.approx(WINDOW_S, abs=0.5)
            reason = bob.diary.of("room_stream_update")[1][3]["stream_delete_reason"]
            assert (reason[0]["code"], reason[0]["description"]) == (
                2,
                "heartbeat_timeout",
            )
            await bob.engine.stop_playing_stream("alice-1")
            network.mend()
            await alice.comes_to(RECONNECTED)
            await bob.told("room_stream_update", 3)
            await bob.engine.start_playing_stream("alice-1")
            assert updates(bob, "room_user_update") == [ADD, DELETE, ADD]
            assert updates(bob, "room_stream_update") == [ADD, DELETE, ADD]
            await alice.told("player_state_update", 4)
            await alice.told("publisher_state_update", 4)
            assert alice.states("publisher_state_update", "alice-1")[2:] == [
                (PUBLISH_REQUESTING, 1003020),
                (PUBLISHING, 0),
            ]
            assert alice.states("player_state_update", "bob-1")[2:] == [
                (PLAY_REQUESTING, 1004020),
                (PLAYING, 0),
            ]
            await bob.diary.until(
                lambda _: bob.states("player_state_update", "alice-1")[-1][1] == 0
            )

    run(scene())


@row(
    "§15 heartbeat timeout: 100 s, configurable",
    "§3.1 heartbeat timeout 100 s, configurable",
)
def test_the_window_is_as_the_server_is_configured(tmp_path: Path) -> None:
    async def scene() -> None:
        rooms = RoomsSettings(heartbeat_timeout_s=7)
        async with (
            a_server(tmp_path, rooms=rooms) as server,
            Network(server) as network,
            actors(network, "Alice") as (alice,),
            actors(server, "Bob") as (bob,),
        ):
            await bob.enter()
            await alice.enter()
            network.cut()
            cut_at = time.monotonic()
            await bob.told("room_user_update", 2)
            assert time.monotonic() - cut_at == pytest.approx(7, abs=0.5)

    run(scene())


@row(
    "§16.3 back-off: 0.25 s, doubled up to 1 s",
    "§16.5 a missing stream is waited for, and given up with 1004002",
    "§3.2 not back in the retry time: ReconnectFailed 1002053, left for good",
    "§3.2 not back in the retry time: peers see DELETE at the window",
    "§3.3 not back in the retry time: NO_PUBLISH 1003021",
    "§3.3 player not back in the retry time: NO_PLAY with a code",
    "§3.1 room retry 20 min, configurable before login",
    "§3.1 publish and play retry 20 min",
    "§3.1 retries are spaced out",
    "§3.1 no attempt after the final failure",
    "§2.2 ReconnectFailed 1002053: DISCONNECTED",
    "§12 1002053",
    "§12 1003021",
)
def test_not_back_at_all_the_engine_gives_up_after_20_minutes(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (alice,),
            actors(server, "Bob") as (bob,),
        ):
            await bob.enter()
            await alice.enter()
            await alice.engine.start_publishing_stream("alice-1")
            await alice.engine.start_playing_stream("bob-1")
            network.cut()
            cut_at = time.monotonic()
            await bob.told("room_user_update", 2, within_s=WINDOW_S + 1)
            await alice.comes_to(RECONNECT_FAILED, 1002053, within_s=RETRY_S + 5)
            assert time.monotonic() - cut_at == pytest.approx(RETRY_S, abs=2)
            assert 1000 < network.refused < 3000, "one to two a second"
            assert alice.diary.of("room_state_update")[-1][1:3] == (0, 1002053)
            assert alice.states("publisher_state_update", "alice-1")[-1] == (
                NO_PUBLISH,
                1003021,
            )
            assert alice.states("player_state_update", "bob-1")[-1] == (
                PlayerState.NO_PLAY,
                1004002,
            )
            with pytest.raises(NotLoggedIn):
                await alice.engine.start_publishing_stream("alice-1")
            refused = network.refused
            await asyncio.sleep(60)
            assert network.refused == refused
            assert updates(bob, "room_user_update") == [ADD, DELETE]

    run(scene())


@row("§3.1 room retry 20 min, configurable before login")
def test_the_retry_time_is_as_the_engine_is_configured(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice", config=EngineConfig(room_retry_time_s=5)) as (
                alice,
            ),
        ):
            await alice.enter()
            network.cut()
            cut_at = time.monotonic()
            await alice.comes_to(RECONNECT_FAILED, 1002053)
            assert time.monotonic() - cut_at == pytest.approx(5, abs=1.5)

    run(scene())


@row("§16.3 heartbeat interval: a silent connection is noticed within 7 s")
def test_a_connection_that_dies_in_silence_is_noticed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (alice,),
        ):
            await alice.enter()
            await asyncio.sleep(60)
            network.freeze()
            await alice.comes_to(RECONNECTING, 1002051, within_s=7.5)
            network.mend()
            await alice.comes_to(RECONNECTED)

    run(scene())


@row("§16.4 who comes back is told the difference only")
@pytest.mark.parametrize("away_s", [WINDOW_S / 2, WINDOW_S * 2])
def test_who_comes_back_is_told_what_changed(away_s: float, tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (alice,),
            actors(server, "Bob", "Carol", "Dave") as (bob, carol, dave),
        ):
            await alice.enter()
            for actor in (bob, carol):
                await actor.enter()
                await actor.engine.start_publishing_stream(f"{actor.user.user_id}-1")
            await alice.told("room_stream_update", 2)
            network.cut()
            await alice.comes_to(RECONNECTING, 1002051)
            seen = len(room_and_plays(alice))
            await carol.engine.logout_room()
            await dave.enter()
            await dave.engine.start_publishing_stream("dave-1")
            await asyncio.sleep(away_s)
            network.mend()
            await alice.told("room_stream_update", 4)
            news = [call[:1] + call[2:4] for call in room_and_plays(alice)[seen:]]
            assert [call for call in news if "_state_" not in call[0]] == [
                ("room_user_update", DELETE, (carol.user,)),
                ("room_user_update", ADD, (dave.user,)),
                ("room_stream_update", DELETE, (Stream("carol-1", carol.user),)),
                ("room_stream_update", ADD, (Stream("dave-1", dave.user),)),
            ]

    run(scene())
