"""What has happened to a station: facts for its lights, a reading for people.

It listens to the engine and looks at its meters, and changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from intercomd.domain.room import PublisherState, RoomState, RoomStateReason
from intercomd.domain.sound import PublishChannel
from intercomd.engine import Engine, EngineStats
from intercomd.media.playout import PlayoutStats
from intercomd.station.call import Call
from intercomd.station.config import StationConfig
from intercomd.station.lights import Facts, shown
from intercomd.station.status import Heard, StationStatus

HISTORY_ENTRIES = 100
SPEECH_DBOV = 50.0
"""A stream louder than this (0 is loudest) is somebody who talks."""

OFFLINE_S = 5.0
"""Not connected for so long, the network is away rather than slow."""


class Watch:
    """The station as it is. All methods belong to the event loop's thread.

    is_config_refused  its file was changed for the worse, and the old one goes on
    """

    def __init__(
        self,
        config: StationConfig,
        engine: Engine,
        call: Call,
        *,
        is_card_missing: Callable[[], bool],
    ) -> None:
        self.is_config_refused = False
        self._config = config
        self._engine = engine
        self._call = call
        self._is_card_missing = is_card_missing
        self._started_at = time.monotonic()
        self._room_state = RoomState.DISCONNECTED
        self._room_changed_at = self._started_at
        self._channels = {
            stream_id: channel for channel, stream_id in config.published.items()
        }
        self._publishers = dict.fromkeys(PublishChannel, PublisherState.NO_PUBLISH)
        self._listeners = dict.fromkeys(PublishChannel, 0)
        self._history: list[str] = []
        engine.on("room_state_changed", self._room_changed)
        engine.on("publisher_state_update", self._publisher_changed)
        engine.on("publisher_listeners_update", self._listeners_changed)

    @property
    def is_talking(self) -> bool:
        """Whether the talk key is down, or none is needed, and the microphone open."""
        return self._talks_on is not None and not self._engine.is_microphone_muted

    @property
    def _talks_on(self) -> PublishChannel | None:
        """The channel whose key is down, or that needs none; first of all Aux, which
        always has one."""
        channels = sorted(self._channels.values(), reverse=True)
        return next(filter(self._engine.is_talking, channels), None)

    def is_heard(self, channel: PublishChannel = PublishChannel.MAIN) -> bool:
        """Whether the server confirms that somebody listens to a channel."""
        return (
            self._room_state is RoomState.CONNECTED
            and self._publishers[channel] is PublisherState.PUBLISHING
            and self._listeners[channel] > 0
        )

    def may_talk(self, channel: PublishChannel) -> bool:
        """Whether who talks now is heard: somebody listens, the microphone is there
        and open."""
        return (
            self.is_heard(channel)
            and not self._engine.is_microphone_muted
            and self._engine.stats().is_capturing
        )

    def facts(self, *, is_key_stuck: bool = False, is_called: bool = False) -> Facts:
        """What the lights go by; cheap enough for ten times a second."""
        told = self._facts(self._engine.stats())
        return replace(told, is_key_stuck=is_key_stuck, is_called=is_called)

    def status(self) -> StationStatus:
        """Read everything; cheap enough for ten times a second."""
        stats = self._engine.stats()
        facts = self._facts(stats)
        media = stats.media
        return StationStatus(
            user_id=self._config.user.id,
            room_id=self._config.room.id,
            room_state=self._room_state,
            publisher_state=self._publishers[PublishChannel.MAIN],
            condition=shown(facts),
            is_talking=facts.is_talking,
            is_kicked=self._call.is_kicked,
            last_talker=self._call.last_talker.user_id
            if self._call.last_talker
            else "",
            listeners=self._listeners[PublishChannel.MAIN],
            microphone_dbov=stats.microphone_dbov,
            frames_sent=stats.frames_sent,
            heard=tuple(
                self._heard(stream_id, figures)
                for stream_id, figures in stats.streams.items()
            ),
            rtt_ms=media.rtt_ms if media else None,
            sent_loss=media.loss if media else None,
            history=tuple(self._history),
        )

    def _facts(self, stats: EngineStats) -> Facts:
        state = self._room_state
        talkers = [
            stream_id
            for stream_id, figures in stats.streams.items()
            if figures.level_dbov < SPEECH_DBOV
        ]
        self._call.heard(talkers)
        since_s = time.monotonic() - self._room_changed_at
        channel = self._talks_on or PublishChannel.MAIN
        return Facts(
            room=state,
            publisher=self._publishers[channel],
            listeners=self._listeners[channel],
            is_config_refused=self.is_config_refused,
            is_kept_out=self._call.is_kicked,
            is_refused=bool(self._call.refusal),
            is_offline=state is RoomState.CONNECTING and since_s > OFFLINE_S,
            is_card_missing=self._is_card_missing(),
            is_talking=self.is_talking and stats.is_capturing,
            is_microphone_muted=self._engine.is_microphone_muted,
            is_speaker_muted=self._engine.is_speaker_muted,
            is_spoken_to=bool(talkers),
        )

    def _heard(self, stream_id: str, figures: PlayoutStats) -> Heard:
        first_ms = None
        if figures.first_sound_at is not None:
            first_ms = 1000 * (figures.first_sound_at - self._started_at)
        return Heard(
            stream_id=stream_id,
            level_dbov=figures.level_dbov,
            received=figures.received,
            concealed=figures.concealed,
            late=figures.late,
            delay_ms=figures.delay_ms,
            latency_p50_ms=figures.latency_p50_ms,
            latency_p95_ms=figures.latency_p95_ms,
            first_sound_ms=first_ms,
        )

    def _room_changed(
        self, room_id: str, reason: RoomStateReason, code: int, extended: object
    ) -> None:
        del room_id, code, extended
        if reason.state is not self._room_state:
            self._room_changed_at = time.monotonic()
        self._room_state = reason.state
        self._remember(reason.name.lower())

    def _publisher_changed(
        self, stream_id: str, state: PublisherState, code: int, extended: object
    ) -> None:
        del code, extended
        channel = self._channels.get(stream_id)
        if channel is not None:
            self._publishers[channel] = state
        if channel is PublishChannel.MAIN:
            self._remember(state.name.lower())

    def _listeners_changed(self, stream_id: str, count: int) -> None:
        channel = self._channels.get(stream_id)
        if channel is not None:
            self._listeners[channel] = count
        if channel is PublishChannel.MAIN:
            self._remember(f"heard_by_{count}")

    def _remember(self, entry: str) -> None:
        self._history.append(entry)
        del self._history[:-HISTORY_ENTRIES]
