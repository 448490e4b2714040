"""What a service tells systemd: sd_notify(3)'s messages, and who takes them.

It does not send them: `tell` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Supervision:
    """systemd, as seen from the service that it started.

    tell        takes one message; never blocks, never raises
    watchdog_s  a service that says nothing for so long is started anew; None for never
    """

    tell: Callable[[str], None]
    watchdog_s: float | None = None

    def ready(self) -> None:
        """It is started, or has done with reloading."""
        self.tell("READY=1")

    def status(self, sentence: str) -> None:
        """What `systemctl status` shows of it."""
        self.tell(f"STATUS={sentence.replace(chr(10), ' ')}")

    def alive(self) -> None:
        """It works; to be said well within `watchdog_s` of the last time."""
        self.tell("WATCHDOG=1")

    def reloading(self, monotonic_us: int) -> None:
        """It takes up a new configuration since that time; `ready` ends it."""
        self.tell(f"RELOADING=1\nMONOTONIC_USEC={monotonic_us}")

    def stopping(self) -> None:
        """It was told to stop and is about to."""
        self.tell("STOPPING=1")


def _nobody(message: str) -> None:
    del message


UNSUPERVISED = Supervision(_nobody)
"""Nobody started it but a person."""
