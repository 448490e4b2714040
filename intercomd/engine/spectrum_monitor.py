"""Tells the spectrum of the microphone and of each played stream."""

from __future__ import annotations

from collections.abc import Callable

from intercomd.domain.audio import SILENCE
from intercomd.domain.events import Event
from intercomd.domain.monitor_events import (
    CapturedAudioSpectrumUpdate,
    RemoteAudioSpectrumUpdate,
)
from intercomd.engine.link import Link
from intercomd.engine.microphone import Microphone
from intercomd.engine.ticker import Ticker
from intercomd.media.playout import Playout
from intercomd.media.spectrum import spectrum


class SpectrumMonitor:
    """Runs from `start` to `stop`; it looks at the newest frame of each."""

    def __init__(
        self,
        *,
        microphone: Microphone,
        playout: Playout,
        link: Link,
        on_event: Callable[[Event], None],
    ) -> None:
        self._microphone = microphone
        self._playout = playout
        self._link = link
        self._on_event = on_event
        self._ticker = Ticker(self._tell)

    def start(self, interval_s: float) -> None:
        self._ticker.start(interval_s)

    def stop(self) -> None:
        self._ticker.stop()

    def _tell(self) -> None:
        heard = {
            stream_id: spectrum(self._playout.newest(slot))
            for stream_id, slot in self._link.slots.items()
        }
        microphone = self._microphone
        frame = microphone.newest if microphone.is_capturing else SILENCE
        self._on_event(CapturedAudioSpectrumUpdate(spectrum(frame)))
        if heard:
            self._on_event(RemoteAudioSpectrumUpdate(heard))
