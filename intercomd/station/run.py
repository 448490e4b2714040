"""A station from its start to its end: what its process does."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from intercomd.domain.supervision import UNSUPERVISED, Supervision
from intercomd.station.appliance import Appliance, ReadConfig
from intercomd.station.config import Simulation
from intercomd.station.control import Control

_YOUNG_OBJECTS, _YOUNG_ROUNDS = 700, 5

_log = logging.getLogger(__name__)


async def run(
    read: ReadConfig,
    simulation: Simulation | None = None,
    attend: Callable[[Appliance], AbstractContextManager[object]] = nullcontext,
    supervision: Supervision = UNSUPERVISED,
    control: Path | None = None,
) -> bool:
    """Run a station until SIGTERM or SIGINT; `attend` is entered meanwhile.

    `control` is where its control socket is to be, None for nowhere.
    True in the end; False if it is beyond repair, and a new process may help.
    SIGHUP has the file read again. Raises what reading it, its AppSign or its token
    raises at the start, and for a simulation what opening its files raises; nothing
    in the world outside ends it later.
    """
    stop, beyond_repair = asyncio.Event(), asyncio.Event()

    def give_up() -> None:
        beyond_repair.set()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Appliance(read, simulation, supervision, give_up) as appliance:
        _spare_the_collector()
        loop.add_signal_handler(signal.SIGHUP, appliance.reload_soon)
        async with Control(control, appliance) if control else nullcontext():
            with attend(appliance):
                await stop.wait()
        loop.remove_signal_handler(signal.SIGHUP)
        _log.info("station stopping")
    return not beyond_repair.is_set()


def _spare_the_collector() -> None:
    """Let it pass over all that is there for good, and look at the rest more often.

    Else it holds up every thread of sound while it looks through 70,000 objects, and
    does so too seldom: what lost connections leave, OpenSSL's too, waits for it.
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # counts what is left: it waits until a quarter as much has come
    gc.set_threshold(_YOUNG_OBJECTS, _YOUNG_ROUNDS, 1)
