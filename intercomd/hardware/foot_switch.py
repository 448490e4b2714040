"""USB foot-switches and key-pads, by evdev: found by name, lost and found again."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Self

import evdev
from evdev import ecodes

LOOK_S = 2.0

_UP, _DOWN = 0, 1

_FOUND = "found"
_LOST = "lost: looking for it"
_TAKEN = "taken: another program has it to itself; end that, or name another device"
_MISSING = (
    "not found: plug it in, let this user have it (group 'input'), and see "
    "'intercomd doctor' for its name and its keys"
)

_log = logging.getLogger(__name__)


class FootSwitch:
    """Reads one device while it is entered; nobody else gets its keys meanwhile.

    A device that is unplugged, or that another program has to itself, is looked for
    until it can be had; its keys count as released.
    """

    def __init__(
        self, name: str, codes: Mapping[str, Callable[[bool, float], None]]
    ) -> None:
        """`name` is part of the device's name or of its USB port's path; `codes` has
        for each key, say KEY_B, who is told of its going down and up. Of several such
        devices (a pedal may come with a keyboard and a mouse) it is the first that has
        one of the keys.

        Raises ValueError for a code there is not.
        """
        self._name = name
        self._told_by_number = {_number(code): told for code, told in codes.items()}
        self._told: str | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_reading())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _keep_reading(self) -> None:
        while True:
            wanted = self._told_by_number.keys()
            device = await asyncio.to_thread(_found, self._name, wanted)
            if device is None:
                self._tell(_MISSING)
            else:
                try:
                    with device.grab_context():
                        self._tell(_FOUND)
                        await self._read(device)
                except OSError as error:
                    is_taken = error.errno == errno.EBUSY
                    self._tell(_TAKEN if is_taken else _LOST)
                finally:
                    device.close()
                    self._release_all()
            await asyncio.sleep(LOOK_S)

    async def _read(self, device: evdev.InputDevice[str]) -> None:
        async for event in device.async_read_loop():
            told = self._told_by_number.get(event.code)
            if event.type == ecodes.EV_KEY and told and event.value in (_UP, _DOWN):
                told(event.value == _DOWN, time.monotonic())

    def _release_all(self) -> None:
        now = time.monotonic()
        for told in self._told_by_number.values():
            told(False, now)

    def _tell(self, text: str) -> None:
        """Once, until something else is so."""
        if text != self._told:
            self._told = text
            level = logging.INFO if text == _FOUND else logging.WARNING
            _log.log(level, "foot-switch %s %s", self._name, text)


def _number(code: str) -> int:
    number = ecodes.ecodes.get(code)
    if not isinstance(number, int):
        raise ValueError(f"'{code}' is no key of the kernel's: say KEY_B")
    return number


def _found(name: str, wanted: Collection[int]) -> evdev.InputDevice[str] | None:
    for path in evdev.list_devices():
        try:
            device = evdev.InputDevice(path)
        except OSError:
            continue
        is_named = name in device.name or name in device.phys
        keys = device.capabilities().get(ecodes.EV_KEY, [])
        if is_named and not set(wanted).isdisjoint(keys):
            return device
        device.close()
    return None
