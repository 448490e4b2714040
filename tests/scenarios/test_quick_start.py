"""The quick start of the reference, call by call: two users talk, then leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain.errors import EngineNotCreated
from intercomd.engine import (
    Engine,
    EngineProfile,
    PlayerState,
    PublisherState,
    RoomConfig,
    RoomState,
    Scenario,
    Stream,
    UpdateType,
    User,
)
from tests.engine.events import Diary
from tests.room_server import APP_ID, APP_SIGN, url_of
from tests.scenarios.cast import a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.rows import row

ROOM = "room1"


@row("§16.11 the sequence of the quick start")
def test_the_quick_start_runs_as_it_is_written(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "B") as (b,):
            profile = EngineProfile(
                APP_ID, APP_SIGN, Scenario.GENERAL, server_url=url_of(server)
            )
            engine = Engine.create_engine_with_profile(profile)
            assert Engine.create_engine_with_profile(profile) is engine
            Engine.instance().enable_camera(False)
            diary = Diary(engine)
            config = RoomConfig(is_user_status_notify=True)
            await engine.login_room(ROOM, User("id1", "user1"), config)
            await b.enter(ROOM)
            await b.engine.start_publishing_stream("streamB")
            await diary.until(lambda d: bool(d.of("room_stream_update")))
            assert diary.of("room_stream_update") == [
                (ROOM, UpdateType.ADD, (Stream("streamB", b.user),), {})
            ]
            await engine.start_publishing_stream("streamA")
            await engine.start_playing_stream("streamB")
            await diary.until(lambda d: len(d.of("player_state_update")) == 2)
            await engine.stop_publishing_stream()
            await engine.stop_playing_stream("streamB")
            await engine.logout_room(ROOM)
            await Engine.destroy_engine()
            with pytest.raises(EngineNotCreated):
                Engine.instance()
            assert _states(diary) == [
                ("room", RoomState.CONNECTING),
                ("room", RoomState.CONNECTED),
                ("publisher", PublisherState.PUBLISH_REQUESTING),
                ("publisher", PublisherState.PUBLISHING),
                ("player", PlayerState.PLAY_REQUESTING),
                ("player", PlayerState.PLAYING),
                ("publisher", PublisherState.NO_PUBLISH),
                ("player", PlayerState.NO_PLAY),
                ("room", RoomState.DISCONNECTED),
            ]

    run(scene())


def _states(diary: Diary) -> list[tuple[str, object]]:
    """Each state of room, publisher and player, in the order of their events."""
    return [
        (event.removesuffix("_state_update"), arguments[1])
        for event, *arguments in diary.calls
        if event in ("room_state_update", "publisher_state_update")
        or event == "player_state_update"
    ]
