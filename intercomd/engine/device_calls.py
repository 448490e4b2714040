"""The engine's calls that concern sound cards. It owns none: their owner tells."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from intercomd.domain.errors import (
    DeviceFailed,
    DeviceIdInvalid,
    IntercomError,
    UnsupportedPlatform,
    error_for,
)
from intercomd.domain.events import DebugError, LocalDeviceExceptionOccurred
from intercomd.domain.monitor_events import AudioDeviceStateChanged
from intercomd.domain.room import UpdateType
from intercomd.domain.sound import (
    AudioDeviceType,
    DeviceExceptionType,
    DeviceInfo,
    DeviceType,
)
from intercomd.engine.part import EnginePart


@dataclass(frozen=True, slots=True)
class _Cards:
    devices: tuple[DeviceInfo, ...] = ()
    default_id: str = ""


class DeviceCalls(EnginePart):
    """A part of `Engine`.

    on_use_device  called with the kind and the ID of the card to use from now on;
                   set by whoever owns the cards and tells them by `tell_devices`
    """

    _fault: DeviceExceptionType | None
    _speaker_fault: DeviceExceptionType | None

    def __init__(self) -> None:
        super().__init__()
        self.on_use_device: Callable[[AudioDeviceType, str], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._cards = {kind: _Cards() for kind in AudioDeviceType}
        self._reports: deque[
            LocalDeviceExceptionOccurred | AudioDeviceStateChanged | None
        ] = deque(maxlen=100)

    def get_audio_device_list(
        self, device_type: AudioDeviceType
    ) -> tuple[DeviceInfo, ...]:
        """The cards there are, as their owner last told; () if nobody did."""
        self._check_alive()
        return self._cards[device_type].devices

    def get_default_audio_device_id(self, device_type: AudioDeviceType) -> str:
        """The card that is used if nobody chooses; "" if there is none."""
        self._check_alive()
        return self._cards[device_type].default_id

    def use_audio_device(self, device_type: AudioDeviceType, device_id: str) -> None:
        """Capture from, or play on, this card from now on.

        Raises `DeviceIdInvalid` for one that is not in the list, and
        `UnsupportedPlatform` where the owner of the cards offers no choice.
        """
        self._check_alive()
        if self.on_use_device is None:
            raise UnsupportedPlatform("the owner of the sound cards offers no choice")
        known = {device.device_id for device in self._cards[device_type].devices}
        if device_id not in known:
            raise DeviceIdInvalid(device_id)
        self.on_use_device(device_type, device_id)

    # For the owner of the cards

    def tell_devices(
        self,
        device_type: AudioDeviceType,
        devices: Sequence[DeviceInfo],
        default_id: str,
    ) -> None:
        """Say which cards there are; `audio_device_state_changed` tells what of it
        is new or gone since last time. Callable from any one thread."""
        cards = _Cards(tuple(devices), default_id)
        before, self._cards[device_type] = self._cards[device_type], cards
        if before == _Cards():  # the first time is no news
            return
        for update, some, others in (
            (UpdateType.DELETE, before.devices, cards.devices),
            (UpdateType.ADD, cards.devices, before.devices),
        ):
            for device in some:
                if device not in others:
                    change = AudioDeviceStateChanged(update, device_type, device)
                    self._report(change)

    def report_device(
        self,
        device_type: DeviceType,
        exception_type: DeviceExceptionType | None,
        device_id: str,
    ) -> None:
        """Say that a card does not work, or with None that it works again.

        Told as `local_device_exception_occurred`, with its code and what to do as
        `debug_error`; those who play this user's streams are told too.
        Callable from any thread.
        """
        if device_type is DeviceType.MICROPHONE:
            self._fault = exception_type
        elif device_type is DeviceType.SPEAKER:
            self._speaker_fault = exception_type
        if exception_type is None:
            self._report(None)
        else:
            self._report(
                LocalDeviceExceptionOccurred(exception_type, device_type, device_id)
            )

    # Inside

    def _report(
        self, report: LocalDeviceExceptionOccurred | AudioDeviceStateChanged | None
    ) -> None:
        self._reports.append(report)
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._tell_devices)

    def _tell_devices(self) -> None:
        if self._loop is None:
            return
        while self._reports:
            report = self._reports.popleft()
            if isinstance(report, LocalDeviceExceptionOccurred):
                self._told(report)
                error = _error_of(report)
                self._told(DebugError(error.code, "report_device", str(error)))
            elif report is not None:
                self._told(report)
        self._tell_mic_states()
        self._tell_speaker_state()

    def _tell_mic_states(self) -> None:
        raise NotImplementedError

    def _tell_speaker_state(self) -> None:
        raise NotImplementedError


def _error_of(report: LocalDeviceExceptionOccurred) -> IntercomError:
    """The first eight exceptions have codes of their own, in the same order."""
    exception = report.exception_type
    first, last = DeviceExceptionType.GENERIC, DeviceExceptionType.MEDIA_SERVICES_LOST
    place = exception - first if first <= exception <= last else 0
    return error_for(DeviceFailed.code + place, report.device_id)
