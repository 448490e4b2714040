"""That nothing an engine began outlives it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from intercomd.engine import User
from intercomd.engine.tasks import Tasks
from intercomd.server.app import RoomServer
from tests.engine.events import until
from tests.room_server import engine_of, server_config

FDS = Path("/proc/self/fd")


def run(scene: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await scene

    asyncio.run(limited())


def held() -> tuple[int, set[str], int]:
    """Tasks, threads and file descriptors of this process."""
    # The loop's own pool looks up addresses; it belongs to the loop.
    threads = {t.name for t in threading.enumerate() if "asyncio_" not in t.name}
    return len(asyncio.all_tasks()), threads, len(list(FDS.iterdir()))


def test_a_destroyed_engine_leaves_no_task_thread_or_descriptor(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with RoomServer(server_config(tmp_path)) as server:
            tasks, _, _ = held()
            async with engine_of(server) as engine:  # what is made once, is made
                await engine.login_room("lobby", User("warm", "Warm"))
                await engine.start_publishing_stream("warm-1")
            await until(lambda: held()[0] == tasks, "the server's end to be gone")
            before = held()
            engine = engine_of(server)
            engine.on("room_state_changed", forever)
            engine.start_sound_level_monitor()
            await engine.login_room("lobby", User("alice", "Alice"))
            await engine.start_publishing_stream("alice-1")
            await engine.start_playing_stream("nobody")
            assert held() != before
            await engine.close()
            await until(lambda: held() == before, f"{held()} to be {before}")

    run(scene())


async def forever(*_: object) -> None:
    await asyncio.Event().wait()


def test_a_task_begun_by_a_task_that_ends_is_ended_too() -> None:
    async def scene() -> None:
        tasks = Tasks()
        ended: list[str] = []

        async def child() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("child")

        async def parent() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                tasks.spawn(child())
                await asyncio.sleep(0)
                ended.append("parent")

        tasks.spawn(parent())
        await asyncio.sleep(0)
        await tasks.close()
        assert set(ended) <= {"parent", "child"}
        assert "parent" in ended
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scene())


def test_after_the_end_nothing_is_begun() -> None:
    async def scene() -> None:
        tasks = Tasks()
        await tasks.close()
        ran: list[int] = []

        async def late() -> None:
            ran.append(1)

        tasks.spawn(late())
        await asyncio.sleep(0)
        assert ran == []

    run(scene())


def test_the_caller_may_be_one_of_the_tasks() -> None:
    async def scene() -> None:
        tasks = Tasks()
        closed = asyncio.Event()

        async def destroyer() -> None:
            await tasks.close()
            closed.set()

        tasks.spawn(destroyer())
        await closed.wait()

    run(scene())


def test_a_failed_task_is_logged_and_ends_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> None:
        tasks = Tasks()
        survived = asyncio.Event()

        async def fail() -> None:
            raise RuntimeError("boom")

        async def survive() -> None:
            await asyncio.sleep(0)
            survived.set()

        tasks.spawn(fail())
        tasks.spawn(survive())
        await survived.wait()
        await tasks.close()

    run(scene())
    assert "engine task failed" in caplog.text
