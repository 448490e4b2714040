"""Child processes under test: their output, their end and what they cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

PROJECT = Path(__file__).parents[2]


class Child:
    """A command running from entering to leaving; its output is read all along.

    Leaving ends it with SIGTERM, and with SIGKILL after `patience_s`.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        patience_s: float = 5.0,
    ) -> None:
        """`environment` is added to the test's own."""
        self._command = list(command)
        self._environment = os.environ | {"PYTHONPATH": str(PROJECT)}
        self._environment |= environment or {}
        self._patience_s = patience_s
        self._lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._changed = threading.Condition()
        self._readers: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name, stream in (
            ("stdout", self._process.stdout),
            ("stderr", self._process.stderr),
        ):
            assert stream is not None
            reader = threading.Thread(target=self._read, args=(name, stream))
            reader.start()
            self._readers.append(reader)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        for reader in self._readers:
            reader.join()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> int:
        """SIGTERM, and SIGKILL when that does not help; the exit status."""
        self._process.terminate()
        try:
            return self._process.wait(self._patience_s)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """SIGKILL; the exit status."""
        self._process.kill()
        return self._process.wait()

    def wait(self, timeout_s: float) -> int:
        """The exit status of a child that ends by itself."""
        return self._process.wait(timeout_s)

    def lines(self, stream: str = "stderr") -> list[str]:
        """All whole lines of "stdout" or "stderr" so far."""
        with self._changed:
            return list(self._lines[stream])

    def records(self, stream: str = "stderr") -> list[dict[str, Any]]:
        """Those of the lines that are JSON objects, as a JSON log's are."""
        return [json.loads(line) for line in self.lines(stream) if line[:1] == "{"]

    def wait_for_line(
        self,
        wanted: Callable[[str], bool],
        *,
        stream: str = "stderr",
        timeout_s: float = 10.0,
    ) -> str:
        """The first line, past or to come, that is `wanted`."""
        with self._changed:
            found = self._changed.wait_for(
                lambda: next(filter(wanted, self._lines[stream]), None), timeout_s
            )
            if found is None:
                said = "\n".join(self._lines["stderr"][-20:])
                raise TimeoutError(f"{self._command} never said that; it said:\n{said}")
            return found

    def signal(self, number: int) -> None:
        """Send it a signal, as SIGSTOP."""
        self._process.send_signal(number)

    def threads(self) -> int:
        """How many it has now."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    def open_files(self) -> int:
        """How many file descriptors it has open now."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def cpu_s(self) -> float:
        """CPU seconds of all threads alive, to the nanosecond."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def rss_mb(self) -> float:
        """Resident memory, shared pages counted in full."""
        return _kilobytes(Path(f"/proc/{self.pid}/status"), "VmRSS:") / 1024

    def pss_mb(self) -> float:
        """Resident memory, shared pages divided among their users."""
        return _kilobytes(Path(f"/proc/{self.pid}/smaps_rollup"), "Pss:") / 1024

    def _read(self, name: str, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                with self._changed:
                    self._lines[name].append(line.rstrip("\n"))
                    self._changed.notify_all()


def intercomd(*arguments: str) -> list[str]:
    """The command line of our own program."""
    return python("intercomd", *arguments)


def python(module: str, *arguments: str) -> list[str]:
    """The command line of a module of this project."""
    return [sys.executable, "-m", module, *arguments]


def _kilobytes(path: Path, label: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(label):
            return int(line.split()[1])
    raise LookupError(f"{path} has no {label}")
