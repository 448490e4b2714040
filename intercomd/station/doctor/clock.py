"""Whether this machine knows what time it is: tokens, certificates and logs need it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import time

from intercomd.station.doctor.finding import Finding, failure, fine, note, warning

SKEW_MOST_S = 5.0
"""The server tells whole seconds, some of them before the answer is read."""

EARLIEST = 1_735_689_600.0
"""2025 in unix seconds: a clock before that was never set."""

_TIMEX_BYTES = 256  # struct timex of adjtimex(2) is 208 on 64-bit Linux
_UNSYNCHRONISED = 5  # TIME_ERROR


@dataclass(frozen=True, slots=True)
class Clock:
    """`skew_s` is how far it is ahead of the server's, None where that is unknown;
    `is_synchronised` None where the kernel does not tell."""

    unix_now: float
    is_synchronised: bool | None
    skew_s: float | None = None


def read_clock(root: Path, server_date: str, read_at: float) -> Clock:
    """`server_date` is an HTTP Date read at `read_at` (unix seconds), or ""."""
    return Clock(time(), _is_synchronised(root), skew_s(server_date, read_at))


def skew_s(server_date: str, read_at: float) -> float | None:
    """How far the clock that said `read_at` is ahead of the one of `server_date`."""
    try:
        return read_at - parsedate_to_datetime(server_date).timestamp()
    except (TypeError, ValueError):
        return None


def judge_clock(clock: Clock) -> Iterator[Finding]:
    """What the clock is good for."""
    figures = {} if clock.skew_s is None else {"skew_s": round(clock.skew_s, 1)}
    if clock.unix_now < EARLIEST:
        yield failure(
            "clock",
            "the clock was never set: certificates and tokens are refused",
            "let this machine reach a time server (systemctl status "
            "systemd-timesyncd), or give it a battery-backed clock",
        )
    elif clock.skew_s is not None and abs(clock.skew_s) > SKEW_MOST_S:
        ahead = "ahead of" if clock.skew_s > 0 else "behind"
        yield warning(
            "clock",
            f"the clock is {abs(clock.skew_s):.0f} s {ahead} the server's",
            "give both the same time server: NTP= in /etc/systemd/timesyncd.conf",
            **figures,
        )
    elif clock.is_synchronised is False:
        yield warning(
            "clock",
            "the clock is not synchronised to a time server",
            "sudo timedatectl set-ntp true, and let UDP port 123 out",
            **figures,
        )
    elif clock.is_synchronised is None:
        text = "whether the clock is synchronised is not told"
        yield note("clock", text, "", **figures)
    else:
        yield fine("clock", "the clock is synchronised", **figures)


def _is_synchronised(root: Path) -> bool | None:
    """As systemd-timesyncd says, else as the kernel's clock does (adjtimex)."""
    if (root / "run/systemd/timesync/synchronized").exists():
        return True
    try:
        buffer = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes 0: only look
        state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _UNSYNCHRONISED
