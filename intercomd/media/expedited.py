"""Sound goes first: the mark on its datagrams that routers and Wi-Fi go by.

Expedited Forwarding (RFC 3246, as RFC 8837 wants it for audio).
"""

from __future__ import annotations

import logging
import socket
from asyncio.trsock import TransportSocket
from functools import cache

EXPEDITED = 46 << 2
"""The code point EF in the place it has in the byte of the header."""

_log = logging.getLogger(__name__)


def expedite(opened: socket.socket | TransportSocket) -> None:
    """Mark all that this socket sends; where the kernel refuses, it stays as it is."""
    try:
        if opened.family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, EXPEDITED)
        else:
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED)
    except OSError as error:
        _say_refused(str(error))


@cache
def _say_refused(reason: str) -> None:
    """Once in a process: it will be the same for every socket."""
    _log.debug("sound is not marked for the network to prefer: %s", reason)
