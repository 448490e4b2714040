"""§3.4: one userID, two devices."""

from __future__ import annotations

import asyncio
from pathlib import Path

from intercomd.engine import PlayerState, PublisherState, RoomStateReason, UpdateType
from tests.scenarios.cast import ROOM, a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.network import Network
from tests.scenarios.rows import row

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE
LOGINED, KICK_OUT = RoomStateReason.LOGINED, RoomStateReason.KICK_OUT
RECONNECTING = RoomStateReason.RECONNECTING


@row(
    "§3.4 the earlier session is kicked: KickOut 1002050, no reconnect",
    "§3.4 the earlier session anywhere under the AppID is kicked",
    "§3.4 the kicked one's publishing and playing stop, others see it",
    "§2.2 KickOut: DISCONNECTED, no reconnect",
    "§2.2 KickOut 1002050",
    "§2.2 custom_kickout_message of 1002050",
    "§2.3 a kick: the streams end with its code, then the room",
    "§12 1002050",
)
def test_the_earlier_session_is_put_out_and_does_not_come_back(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Alice", "Bob") as (first, second, bob),
        ):
            await bob.enter()
            await first.enter()
            await first.engine.start_publishing_stream("alice-1")
            await first.engine.start_playing_stream("bob-1")
            await second.enter("elsewhere")
            await first.comes_to(KICK_OUT, 1002050)
            code = 1002050
            assert [call[:4] for call in first.diary.calls if code in call[1:]] == [
                ("publisher_state_update", "alice-1", PublisherState.NO_PUBLISH, code),
                ("player_state_update", "bob-1", PlayerState.NO_PLAY, code),
                ("room_state_update", ROOM, 0, code),
                ("room_state_changed", ROOM, KICK_OUT, code),
            ]
            extended = first.diary.of("room_state_changed")[-1][3]
            assert "same user" in extended["custom_kickout_message"]
            updates = await bob.told("room_user_update", 2)
            assert [call[1] for call in updates] == [ADD, DELETE]
            updates = await bob.told("room_stream_update", 2)
            assert [call[1] for call in updates] == [ADD, DELETE]
            # Whoever would come back would put the second one out.
            await asyncio.sleep(60)
            assert first.reasons[-1] == (KICK_OUT, 1002050)
            assert second.reasons[-1] == (LOGINED, 0)

    run(scene())


@row(
    "§3.4 an older device that was offline is refused with 1002086",
    "§2.2 ReconnectFailed 1002086",
    "§12 1002086",
)
def test_who_comes_back_to_find_its_user_elsewhere_stays_out(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (older,),
            actors(server, "Alice") as (newer,),
        ):
            await older.enter()
            network.cut()
            await older.comes_to(RECONNECTING, 1002051)
            await newer.enter("elsewhere")
            network.mend()
            await older.comes_to(RoomStateReason.RECONNECT_FAILED, 1002086)
            await asyncio.sleep(60)
            assert older.reasons[-1][1] == 1002086
            assert newer.reasons[-1] == (LOGINED, 0)

    run(scene())


@row(
    "§3.3 crash and back within the window: peers get DELETE first, then ADD",
    "§3.4 logged in again after a crash: the streams before end with code 3",
    "§6 logged in again is DELETE with code 3",
)
def test_a_crashed_user_is_back_as_another_session(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (crashed,),
            actors(server, "Alice", "Bob") as (restarted, bob),
        ):
            await bob.enter()
            await crashed.enter()
            await crashed.engine.start_publishing_stream("alice-1")
            network.cut()  # nothing is heard of it any more
            await asyncio.sleep(50)
            await restarted.enter()
            await restarted.engine.start_publishing_stream("alice-1")
            users = await bob.told("room_user_update", 3)
            streams = await bob.told("room_stream_update", 3)
            assert [call[1] for call in users] == [ADD, DELETE, ADD]
            assert [call[1] for call in streams] == [ADD, DELETE, ADD]
            (reason,) = streams[1][3]["stream_delete_reason"]
            assert reason["code"] == 3
            assert reason["description"] == "user_relogin"

    run(scene())
