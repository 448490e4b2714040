"""systemd's end of a service: the socket of sd_notify(3), and the watchdog's time.

Of its own rather than systemd's library: the protocol is a datagram, documented and
promised not to change, and the room server is to need no compiler.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import socket
from collections.abc import Mapping

from intercomd.domain.supervision import UNSUPERVISED, Supervision


def supervision(environment: Mapping[str, str] = os.environ) -> Supervision:
    """Whoever started this process, by the environment that it was given.

    If it is systemd: what hangs is told in the log when the watchdog ends it.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return UNSUPERVISED
    faulthandler.enable()
    # A leading @ is Linux's abstract namespace.
    name = "\0" + address[1:] if address.startswith("@") else address
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    sender.setblocking(False)

    def tell(message: str) -> None:
        # systemd away or busy: the next message says the same or more.
        with contextlib.suppress(OSError):
            sender.sendto(message.encode(), name)

    return Supervision(tell, _watchdog_s(environment))


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = environment.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if microseconds.isdigit() else None
