"""Events for programs that read them fast, slowly or not at all."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress

from intercomd.station.control_messages import line_of
from intercomd.station.listener import EVENTS_MAX, Listener

PUT = 20_000


async def told(put: int) -> list[dict[str, int]]:
    """What a program reads that begins only after all was put."""
    ours, theirs = socket.socketpair()
    with theirs:
        _, writer = await asyncio.open_connection(sock=ours)
        listener = Listener()
        telling = asyncio.create_task(listener.tell(writer))
        for number in range(put):
            listener.put(line_of({"number": number}))
            if not number % 50:
                await asyncio.sleep(0)
        reader, other = await asyncio.open_connection(sock=theirs)
        read: list[dict[str, int]] = []
        while not read or read[-1].get("number") != put - 1:
            read.append(json.loads(await reader.readline()))
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
        writer.close()
        other.close()
    return read


def test_whoever_reads_is_told_everything_in_order() -> None:
    read = asyncio.run(asyncio.wait_for(told(EVENTS_MAX), 10.0))
    assert read == [{"number": number} for number in range(EVENTS_MAX)]


def test_whoever_does_not_read_loses_the_oldest_and_is_told_how_many() -> None:
    read = asyncio.run(asyncio.wait_for(told(PUT), 10.0))
    numbers = [line["number"] for line in read if "number" in line]
    lost = sum(line["count"] for line in read if "count" in line)
    assert lost > 0
    assert len(numbers) + lost == PUT
    assert numbers == sorted(numbers)
