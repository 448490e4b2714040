"""A station's ALSA cards: those it uses, which others there are, and the choice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from intercomd.audio.capture import AlsaCapture
from intercomd.audio.card_choice import is_numbered
from intercomd.audio.card_list import card_names
from intercomd.audio.card_search import listing
from intercomd.audio.direction import Direction
from intercomd.audio.null import NullSink
from intercomd.audio.playback import AlsaPlayback
from intercomd.audio.processing import Processing
from intercomd.domain.audio import Deliver, Pull
from intercomd.domain.sound import (
    AudioDeviceType,
    DeviceExceptionType,
    DeviceInfo,
    DeviceType,
)
from intercomd.engine import Engine
from intercomd.station.config import AudioSettings
from intercomd.station.sound import SoundPart

_log = logging.getLogger(__name__)

LOOK_S = 2.0
ASK_ALSA_S = 30.0
"""For names that no card of the kernel brings, such as of a configuration file."""

_DIRECTIONS = {
    AudioDeviceType.INPUT: Direction.CAPTURE,
    AudioDeviceType.OUTPUT: Direction.PLAYBACK,
}


class Cards:
    """Gives an engine the sound of its cards, and does what it asks for them.

    parts  to be entered; a microphone or loudspeaker that the configuration leaves
           out is not there to be chosen either
    """

    def __init__(
        self, settings: AudioSettings, engine: Engine, deliver: Deliver, pull: Pull
    ) -> None:
        _warn_of_numbers(settings)
        self._engine = engine
        self._configured = _configured(settings)
        self._used = {kind: _id(wish) for kind, wish in self._configured.items()}
        self._is_capture_enabled = True
        self._capture: AlsaCapture | None = None
        self._playback: AlsaPlayback | None = None
        processing = Processing(engine.processing, deliver)
        self.parts: list[SoundPart] = [CardWatch(settings, engine), processing]
        if settings.capture is not None:
            told = self._teller(AudioDeviceType.INPUT, DeviceType.MICROPHONE)
            self._capture = AlsaCapture(
                settings.capture,
                processing.capture,
                on_state=told,
                levels=settings.mixer.capture,
            )
            self.parts.append(self._capture)
        if settings.playback is not None:
            told = self._teller(AudioDeviceType.OUTPUT, DeviceType.SPEAKER)
            self._playback = AlsaPlayback(
                settings.playback,
                pull,
                on_state=told,
                on_played=processing.far_end.put,
                levels=settings.mixer.playback,
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
            self._playback.use(self._wish(kind))

    def _apply_capture(self) -> None:
        if self._capture is not None:
            wish = self._wish(AudioDeviceType.INPUT)
            self._capture.use(wish if self._is_capture_enabled else None)

    def _wish(self, kind: AudioDeviceType) -> tuple[str, ...]:
        """The cards behind the device ID that is used."""
        configured, used = self._configured.get(kind, ()), self._used[kind]
        return configured if used == _id(configured) else (used,)

    def _teller(
        self, kind: AudioDeviceType, device: DeviceType
    ) -> Callable[[bool, str], None]:
        """A part's `on_state`: a card that is gone, for whatever reason, is
        unplugged."""

        def told(is_open: bool, text: str) -> None:  # noqa: FBT001 - `on_state`'s
            del text
            fault = None if is_open else DeviceExceptionType.DEVICE_UNPLUGGED
            self._engine.report_device(device, fault, self._used[kind])

        return told


class CardWatch:
    """Tells the engine which cards there are, within 2 s of a card's coming or going.

    To ask ALSA reads all of its configuration, which takes a station 2.5 ms of CPU: it
    is asked only when the kernel's cards have changed, and every 30 s.

    The configured cards are always among them, as one device: ALSA does not list every
    name that it can open, and an ID as "CARD=Device, default" has fallbacks.
    """

    def __init__(self, settings: AudioSettings, engine: Engine) -> None:
        self._configured = _configured(settings)
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
            known = listing()
            for kind, wish in self._configured.items():
                names = await asyncio.to_thread(card_names, _DIRECTIONS[kind])
                self._tell(kind, _id(wish), names)
            for _ in range(round(ASK_ALSA_S / LOOK_S)):
                await asyncio.sleep(LOOK_S)
                if listing() != known:
                    break

    def _tell(
        self, kind: AudioDeviceType, configured: str, names: tuple[str, ...]
    ) -> None:
        ids = dict.fromkeys((configured, *names))
        devices = [DeviceInfo(device_id, _name(device_id)) for device_id in ids]
        self._engine.tell_devices(kind, devices, configured)


def _configured(settings: AudioSettings) -> dict[AudioDeviceType, tuple[str, ...]]:
    """The choices of each direction that there is to be."""
    choices = {
        AudioDeviceType.INPUT: settings.capture,
        AudioDeviceType.OUTPUT: settings.playback,
    }
    return {kind: wish for kind, wish in choices.items() if wish is not None}


def _id(wish: tuple[str, ...]) -> str:
    """What the engine calls the configured cards."""
    return ", ".join(wish)


def _warn_of_numbers(settings: AudioSettings) -> None:
    for wish in _configured(settings).values():
        for text in filter(is_numbered, wish):
            _log.warning(
                "card %s is named by its number, which another card may get: "
                "write CARD=<id>, the id as in 'arecord -l' or 'aplay -l'",
                text,
            )


def _name(device_id: str) -> str:
    """`plughw:CARD=Device,DEV=0` is Device, as the card calls itself."""
    _, is_card, rest = device_id.partition("CARD=")
    return rest.partition(",")[0] if is_card else device_id
