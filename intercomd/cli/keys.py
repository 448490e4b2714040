"""The keys of this terminal, each as it is pressed."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def is_terminal() -> bool:
    """Whether somebody sits at this process's keys and sees what it prints."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def pressed_keys(press: Callable[[str], None]) -> Iterator[None]:
    """While entered, call `press` for each key, on the loop; nothing is echoed."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    loop = asyncio.get_running_loop()

    def read() -> None:
        keys = os.read(descriptor, 64).decode(errors="ignore")
        if not keys:  # the terminal is gone: it would be "ready" for ever
            loop.remove_reader(descriptor)
        for key in keys:
            press(key)

    tty.setcbreak(descriptor)
    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
