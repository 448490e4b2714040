"""Section 3 of the reference: what a broken connection is to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from intercomd.domain.errors import ErrorCode, NotLoggedIn
from intercomd.engine import (
    Engine,
    EngineConfig,
    EngineProfile,
    PlayerState,
    PublisherState,
    RoomConfig,
    RoomStateReason,
    UpdateType,
    User,
)
from intercomd.server.app import RoomServer
from intercomd.server.config import RoomsSettings
from tests.engine.events import Diary, until
from tests.room_server import APP_ID, APP_SIGN, engine_of, server_config
from tests.scenarios.network import Network
from tests.scenarios.rows import row
from tests.server.speaking import speak

ALICE, BOB = User("alice", "Alice"), User("bob", "Bob")
NOTIFY = RoomConfig(is_user_status_notify=True)


def run(scene: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(30):
            await scene

    asyncio.run(limited())


def engine_behind(network: Network, *, retry_time_s: float = 1200.0) -> Engine:
    profile = EngineProfile(APP_ID, APP_SIGN, server_url=network.url)
    return Engine(profile, EngineConfig(room_retry_time_s=retry_time_s))


def reasons(diary: Diary) -> list[tuple[RoomStateReason, int]]:
    return [(call[1], call[2]) for call in diary.of("room_state_changed")]


def room_and_plays(diary: Diary) -> list[tuple[Any, ...]]:
    """What was told of the room, its users and streams, and of what is played."""
    return [
        call
        for call in diary.calls
        if call[0].startswith("room_") or call[0] == "player_state_update"
    ]


def is_back(diary: Diary) -> bool:
    return reasons(diary)[-1] == (RoomStateReason.RECONNECTED, 0)


@row(
    "§3.2 back within the server's window: Reconnected, and peers see nothing",
    "§3.3 a stream resumed within the window goes on: no DELETE, no ADD",
)
def test_back_in_time_nobody_noticed_and_the_sound_never_stopped(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            Network(server) as network,
            engine_behind(network) as alice,
            engine_of(server) as bob,
        ):
            of_alice, of_bob = Diary(alice), Diary(bob)
            await bob.login_room("lobby", BOB, NOTIFY)
            await alice.login_room("lobby", ALICE, NOTIFY)
            await alice.start_publishing_stream("alice-1")
            await bob.start_playing_stream("alice-1")
            await of_alice.until(
                lambda d: d.of("publisher_listeners_update") == [("alice-1", 1)]
            )
            seen_by_bob = room_and_plays(of_bob)
            network.cut()
            await of_alice.until(
                lambda d: reasons(d)[-1] == (RoomStateReason.RECONNECTING, 1002051)
            )
            await speak(alice, frames=20)  # the sound's own connection lives
            await until(
                lambda: bool(bob.stats().streams["alice-1"].received == 20),
                "all packets sent while the signalling was away",
            )
            network.mend()
            await of_alice.until(is_back)
            assert [call[1] for call in of_alice.of("publisher_state_update")] == [
                PublisherState.PUBLISH_REQUESTING,
                PublisherState.PUBLISHING,
            ]
            assert room_and_plays(of_bob) == seen_by_bob

    run(scene())


@row("§3.2 back after the server's window: peers see DELETE, then ADD")
def test_back_too_late_the_others_saw_it_go_and_come(tmp_path: Path) -> None:
    async def scene() -> None:
        rooms = RoomsSettings(heartbeat_timeout_s=1)
        async with (
            RoomServer(server_config(tmp_path, rooms=rooms)) as server,
            Network(server) as network,
            engine_behind(network) as alice,
            engine_of(server) as bob,
        ):
            of_alice, of_bob = Diary(alice), Diary(bob)
            await bob.login_room("lobby", BOB, NOTIFY)
            await alice.login_room("lobby", ALICE, NOTIFY)
            await alice.start_publishing_stream("alice-1")
            network.cut()
            await of_bob.until(lambda d: len(d.of("room_user_update")) == 2)
            network.mend()
            await of_alice.until(is_back)
            await of_bob.until(lambda d: len(d.of("room_stream_update")) == 3)
            assert [call[1] for call in of_bob.of("room_user_update")] == [
                UpdateType.ADD,
                UpdateType.DELETE,
                UpdateType.ADD,
            ]
            assert [call[1] for call in of_bob.of("room_stream_update")] == [
                UpdateType.ADD,
                UpdateType.DELETE,
                UpdateType.ADD,
            ]
            await of_alice.until(
                lambda d: (
                    [call[1:3] for call in d.of("publisher_state_update")][-2:]
                    == [
                        (PublisherState.PUBLISH_REQUESTING, 1003020),
                        (PublisherState.PUBLISHING, 0),
                    ]
                )
            )

    run(scene())


@row(
    "§3.2 not back in the retry time: ReconnectFailed 1002053, left for good",
    "§3.3 not back in the retry time: NO_PUBLISH 1003021",
)
def test_not_back_at_all_the_engine_gives_up(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            Network(server) as network,
            engine_behind(network, retry_time_s=1.0) as alice,
        ):
            of_alice = Diary(alice)
            await alice.login_room("lobby", ALICE)
            await alice.start_publishing_stream("alice-1")
            await alice.start_playing_stream("bob-1")
            network.cut()
            await of_alice.until(
                lambda d: reasons(d)[-1] == (RoomStateReason.RECONNECT_FAILED, 1002053)
            )
            last = of_alice.of("publisher_state_update")[-1]
            assert last[1:3] == (PublisherState.NO_PUBLISH, 1003021)
            assert of_alice.of("player_state_update")[-1][1] is PlayerState.NO_PLAY
            with pytest.raises(NotLoggedIn):
                await alice.start_publishing_stream("alice-1")

    run(scene())


@row(
    "§3.4 an older device that was offline is refused with 1002086",
    "§2.2 ReconnectFailed 1002086",
)
def test_who_comes_back_to_find_its_user_elsewhere_stays_out(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            Network(server) as network,
            engine_behind(network) as older,
            engine_of(server) as newer,
        ):
            of_older, of_newer = Diary(older), Diary(newer)
            await older.login_room("lobby", ALICE)
            network.cut()
            await of_older.until(
                lambda d: reasons(d)[-1][0] is RoomStateReason.RECONNECTING
            )
            await newer.login_room("elsewhere", ALICE)
            network.mend()
            await of_older.until(
                lambda d: reasons(d)[-1] == (RoomStateReason.RECONNECT_FAILED, 1002086)
            )
            assert reasons(of_newer)[-1] == (RoomStateReason.LOGINED, 0)

    run(scene())


@row("§3.4 the earlier session is kicked: KickOut 1002050, no reconnect")
def test_a_kicked_engine_does_not_come_back(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            RoomServer(server_config(tmp_path)) as server,
            engine_of(server) as first,
            engine_of(server) as second,
        ):
            of_first, of_second = Diary(first), Diary(second)
            await first.login_room("lobby", ALICE)
            await second.login_room("lobby", ALICE)
            await of_first.until(
                lambda d: (
                    reasons(d)[-1] == (RoomStateReason.KICK_OUT, ErrorCode.KICKED_OUT)
                )
            )
            # Whoever would come back would put the second one out.
            await asyncio.sleep(1.0)
            assert reasons(of_second)[-1] == (RoomStateReason.LOGINED, 0)
            assert reasons(of_first)[-1][0] is RoomStateReason.KICK_OUT

    run(scene())
