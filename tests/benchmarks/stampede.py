"""Many engines at one server, and back after it was killed: connections a second.

`python -m tests.benchmarks.stampede --help`. The server is a process of its own, the
engines share one; none of them carries sound.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from intercomd.engine import (
    Engine,
    EngineConfig,
    EngineProfile,
    RoomStateReason,
    User,
)
from tests.bench.processes import Child, intercomd
from tests.engine.events import until
from tests.system.site import free_port

DOWN_S = 3.0


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", type=int, default=200)
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(_measure(Path(folder), parser.parse_args().engines))
    print(json.dumps(measured, indent=2))


async def _measure(folder: Path, count: int) -> dict[str, object]:
    port = free_port()
    (folder / "server.yaml").write_text(
        json.dumps(
            {
                "listen": {"host": "127.0.0.1", "port": port},
                "apps": [{"id": 1, "sign_file": "app_sign"}],
                "limits": {"connections_per_address": count + 10},
            }
        )
    )
    command = intercomd("serve", "--config", str(folder / "server.yaml"))
    async with AsyncExitStack() as engines:
        with Child(command) as server:
            await asyncio.to_thread(server.wait_for_line, lambda s: "listening" in s)
            profile = EngineProfile(
                1,
                (folder / "app_sign").read_text().strip(),
                server_url=f"ws://127.0.0.1:{port}",
            )
            back: list[float] = []
            began_at = time.monotonic()
            await asyncio.gather(
                *(_enter(engines, profile, n, back) for n in range(count))
            )
            entered_s = time.monotonic() - began_at
            await asyncio.to_thread(server.kill)
        await asyncio.sleep(DOWN_S)
        with Child(command) as server:
            await asyncio.to_thread(server.wait_for_line, lambda s: "listening" in s)
            restarted_at = time.monotonic()
            await until(lambda: len(back) == count, "all are back", timeout_s=60.0)
            await engines.aclose()
    seconds = Counter(int(at - restarted_at) for at in back)
    return {
        "engines": count,
        "all_in_s": round(entered_s, 2),
        "back": len(back),
        "all_back_s": round(max(back, default=0.0) - restarted_at, 2),
        "back_by_second": {str(s): seconds[s] for s in sorted(seconds)},
    }


async def _enter(
    engines: AsyncExitStack, profile: EngineProfile, n: int, back: list[float]
) -> None:
    engine = await engines.enter_async_context(
        Engine(profile, EngineConfig(receive_slots=1))
    )

    def changed(
        room_id: str, reason: RoomStateReason, code: int, extended: object
    ) -> None:
        del room_id, code, extended
        if reason is RoomStateReason.RECONNECTED:
            back.append(time.monotonic())

    engine.on("room_state_changed", changed)
    await engine.login_room(f"room-{n % 10}", User(f"user-{n}"))


if __name__ == "__main__":
    main()
