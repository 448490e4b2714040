"""All that is done to a microphone frame, one after the other.

It knows no threads and no clock: a frame and what was heard meanwhile go in.
"""

from __future__ import annotations

import logging

import numpy as np

from intercomd.audio.ducking import Ducking
from intercomd.audio.echo_filter import EchoFilter
from intercomd.audio.echo_suppressor import DELAY_SAMPLES, EchoSuppressor
from intercomd.audio.samples import Floats, Samples
from intercomd.audio.speex import Speex
from intercomd.audio.webrtc import WebRtc
from intercomd.domain.audio import SAMPLE_RATE_HZ, Frame
from intercomd.domain.errors import LibraryMissing
from intercomd.domain.processing import EchoMode, ProcessingSettings

_FLOOR = {EchoMode.AGGRESSIVE: 0.05, EchoMode.MEDIUM: 0.05, EchoMode.SOFT: 0.3}

_log = logging.getLogger(__name__)


class Chain:
    """What `settings` ask for, as far as there are libraries for it.

    The echo filter is the caller's, for it has learnt the room; where a library is
    missing that would catch what it leaves, the microphone is ducked instead.

    settings  those it was made for
    delay_s   how much later than it went in the sound comes out
    """

    def __init__(
        self, settings: ProcessingSettings, echo_filter: EchoFilter | None
    ) -> None:
        """Takes 0.1 s and more, the first time; says which library is missing.

        `echo_filter` is None where it could not be had.
        """
        self.settings = settings
        self._library = _library(settings)
        self._echo_filter = echo_filter if settings.echo else None
        self._suppressor: EchoSuppressor | None = None
        delay = 0
        if self._echo_filter is not None:
            floor = _FLOOR[settings.echo_mode]
            self._suppressor = EchoSuppressor(strength=1.0, floor=floor)
            delay += DELAY_SAMPLES
        needs_ducking = _needs_ducking(settings, self._echo_filter, self._library)
        self._ducking = Ducking() if needs_ducking else None
        if self._library is not None:
            delay += self._library.delay_samples
        self.delay_s = delay / SAMPLE_RATE_HZ

    def process(self, frame: Frame, far: Floats) -> Frame:
        """The frame as it is published. `far` as `FarEnd.take` returns it.

        Hot path: some small arrays and a call into each library.
        """
        sound: Samples = np.frombuffer(frame, np.int16)
        if self._echo_filter is not None and self._suppressor is not None:
            rest, left = self._echo_filter.process(sound, far)
            sound = self._suppressor.process(
                rest, left, is_idle=self._echo_filter.is_idle
            )
        if self._library is not None:
            sound = self._library.process(sound, far)
        if self._ducking is not None:
            sound = self._ducking.process(sound, far)
        return sound.tobytes()


def _library(settings: ProcessingSettings) -> WebRtc | Speex | None:
    is_aggressive = settings.echo and settings.echo_mode is EchoMode.AGGRESSIVE
    if not (is_aggressive or settings.noise or settings.gain or settings.high_pass):
        return None
    try:
        return WebRtc(settings)
    except LibraryMissing as missing:
        webrtc = missing.detail
    try:
        speex = Speex(settings)
    except LibraryMissing as missing:
        _log.warning(
            "no sound processing but the echo filter and ducking: %s, or %s",
            webrtc,
            missing.detail,
        )
        return None
    _log.warning("sound processing by speexdsp, without high-pass: %s", webrtc)
    return speex


def _needs_ducking(
    settings: ProcessingSettings,
    echo_filter: EchoFilter | None,
    library: WebRtc | Speex | None,
) -> bool:
    if not settings.echo:
        return False
    is_webrtc = isinstance(library, WebRtc)
    if echo_filter is None:
        return not (is_webrtc and settings.echo_mode is EchoMode.AGGRESSIVE)
    if is_webrtc:
        return False
    is_all_missing = library is None and (settings.noise or settings.gain)
    return is_all_missing or settings.echo_mode is EchoMode.AGGRESSIVE
