"""Makes docs/errors.md of the tree; the page itself says how."""

from __future__ import annotations

import sys

from intercomd.domain import (
    common_errors,
    device_errors,
    message_errors,
    monitor_errors,
    own_errors,
    room_errors,
    stream_errors,
)
from intercomd.domain.errors import IntercomError

FAMILIES = (
    ("Engine and set-up", common_errors),
    ("Rooms", room_errors),
    ("Publishing and playing", stream_errors),
    ("Devices", device_errors),
    ("Messages", message_errors),
    ("Monitors", monitor_errors),
    ("Our own", own_errors),
)

HEAD = """# Errors

Every code that an event, a reply or an exception can carry; 0 is success. Codes up to
1999999 are those of the reference this project follows, also where nothing of ours
raises them yet: an application that knows the reference finds what it looks for. Those
from 2000001 on are our own.

In Python each is a class of `intercomd.domain.errors` that inherits `IntercomError` and
the builtin named here, so `except ConnectionError` means what it says. A state event
with a code: `NO_*` is final, `*_REQUESTING` is being retried.

Made by `python -m tests.domain.errors_page > docs/errors.md`; do not edit it by hand.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, module in FAMILIES:
        rows = [_row(kind) for kind in kinds_of(module.__name__)]
        table = ["| Code | Class | Also a | What it means, and what to do |"]
        table += ["|---|---|---|---|", *rows]
        parts.append(f"\n## {title}\n\n" + "\n".join(table) + "\n")
    return "".join(parts)


def kinds_of(module: str) -> list[type[IntercomError]]:
    """The errors declared in a module, by code."""
    kinds = [k for k in IntercomError.__subclasses__() if k.__module__ == module]
    return sorted(kinds, key=lambda kind: kind.code)


def _row(kind: type[IntercomError]) -> str:
    builtin = kind.__mro__[2].__name__
    return f"| {kind.code} | `{kind.__name__}` | `{builtin}` | {kind.remedy} |"


if __name__ == "__main__":
    sys.stdout.write(page())
