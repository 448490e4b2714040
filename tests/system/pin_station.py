"""`intercomd` over gpiozero's mock pins, which a test reaches through a socket.

    python -m tests.system.pin_station SOCKET run --config ...

A line in is "low 17", "high 17" or "level 27"; the line out is the pin's level.
"""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import gpiozero
from gpiozero.pins.mock import MockFactory, MockPWMPin

from intercomd.cli.main import main


def serve(path: str, factory: MockFactory) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rw") as lines:
                for line in lines:
                    verb, number = line.split()
                    pin = factory.pin(int(number))
                    if verb != "level":
                        getattr(pin, f"drive_{verb}")()
                    lines.write(f"{float(pin.state)}\n")
                    lines.flush()


class PinBoard:
    """The test's end: presses buttons to ground and looks at LEDs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(5.0)
        self._socket.connect(str(self._path))
        self._lines = self._socket.makefile("rw")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lines.close()
        self._socket.close()

    def press(self, pin: int) -> None:
        self._ask(f"low {pin}")

    def release(self, pin: int) -> None:
        self._ask(f"high {pin}")

    def level(self, pin: int) -> float:
        """0.0 (dark) to 1.0."""
        return self._ask(f"level {pin}")

    def _ask(self, line: str) -> float:
        self._lines.write(f"{line}\n")
        self._lines.flush()
        return float(self._lines.readline())


if __name__ == "__main__":
    pins = MockFactory(pin_class=MockPWMPin)
    gpiozero.Device.pin_factory = pins
    threading.Thread(target=serve, args=(sys.argv[1], pins), daemon=True).start()
    sys.exit(main(sys.argv[2:]))
