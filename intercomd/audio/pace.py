"""Ten milliseconds, again and again, without drift."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from time import monotonic

from intercomd.domain.audio import FRAME_S

_SLEPT_S = 1.0


def every_frame(stopping: Event) -> Iterator[float]:
    """Yield the `time.monotonic()` of each 10 ms tick until `stopping` is set.

    Ticks are counted from the first, so lateness never adds up: a late tick is
    followed by early ones. After more than a second away (a suspended machine)
    the count begins anew.
    """
    due = monotonic()
    while not stopping.wait(max(0.0, due - monotonic())):
        yield due
        due += FRAME_S
        if monotonic() - due > _SLEPT_S:
            due = monotonic()
