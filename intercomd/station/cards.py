"""A station's ALSA cards: those it uses, which others there are, and the choice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from intercomd.audio.capture import AlsaCapture
from intercomd.audio.card import Direction
from intercomd.audio.card_list import card_names
from intercomd.audio.null import NullSink
from intercomd.audio.playback import AlsaPlayback
from intercomd.audio.processing import Processing
from intercomd.domain.audio import Pull
from intercomd.domain.sound import (
    AudioDeviceType,
    DeviceExceptionType,
    DeviceInfo,
    DeviceType,
)
from intercomd.engine import Engine
from intercomd.station.config import AudioSettings
from intercomd.station.sound import SoundPart

LOOK_S = 2.0

_DIRECTIONS = {
    AudioDeviceType.INPUT: Direction.CAPTURE,
    AudioDeviceType.OUTPUT: Direction.PLAYBACK,
}


class Cards:
    """Gives an engine the sound of its cards, and does what it asks for them.

    parts  to be entered; a microphone or loudspeaker that the configuration leaves
           out is not there to be chosen either
    """

    def __init__(self, settings: AudioSettings, engine: Engine, pull: Pull) -> None:
        self._engine = engine
        self._used = {
            AudioDeviceType.INPUT: settings.capture,
            AudioDeviceType.OUTPUT: settings.playback,
        }
        self._is_capture_enabled = True
        self._capture: AlsaCapture | None = None
        self._playback: AlsaPlayback | None = None
        processing = Processing(engine.processing, engine.capture)
        self.parts: list[SoundPart] = [CardWatch(settings, engine), processing]
        if settings.capture is not None:
            told = self._teller(AudioDeviceType.INPUT, DeviceType.MICROPHONE)
            self._capture = AlsaCapture(
                settings.capture, processing.capture, on_state=told
            )
            self.parts.append(self._capture)
        if settings.playback is not None:
            told = self._teller(AudioDeviceType.OUTPUT, DeviceType.SPEAKER)
            self._playback = AlsaPlayback(
                settings.playback,
                pull,
                on_state=told,
                on_played=processing.far_end.put,
            )
            self.parts.append(self._playback)
        else:
            self.parts.append(NullSink(pull))
        engine.on_capture_device = self._enable_capture
        engine.on_use_device = self._use
        engine.on_processing = processing.use

    def _enable_capture(self, is_enabled: bool) -> None:  # noqa: FBT001 - the seam's
        self._is_capture_enabled = is_enabled
        self._apply_capture()

    def _use(self, kind: AudioDeviceType, device_id: str) -> None:
        self._used[kind] = device_id
        if kind is AudioDeviceType.INPUT:
            self._apply_capture()
        elif self._playback is not None:
            self._playback.use(device_id)

    def _apply_capture(self) -> None:
        if self._capture is not None:
            device = self._used[AudioDeviceType.INPUT]
            self._capture.use(device if self._is_capture_enabled else None)

    def _teller(
        self, kind: AudioDeviceType, device: DeviceType
    ) -> Callable[[bool, str], None]:
        """A part's `on_state`: a card that is gone, for whatever reason, is
        unplugged."""

        def told(is_open: bool, text: str) -> None:  # noqa: FBT001 - `on_state`'s
            del text
            fault = None if is_open else DeviceExceptionType.DEVICE_UNPLUGGED
            self._engine.report_device(device, fault, self._used[kind] or "")

        return told


class CardWatch:
    """Tells the engine which cards there are, anew every 2 s while it is entered.

    The configured card is always among them: ALSA does not list every name that it
    can open.
    """

    def __init__(self, settings: AudioSettings, engine: Engine) -> None:
        self._configured = {
            AudioDeviceType.INPUT: settings.capture,
            AudioDeviceType.OUTPUT: settings.playback,
        }
        self._engine = engine
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
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

    async def _watch(self) -> None:
        while True:
            for kind, configured in self._configured.items():
                if configured is not None:
                    names = await asyncio.to_thread(card_names, _DIRECTIONS[kind])
                    self._tell(kind, configured, names)
            await asyncio.sleep(LOOK_S)

    def _tell(
        self, kind: AudioDeviceType, configured: str, names: tuple[str, ...]
    ) -> None:
        ids = dict.fromkeys((configured, *names))
        devices = [DeviceInfo(device_id, _name(device_id)) for device_id in ids]
        self._engine.tell_devices(kind, devices, configured)


def _name(device_id: str) -> str:
    """`plughw:CARD=Device,DEV=0` is Device, as the card calls itself."""
    _, is_card, rest = device_id.partition("CARD=")
    return rest.partition(",")[0] if is_card else device_id
