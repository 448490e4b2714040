"""What becomes of the microphone's frames before they are published.

In this order: `mute_microphone` makes them silence, the capture volume makes them
louder or quieter, meters read them, each open channel takes them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from intercomd.domain.audio import SILENCE, Frame
from intercomd.domain.sound import AudioSourceType, PublishChannel
from intercomd.engine.outlet import Outlet
from intercomd.media.gain import amplified
from intercomd.media.level import SILENT_DBOV, rms_dbov
from intercomd.media.voice_activity import VoiceActivity

CAPTURING_S = 0.3
"""Without a frame for so long, there is no microphone."""


_NOT_OWN = (
    AudioSourceType.NONE,
    AudioSourceType.MICROPHONE,
    AudioSourceType.MAIN_PUBLISH_CHANNEL,
)
"""With these Aux ignores frames of its own."""


class Microphone:
    """One microphone for all channels; an outlet for each.

    gain             of the capture volume, 1.0 is as it is
    level_dbov       of the last frame as the card gave it
    frames_captured  that came while enabled, muted ones included
    newest           the last frame as the meters read it
    """

    def __init__(self, outlets: Sequence[Outlet]) -> None:
        self.outlets = tuple(outlets)
        self._is_muted = False
        self._is_enabled = True
        self._is_own_aux = False
        self._sources: dict[PublishChannel, AudioSourceType] = {}
        self.gain = 1.0
        self.level_dbov = SILENT_DBOV
        self.frames_captured = 0
        self.newest: Frame = SILENCE
        self._heard_at = float("-inf")
        self.is_speech = False
        self._loudest_dbov = SILENT_DBOV
        self._activity: VoiceActivity | None = None

    def close(self) -> None:
        """Send nothing any more."""
        for outlet in self.outlets:
            outlet.is_open = False

    @property
    def is_capturing(self) -> bool:
        """Whether frames come now: there is a card, and it runs."""
        return time.monotonic() - self._heard_at < CAPTURING_S

    @property
    def is_muted(self) -> bool:
        """Frames are taken, but count as silence."""
        return self._is_muted

    @is_muted.setter
    def is_muted(self, is_muted: bool) -> None:
        self._is_muted = is_muted
        self._gate()

    @property
    def is_enabled(self) -> bool:
        """Otherwise frames are ignored: the card should be closed."""
        return self._is_enabled

    @is_enabled.setter
    def is_enabled(self, is_enabled: bool) -> None:
        self._is_enabled = is_enabled
        self._gate()

    @property
    def is_own_aux(self) -> bool:
        """The Aux channel takes `capture_aux` alone."""
        return self._is_own_aux

    @is_own_aux.setter
    def is_own_aux(self, is_own_aux: bool) -> None:
        self._is_own_aux = is_own_aux
        self._gate()

    def use_source(self, channel: PublishChannel, source: AudioSourceType) -> None:
        """What a channel takes from now on; see `Engine.set_audio_source`."""
        self._sources[channel] = source
        if channel is PublishChannel.AUX:
            self.is_own_aux = source is AudioSourceType.CUSTOM
        self._gate()

    def aux_stopped(self) -> None:
        """What comes next may be the microphone's again, unless that was chosen."""
        source = self._sources.get(PublishChannel.AUX)
        self.is_own_aux = source is AudioSourceType.CUSTOM

    def listen_for_speech(self, *, on: bool) -> None:
        """Keep `is_speech` up to date, or leave it False."""
        if on == (self._activity is not None):
            return
        self._activity = VoiceActivity() if on else None
        self.is_speech = False

    def capture(self, frame: Frame, captured_at: float) -> None:
        """Take a frame, in the card's thread. Hot path: one encode for each open
        channel, no waiting; the capture volume adds a few small arrays."""
        if not self._is_enabled:
            return
        self.frames_captured += 1
        self._heard_at = time.monotonic()
        level = self.level_dbov = rms_dbov(frame)
        if self._is_muted:
            level = SILENT_DBOV
        elif self.gain != 1.0:
            frame = amplified(frame, self.gain)
            level = rms_dbov(frame)
        self.newest = SILENCE if self._is_muted else frame
        self._measure(level)
        for outlet in self._outlets():
            outlet.take(frame, captured_at, level)

    def capture_aux(self, frame: Frame, captured_at: float) -> None:
        """Take a frame of the Aux channel's own sound. From then on it takes no
        other, until `is_own_aux` is set back. Hot path: one encode, no waiting."""
        if not self._is_own_aux:
            if self._sources.get(PublishChannel.AUX) in _NOT_OWN:
                return
            self.is_own_aux = True
        self.outlets[PublishChannel.AUX].take(frame, captured_at, rms_dbov(frame))

    def fall_silent(self) -> None:
        """No frames will come for a while: say so to the listeners."""
        now = time.monotonic()
        for outlet in self._outlets():
            outlet.fall_silent(now)

    def keep_alive(self, now: float) -> None:
        """Send silence where no frames come from; call it often."""
        for outlet in self.outlets:
            outlet.keep_alive(now)

    def take_loudest_dbov(self) -> float:
        """The loudest level since this was last asked, muted frames as silence."""
        loudest, self._loudest_dbov = self._loudest_dbov, SILENT_DBOV
        return loudest

    def _outlets(self) -> tuple[Outlet, ...]:
        return self.outlets[:1] if self._is_own_aux else self.outlets

    def _gate(self) -> None:
        """What of the microphone is being encoded must not go out any more."""
        is_silent = self._is_muted or not self._is_enabled
        for number, outlet in enumerate(self.outlets):
            channel = PublishChannel(number)
            is_own = channel is PublishChannel.AUX and self._is_own_aux
            is_none = self._sources.get(channel) is AudioSourceType.NONE
            outlet.is_source_silent = is_none or (is_silent and not is_own)

    def _measure(self, level_dbov: float) -> None:
        self._loudest_dbov = min(self._loudest_dbov, level_dbov)
        activity = self._activity
        if activity is not None:
            self.is_speech = activity.hears_speech(level_dbov)
