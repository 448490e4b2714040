"""A room server from its start to its end: what its process does."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal

from intercomd.domain.supervision import UNSUPERVISED, Supervision
from intercomd.server.app import RoomServer
from intercomd.server.config import ServerConfig
from intercomd.server.supervised import kept_told

_log = logging.getLogger(__name__)


async def serve(config: ServerConfig, supervision: Supervision = UNSUPERVISED) -> None:
    """Run a room server until SIGTERM or SIGINT, then close it cleanly.

    Raises `ListenRefused` when the port cannot be had, and what reading the
    AppSigns raises.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _raise_descriptor_limit()
    async with RoomServer(config) as server:
        _log.info("room server listening host=%s port=%d", *server.address)
        async with kept_told(supervision, server.sentence):
            await stop.wait()
        _log.info("room server stopping")


def _raise_descriptor_limit() -> None:
    """Two descriptors a user: the soft limit of 1,024 would be a limit of users."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
