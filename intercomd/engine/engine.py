"""The engine: the SDK's public face, with the reference's calls in snake_case.

It speaks to the room server through `Link` and to sound cards through `capture`
and `render`; it opens no device itself.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import urlsplit

from intercomd.domain.errors import (
    EngineNotCreated,
)
from intercomd.domain.events import (
    PlayerStateUpdate,
    PublisherStateUpdate,
    RoomStateChanged,
)
from intercomd.domain.fingerprint import check_fingerprint
from intercomd.domain.identifiers import (
    check_app_id,
    check_app_sign,
)
from intercomd.domain.sound import PUBLISH_CHANNELS
from intercomd.engine.absent_calls import AbsentCalls
from intercomd.engine.call_results import tells_results
from intercomd.engine.callbacks import Callback, Callbacks
from intercomd.engine.link import Link
from intercomd.engine.log_file import LogFile
from intercomd.engine.login_calls import LoginCalls
from intercomd.engine.media_calls import MediaCalls
from intercomd.engine.profile import EngineConfig, EngineProfile
from intercomd.engine.room_calls import RoomCalls
from intercomd.engine.setup_calls import SetupCalls
from intercomd.engine.sound_calls import SoundCalls
from intercomd.engine.stream_calls import StreamCalls
from intercomd.engine.talk_calls import TalkCalls
from intercomd.engine.tasks import Tasks
from intercomd.engine.token_calls import TokenCalls
from intercomd.engine.traffic_calls import TrafficCalls
from intercomd.media.playout import Playout, PlayoutStats
from intercomd.media.session_stats import PeerStats
from intercomd.protocol.client_calls import CallSettled
from intercomd.protocol.client_events import (
    LogoutWanted,
    PublisherReported,
    TokenRenewed,
    Told,
)
from intercomd.protocol.client_session import ClientSession
from intercomd.protocol.credentials import Credentials
from intercomd.protocol.messages import RECEIVE_SLOTS_MAX

FAREWELL_S = 0.5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineStats:
    """A reading of the engine's meters.

    is_capturing      whether the microphone gives frames at all
    microphone_dbov   level of the last captured frame, 0 (loudest) to 127
    frames_sent       frames of 10 ms given to the network on all channels, with the
                      silence that a packet stands for
    frames_dropped    those that could not be
    bitrate_kbps      what the main channel spends on sound: what was set, or less where
                      the path bears less; headers and copies come on top
    packet_ms         how much sound goes into each of its packets
    media             the media connection's figures, None while there is none
    streams           each played stream's figures, by stream ID; all zero for one
                      that waits for a slot
    """

    is_capturing: bool
    microphone_dbov: float
    frames_sent: int
    frames_dropped: int
    bitrate_kbps: int
    packet_ms: int
    media: PeerStats | None
    streams: dict[str, PlayoutStats]


@tells_results
class Engine(
    SetupCalls,
    SoundCalls,
    TrafficCalls,
    LoginCalls,
    StreamCalls,
    TalkCalls,
    MediaCalls,
    RoomCalls,
    TokenCalls,
    AbsentCalls,
):
    """One user of a room server.

    `create_engine_with_profile` keeps the reference's single instance a process.
    A program that needs several users makes several with `Engine(profile)` and
    opens each with `async with`.

    All methods except `capture` and `render` belong to the event loop's thread.
    Calls on a destroyed engine raise `EngineNotCreated`.
    """

    _instance: ClassVar[Engine | None] = None

    def __init__(
        self, profile: EngineProfile, config: EngineConfig | None = None
    ) -> None:
        """Raise `AppIdZero` or an AppSign error for credentials that cannot be
        right, ValueError for a `server_url` or fingerprint that is none."""
        super().__init__()
        config = config or EngineConfig()
        check_app_id(profile.app_id)
        if profile.app_sign:  # without one, every login needs a token
            check_app_sign(profile.app_sign)
        _check_url(profile.server_url, profile.server_fingerprint)
        if not 1 <= config.receive_slots <= RECEIVE_SLOTS_MAX:
            raise ValueError(f"receive_slots must be 1 to {RECEIVE_SLOTS_MAX}")
        self._has_app_sign = bool(profile.app_sign)
        self._tasks = Tasks()
        self._callbacks = Callbacks(self._tasks.spawn)
        self._playout = Playout(first_wait_ms=config.first_wait_ms)
        self._link = Link(
            ClientSession(
                Credentials(profile.app_id, profile.app_sign),
                receive_slots=config.receive_slots,
                retry_time_s=config.room_retry_time_s,
                chance=random.random,
            ),
            url=profile.server_url,
            fingerprint=check_fingerprint(profile.server_fingerprint),
            playout=self._playout,
            receive_slots=config.receive_slots,
            on_event=self._told,
            on_microphone=self._gate_microphone,
            on_bound=self._apply_to_slot,
            spawn=self._tasks.spawn,
        )
        self._is_destroyed = False
        self._log_file: LogFile | None = None
        self._begin_streams(config)
        self._begin_sound(profile.scenario, config)
        if config.enable_vad:
            for channel in PUBLISH_CHANNELS:
                self.talk_by_voice(channel)

    # Life

    @classmethod
    def create_engine_with_profile(
        cls, profile: EngineProfile, config: EngineConfig | None = None
    ) -> Engine:
        """Create the process's engine, or return the one that exists."""
        if Engine._instance is None:
            engine = cls(profile, config or SetupCalls._next_config)
            if SetupCalls._next_log is not None:
                engine._log_file = LogFile(SetupCalls._next_log)
                engine._log_file.open()
            Engine._instance = engine
        return Engine._instance

    @classmethod
    def instance(cls) -> Engine:
        """The process's engine; raise `EngineNotCreated` when there is none."""
        if Engine._instance is None:
            raise EngineNotCreated
        return Engine._instance

    @classmethod
    async def destroy_engine(cls) -> None:
        """Log out, release everything and forget the process's engine.

        No callback is called after it. Without an engine it does nothing.
        """
        engine, Engine._instance = Engine._instance, None
        if engine is not None:
            await engine.close()

    async def close(self) -> None:
        """Log out, and release everything this engine holds. Idempotent."""
        if self._is_destroyed:
            return
        self._is_destroyed = True
        if Engine._instance is self:
            Engine._instance = None
        self._close_sound()
        self._close_streams()
        self._traffic.stop()
        self._link.handle(LogoutWanted())
        # The logout is on its way; do not wait for a dead server.
        await self._tasks.settle(FAREWELL_S)
        await self._link.close()
        await self._tasks.close()
        self._playout.clear()
        if self._log_file is not None:
            self._log_file.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # Events

    def on(self, event: str, callback: Callback) -> None:
        """Call `callback` at every `event` (see `callbacks.EVENTS`).

        An `async def` runs as a task. Register right after creation: what happens
        while nobody listens is not told later.
        """
        self._check_alive()
        self._callbacks.add(event, callback)

    def off(self, event: str, callback: Callback | None = None) -> None:
        """Call `callback`, or with None any callback, at `event` no more."""
        self._check_alive()
        self._callbacks.remove(event, callback)

    # Meters

    def stats(self) -> EngineStats:
        """Read the meters; cheap enough for ten times a second."""
        slots = self._link.slots
        streams = {
            stream_id: self._playout.stats(slots[stream_id])
            if stream_id in slots
            else PlayoutStats()
            for stream_id in self._meters.playing
        }
        outlets = self._microphone.outlets
        return EngineStats(
            is_capturing=self._microphone.is_capturing,
            microphone_dbov=self._microphone.level_dbov,
            frames_sent=sum(outlet.frames_sent for outlet in outlets),
            frames_dropped=sum(outlet.frames_dropped for outlet in outlets),
            bitrate_kbps=outlets[0].used.bitrate_kbps,
            packet_ms=outlets[0].used.frame_ms,
            media=self._link.media_stats,
            streams=streams,
        )

    # Inside

    def _told(self, event: Told) -> None:
        match event:
            case TokenRenewed():
                self._settle_renewal(event)
                return
            case CallSettled():
                self._settle_call(event)
                return
            case PublisherReported():
                self._network.take(event)
                return
            case RoomStateChanged():
                self._settle_login(event)
            case PublisherStateUpdate():
                self._settle_publish(event)
                self._follow_tries(event)
            case PlayerStateUpdate():
                self._follow_tries(event)
            case _:
                pass
        if self._is_destroyed:
            return
        self._before_telling(event)
        self._callbacks.emit(event)
        self._after_telling(event)


def _check_url(url: str, fingerprint: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname or parts.port == 0:
        raise ValueError(f"server URL {url!r}: write ws://host:port or wss://host:port")
    if fingerprint and parts.scheme != "wss":
        raise ValueError(f"server URL {url!r}: a fingerprint needs wss://")
