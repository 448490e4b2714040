"""USB foot-switches and key-pads, by evdev: found by name, lost and found again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import evdev
from evdev import ecodes

LOOK_S = 2.0

_UP, _DOWN = 0, 1

_log = logging.getLogger(__name__)


class FootSwitch:
    """Reads one device while it is entered; nobody else gets its keys meanwhile.

    A device that is unplugged is looked for until it is back; its keys count as
    released.
    """

    def __init__(
        self, name: str, codes: Mapping[str, Callable[[bool, float], None]]
    ) -> None:
        """`name` is part of the device's name or of its USB port's path; `codes` has
        for each key, say KEY_B, who is told of its going down and up.

        Raises ValueError for a code there is not.
        """
        self._name = name
        self._told_by_number = {_number(code): told for code, told in codes.items()}
        self._is_there: bool | None = None
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
            device = await asyncio.to_thread(_found, self._name)
            if device is None:
                self._note(is_there=False)
                await asyncio.sleep(LOOK_S)
                continue
            self._note(is_there=True)
            try:
                with device.grab_context():
                    await self._read(device)
            except OSError as error:
                _log.debug("foot-switch %s lost: %s", self._name, error)
            finally:
                device.close()
                now = time.monotonic()
                for told in self._told_by_number.values():
                    told(False, now)

    async def _read(self, device: evdev.InputDevice[str]) -> None:
        async for event in device.async_read_loop():
            told = self._told_by_number.get(event.code)
            if event.type == ecodes.EV_KEY and told and event.value in (_UP, _DOWN):
                told(event.value == _DOWN, time.monotonic())

    def _note(self, *, is_there: bool) -> None:
        if is_there == self._is_there:
            return
        self._is_there = is_there
        if is_there:
            _log.info("foot-switch %s found", self._name)
        else:
            _log.warning(
                "foot-switch %s not found: plug it in, and let this user read it "
                "(group 'input')",
                self._name,
            )


def _number(code: str) -> int:
    number = ecodes.ecodes.get(code)
    if not isinstance(number, int):
        raise ValueError(f"'{code}' is no key of the kernel's: say KEY_B")
    return number


def _found(name: str) -> evdev.InputDevice[str] | None:
    for path in evdev.list_devices():
        try:
            device = evdev.InputDevice(path)
        except OSError:
            continue
        if name in device.name or name in device.phys:
            return device
        device.close()
    return None
