from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

from tests.bench.processes import PROJECT
from tests.bench.standstill import Standstill

_STANDS_STILL = """
import os, signal
from tests.bench.standstill import Standstill
with Standstill() as standstill:
    print("ready", flush=True)
    input()
print(standstill.longest_s)
"""


def test_a_quiet_machine_is_known_to_be_one() -> None:
    with Standstill() as standstill:
        threading.Event().wait(0.2)
    assert 0.0 <= standstill.longest_s < 10.0


def test_a_stop_of_300_ms_is_seen() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _STANDS_STILL],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.kill(child.pid, signal.SIGSTOP)
        threading.Event().wait(0.3)
        os.kill(child.pid, signal.SIGCONT)
        longest_s, _ = child.communicate("\n", timeout=20)
    assert float(longest_s) >= 0.25
