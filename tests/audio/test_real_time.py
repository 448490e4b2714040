"""Priority of the sound's threads, with and without the permission.

Each case is a process of its own; the tests themselves have to be permitted to.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.system

_PROGRAM = """
import asyncio, json, logging, os, sys, threading
from intercomd.audio.thread import AudioThread

logging.basicConfig(stream=sys.stderr, format="%(message)s")
seen = []

def look():
    seen.append((os.sched_getscheduler(0), os.sched_getparam(0).sched_priority))

async def main():
    for name in ("capture", "playback"):
        thread = AudioThread(name, look)
        thread.start()
        await thread.stop()

asyncio.run(main())
print(json.dumps([seen, os.SCHED_FIFO, os.SCHED_OTHER]))
"""


def threads_under(*command: str) -> tuple[Any, str]:
    done = subprocess.run(
        [*command, sys.executable, "-c", _PROGRAM],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout), done.stderr


def test_both_threads_have_priority_where_it_is_permitted() -> None:
    (seen, fifo, _), told = threads_under("nice")
    assert seen == [[fifo, 20]] * 2
    assert told == ""


def test_a_refusal_is_said_once_with_the_remedy() -> None:
    (seen, _, other), told = threads_under("setpriv", "--bounding-set=-sys_nice")
    assert seen == [[other, 0]] * 2
    (line,) = told.splitlines()
    assert "without real-time priority" in line
    assert "set LimitRTPRIO=20 in the systemd unit" in line


def test_where_the_kernel_would_kill_for_it_there_is_no_priority() -> None:
    (seen, _, other), told = threads_under("prlimit", "--rttime=200000:200000")
    assert seen == [[other, 0]] * 2
    assert "LimitRTTIME=infinity" in told
