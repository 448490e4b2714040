"""What is measured while sound runs, and told: levels, quality, first frames, breaks.

It looks at the counters ten times a second and decides nothing about sound.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from intercomd.domain.events import (
    CapturedSoundLevelInfoUpdate,
    EngineStateUpdate,
    Event,
    PlayerMediaEventTold,
    PlayerQualityUpdate,
    PlayerRecvAudioFirstFrame,
    PublisherCapturedAudioFirstFrame,
    PublisherQualityUpdate,
    PublisherSendAudioFirstFrame,
    RemoteSoundLevelUpdate,
)
from intercomd.domain.monitor_events import AudioVadStateUpdate
from intercomd.domain.room import PlayerState, PublisherState
from intercomd.domain.sound import (
    AudioVadStableStateMonitorType,
    EngineState,
    PlayerMediaEvent,
    PublishChannel,
    SoundLevelInfo,
    sound_level,
)
from intercomd.engine.link import Link
from intercomd.engine.microphone import Microphone
from intercomd.engine.quality_meter import (
    PlayMeter,
    PlayReading,
    PublishMeter,
    PublishReading,
)
from intercomd.engine.speech_monitor import SpeechMonitor
from intercomd.media.level import SILENT_DBOV
from intercomd.media.playout import Playout, PlayoutStats
from intercomd.media.session_stats import ReceiveSlotStats

POLL_S = 0.1


@dataclass(slots=True)
class _Published:
    channel: PublishChannel
    packets_before: int
    is_first_told: bool = False
    meter: PublishMeter | None = None
    quality_at: float = 0.0


@dataclass(slots=True)
class _Played:
    is_playing: bool = False
    is_first_told: bool = False
    is_broken: bool = False  # as it was told
    rendered_before: int = 0  # frames, when that was told
    meter: PlayMeter | None = None
    quality_at: float = 0.0


class Meters:
    """The meters of one engine. All methods belong to the event loop's thread.

    A level monitor runs from `monitor` on; the rest while a stream is published or
    played, as `publisher_changed` and `player_changed` say.
    """

    def __init__(
        self,
        *,
        microphone: Microphone,
        playout: Playout,
        link: Link,
        is_muted: Callable[[str], bool],
        on_event: Callable[[Event], None],
        quality_interval_s: float,
    ) -> None:
        """`is_muted` says whether nothing of a played stream is to be received."""
        self._microphone = microphone
        self._playout = playout
        self._link = link
        self._is_muted = is_muted
        self._on_event = on_event
        self._quality_interval_s = quality_interval_s
        self._published: dict[str, _Published] = {}
        self._played: dict[str, _Played] = {}
        self._level_interval_s: float | None = None
        self._level_at = 0.0
        self._captured_before = 0
        self._is_capture_told = False
        self._is_vad_told = False
        self._speech: SpeechMonitor | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_running(self) -> bool:
        """Whether anything is published or played, or on the way to it."""
        return bool(self._published or self._played)

    @property
    def publishing(self) -> bool:
        """Whether anything is published."""
        return any(each.meter is not None for each in self._published.values())

    @property
    def playing(self) -> tuple[str, ...]:
        """The streams that are played, or on the way to it."""
        return tuple(self._played)

    def publisher_changed(
        self, stream_id: str, channel: PublishChannel, state: PublisherState
    ) -> None:
        """A published stream changed state."""
        now = time.monotonic()
        if state is PublisherState.NO_PUBLISH:
            self._published.pop(stream_id, None)
        elif stream_id not in self._published:
            sent = self._microphone.outlets[channel].packets_sent
            self._published[stream_id] = _Published(channel, sent)
        if state is PublisherState.PUBLISHING:
            published = self._published[stream_id]
            published.meter = PublishMeter(self._publish_reading(published, now))
            published.quality_at = now + self._quality_interval_s
        elif state is PublisherState.PUBLISH_REQUESTING:
            self._published[stream_id].meter = None
        self._arm()

    def player_changed(self, stream_id: str, state: PlayerState) -> None:
        """A played stream changed state."""
        now = time.monotonic()
        if state is PlayerState.NO_PLAY:
            self._played.pop(stream_id, None)
            self._arm()
            return
        played = self._played.setdefault(stream_id, _Played())
        played.is_playing = state is PlayerState.PLAYING
        slot = self._link.slots.get(stream_id)
        if slot is not None:
            self._playout.expect_silence(slot)
        played.meter = None
        if played.is_playing:
            played.meter = PlayMeter(self._play_reading(stream_id, now))
            played.quality_at = now + self._quality_interval_s
        self._arm()

    def slot_changed(self, stream_id: str) -> None:
        """A played stream comes in another slot, whose counters were another's."""
        played = self._played.get(stream_id)
        if played is not None and played.meter is not None:
            now = time.monotonic()
            played.meter.begin_from(self._play_reading(stream_id, now))

    def tell_start(self) -> None:
        """Nothing ran until now."""
        self._captured_before = self._microphone.frames_captured
        self._is_capture_told = False
        self._on_event(EngineStateUpdate(EngineState.START))

    def tell_stop(self) -> None:
        """Nothing runs any more."""
        self._on_event(EngineStateUpdate(EngineState.STOP))

    def monitor(self, interval_s: float | None, *, vad: bool = False) -> None:
        """Tell levels so often, or with None no more; `vad` with what is speech."""
        self._level_interval_s = interval_s
        self._is_vad_told = vad
        self._listen()
        if interval_s is not None:
            self._level_at = time.monotonic() + interval_s
            self._microphone.take_loudest_dbov()
        self._arm()

    def watch_speech(self, stable_s: float | None) -> None:
        """Tell speech and noise that lasted so long, or with None no more."""
        self._speech = None
        if stable_s is not None:
            self._speech = SpeechMonitor(stable_s, time.monotonic())
        self._listen()
        self._arm()

    def close(self) -> None:
        """Measure nothing any more."""
        self._speech = None
        self._published.clear()
        self._played.clear()
        self._level_interval_s = None
        self._arm()

    def _listen(self) -> None:
        wanted = self._is_vad_told or self._speech is not None
        self._microphone.listen_for_speech(on=wanted)

    # The timer

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = time.monotonic()
        delays = [POLL_S] if self.is_running or self._speech is not None else []
        if self._level_interval_s is not None:
            delays.append(max(0.0, self._level_at - now))
        if delays:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(delays), self._look)

    def _look(self) -> None:
        now = time.monotonic()
        self._microphone.keep_alive(now)
        try:
            self._tell_first_frames()
            self._tell_breaks()
            self._tell_levels(now)
            self._tell_speech(now)
            self._tell_quality(now)
        finally:
            self._arm()

    # Telling. What is told may change what is published and played.

    def _tell_first_frames(self) -> None:
        captured = self._microphone.frames_captured
        if (
            self._published
            and not self._is_capture_told
            and captured > self._captured_before
        ):
            self._is_capture_told = True
            self._on_event(PublisherCapturedAudioFirstFrame())
        for published in tuple(self._published.values()):
            sent = self._microphone.outlets[published.channel].packets_sent
            if not published.is_first_told and sent > published.packets_before:
                published.is_first_told = True
                self._on_event(PublisherSendAudioFirstFrame(published.channel))
        for stream_id, played in tuple(self._played.items()):
            if not played.is_first_told and self._heard(stream_id).received > 0:
                played.is_first_told = True
                self._on_event(PlayerRecvAudioFirstFrame(stream_id))

    def _tell_breaks(self) -> None:
        for stream_id, played in tuple(self._played.items()):
            heard = self._heard(stream_id)
            if not played.is_playing or heard.is_broken == played.is_broken:
                continue
            if heard.is_broken and self._is_muted(stream_id):
                continue
            if played.is_broken and heard.rendered == played.rendered_before:
                continue  # it plays anew, but nothing came yet
            played.is_broken = heard.is_broken
            played.rendered_before = heard.rendered
            event = PlayerMediaEvent.AUDIO_BREAK_RESUME
            if heard.is_broken:
                event = PlayerMediaEvent.AUDIO_BREAK_OCCUR
            self._on_event(PlayerMediaEventTold(stream_id, event))

    def _tell_levels(self, now: float) -> None:
        if self._level_interval_s is None or now < self._level_at:
            return
        self._level_at += self._level_interval_s
        if self._level_at <= now:  # the loop stood still
            self._level_at = now + self._level_interval_s
        level = sound_level(self._microphone.take_loudest_dbov())
        is_speech = self._is_vad_told and self._microphone.is_speech
        info = SoundLevelInfo(level, int(is_speech))
        levels = {
            stream_id: sound_level(self._take_loudest_dbov(stream_id))
            for stream_id, played in self._played.items()
            if played.is_playing
        }
        self._on_event(CapturedSoundLevelInfoUpdate(info))
        if levels:
            self._on_event(RemoteSoundLevelUpdate(levels))

    def _tell_speech(self, now: float) -> None:
        if self._speech is None:
            return
        microphone = self._microphone
        is_speech = microphone.is_speech and microphone.is_capturing
        state = self._speech.hear(is_speech=is_speech, now=now)
        if state is not None:
            captured = AudioVadStableStateMonitorType.CAPTURED
            self._on_event(AudioVadStateUpdate(captured, state))

    def _tell_quality(self, now: float) -> None:
        for stream_id, published in tuple(self._published.items()):
            if published.meter is not None and now >= published.quality_at:
                published.quality_at = now + self._quality_interval_s
                reading = self._publish_reading(published, now)
                quality = published.meter.read(reading)
                self._on_event(PublisherQualityUpdate(stream_id, quality))
        for stream_id, played in tuple(self._played.items()):
            if played.meter is not None and now >= played.quality_at:
                played.quality_at = now + self._quality_interval_s
                heard = self._play_reading(stream_id, now)
                self._on_event(PlayerQualityUpdate(stream_id, played.meter.read(heard)))

    # Reading

    def _publish_reading(self, published: _Published, now: float) -> PublishReading:
        outlet = self._microphone.outlets[published.channel]
        return PublishReading(
            at=now,
            frames_captured=self._microphone.frames_captured,
            frames_sent=outlet.frames_sent,
            sent=self._link.send_stats(published.channel),
            rtt_ms=self._rtt_ms(),
        )

    def _play_reading(self, stream_id: str, now: float) -> PlayReading:
        slot = self._link.slots.get(stream_id)
        if slot is None:
            received = ReceiveSlotStats()
        else:
            received = self._link.receive_stats(slot)
        return PlayReading(
            at=now,
            received=received,
            played=self._heard(stream_id),
            rtt_ms=self._rtt_ms(),
            is_muted=self._is_muted(stream_id),
            is_waiting=slot is None,
        )

    def _heard(self, stream_id: str) -> PlayoutStats:
        slot = self._link.slots.get(stream_id)
        return PlayoutStats() if slot is None else self._playout.stats(slot)

    def _take_loudest_dbov(self, stream_id: str) -> float:
        slot = self._link.slots.get(stream_id)
        return SILENT_DBOV if slot is None else self._playout.take_loudest_dbov(slot)

    def _rtt_ms(self) -> float | None:
        stats = self._link.media_stats
        return None if stats is None else stats.rtt_ms
