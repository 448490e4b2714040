"""The engine's calls that concern sound cards. It owns none: their owner tells."""

from __future__ import annotations

import asyncio
from collections import deque

from intercomd.domain.events import LocalDeviceExceptionOccurred
from intercomd.domain.sound import DeviceExceptionType, DeviceType
from intercomd.engine.part import EnginePart


class DeviceCalls(EnginePart):
    """A part of `Engine`."""

    _fault: DeviceExceptionType | None

    def __init__(self) -> None:
        super().__init__()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reports: deque[LocalDeviceExceptionOccurred | None] = deque(maxlen=100)

    def report_device(
        self,
        device_type: DeviceType,
        exception_type: DeviceExceptionType | None,
        device_id: str,
    ) -> None:
        """Say that a card does not work, or with None that it works again.

        Told as `local_device_exception_occurred`; of a microphone those who play its
        stream are told too. Callable from any thread.
        """
        if device_type is DeviceType.MICROPHONE:
            self._fault = exception_type
        if exception_type is None:
            self._reports.append(None)
        else:
            self._reports.append(
                LocalDeviceExceptionOccurred(exception_type, device_type, device_id)
            )
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._tell_devices)

    # Inside

    def _tell_devices(self) -> None:
        if self._loop is None:
            return
        while self._reports:
            report = self._reports.popleft()
            if report is not None:
                self._told(report)
        self._tell_mic_states()

    def _tell_mic_states(self) -> None:
        raise NotImplementedError
