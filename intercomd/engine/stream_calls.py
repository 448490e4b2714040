"""The engine's calls that publish and play."""

from __future__ import annotations

import asyncio
import math
import time

from intercomd.domain.errors import (
    AlreadyPublishing,
    ErrorCode,
    StreamIdTaken,
    error_for,
)
from intercomd.domain.events import PlayerStateUpdate, PublisherStateUpdate
from intercomd.domain.identifiers import check_stream_id
from intercomd.domain.room import PublisherState
from intercomd.domain.sound import MicState, PublishChannel
from intercomd.engine.channel import check_channel
from intercomd.engine.meters import Meters
from intercomd.engine.part import EnginePart
from intercomd.engine.profile import EngineConfig
from intercomd.engine.stream_retries import StreamRetries
from intercomd.protocol.client_events import (
    PlayWanted,
    PublishWanted,
    StopWanted,
    UnpublishWanted,
)


class StreamCalls(EnginePart):
    """A part of `Engine`."""

    _meters: Meters

    def __init__(self) -> None:
        super().__init__()
        self._channels: dict[str, PublishChannel] = {}
        self._publish_verdicts: dict[str, asyncio.Future[None]] = {}

    async def start_publishing_stream(
        self, stream_id: str, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Publish what `capture` is given; on Aux what `capture_aux` is, if anything.

        Returns once the server accepted it and the way is open; raises
        `NotLoggedIn` (also when it is stopped or the room left meanwhile),
        `AlreadyPublishing`, `StreamIdTaken`, a stream ID error or, for Third and
        Fourth, `ModuleMissing`. Cancelled, it stops publishing.
        """
        self._check_alive()
        check_channel(channel)
        check_stream_id(stream_id)
        if (busy := self._channels.get(stream_id)) is not None:
            raise (AlreadyPublishing if busy is channel else StreamIdTaken)(stream_id)
        verdict: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._publish_verdicts[stream_id] = verdict
        self._channels[stream_id] = channel
        wish = PublishWanted(stream_id, channel, self._mic_state(channel))
        try:
            self._link.handle(wish)
        except BaseException:
            self._publish_verdicts.pop(stream_id, None)
            self._channels.pop(stream_id, None)
            raise
        try:
            await verdict
        except asyncio.CancelledError:
            self._undo_publish(stream_id, channel, verdict)
            raise

    async def stop_publishing_stream(
        self, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Stop publishing; does nothing when the channel publishes nothing."""
        self._check_alive()
        check_channel(channel)
        self._link.handle(UnpublishWanted(channel))

    async def start_playing_stream(self, stream_id: str) -> None:
        """Mix this stream into what `render` returns, now or once it exists.

        Playing it already changes nothing. Of more streams than `receive_slots` those
        are heard who talk, the loudest first. Raises `NotLoggedIn` or a stream ID
        error.
        """
        self._check_alive()
        check_stream_id(stream_id)
        is_muted = self._play_settings.is_muted(stream_id)
        self._link.handle(PlayWanted(stream_id, is_muted))

    async def stop_playing_stream(self, stream_id: str) -> None:
        """Stop playing; raise `StreamNotPlayed` for a stream that is not played."""
        self._check_alive()
        self._link.handle(StopWanted(stream_id))

    # Inside

    def _undo_publish(
        self, stream_id: str, channel: PublishChannel, verdict: asyncio.Future[None]
    ) -> None:
        """Publish it no more, also if it was accepted at that moment. What failed is
        not published, and what was begun since is left alone."""
        latest = self._publish_verdicts.get(stream_id, verdict)
        is_wanted = self._channels.get(stream_id) is channel
        if latest is verdict and is_wanted and not self._is_destroyed:
            self._publish_verdicts.pop(stream_id, None)
            self._link.handle(UnpublishWanted(channel))

    def _begin_streams(self, config: EngineConfig) -> None:
        self._tries = StreamRetries(config.av_retry_time_s)
        self._try_timer: asyncio.TimerHandle | None = None

    def _close_streams(self) -> None:
        self._tries = StreamRetries(math.inf)
        self._arm_tries()

    def _follow_tries(self, event: PublisherStateUpdate | PlayerStateUpdate) -> None:
        if not self._is_destroyed:
            self._tries.follow(event, time.monotonic())
            self._arm_tries()

    def _arm_tries(self) -> None:
        if self._try_timer is not None:
            self._try_timer.cancel()
            self._try_timer = None
        deadline = self._tries.deadline
        if deadline is not None:
            delay_s = max(0.0, deadline - time.monotonic())
            loop = asyncio.get_running_loop()
            self._try_timer = loop.call_later(delay_s, self._give_up)

    def _give_up(self) -> None:
        """The streams that were asked for in vain too long are wanted no more."""
        for update in self._tries.take_due(time.monotonic()):
            if isinstance(update, PublisherStateUpdate):
                channel = self._channels.get(update.stream_id)
                if channel is not None:
                    code = ErrorCode.PUBLISH_RETRY_TIMEOUT
                    self._link.handle(UnpublishWanted(channel, code))
            elif update.stream_id in self._meters.playing:
                code = ErrorCode.STREAM_NOT_FOUND
                if self._tries.has_played(update.stream_id):
                    code = ErrorCode.PLAY_FAILED
                self._link.handle(StopWanted(update.stream_id, code))
        self._arm_tries()

    def _settle_publish(self, event: PublisherStateUpdate) -> None:
        if event.state is PublisherState.PUBLISH_REQUESTING:
            return
        verdict = self._publish_verdicts.pop(event.stream_id, None)
        if verdict is None or verdict.done():
            return
        if event.state is PublisherState.PUBLISHING:
            verdict.set_result(None)
        elif event.error_code == ErrorCode.SUCCESS:
            verdict.set_exception(self._gone())
        else:
            verdict.set_exception(
                error_for(event.error_code, f"stream {event.stream_id}")
            )

    def _mic_state(self, channel: PublishChannel) -> MicState:
        raise NotImplementedError
