"""Keeps a station in its room: logged in, publishing, playing everyone.

It mends whatever a later try can mend. It does not know sound cards, and a kick it
obeys: then it stays out until `come_back`, or until it is started again. (Not so
when its token expired: the file may hold a new one.)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from intercomd.domain.errors import ErrorCode, IntercomError
from intercomd.domain.room import (
    PlayerState,
    PublisherState,
    RoomState,
    RoomStateReason,
    Stream,
    UpdateType,
    User,
)
from intercomd.domain.sound import PublishChannel
from intercomd.engine import Engine, RoomConfig
from intercomd.engine.episode import Episode
from intercomd.station.config import REPLY_SUFFIX, read_token

LOGIN_RETRY_S = 10.0
PUBLISH_RETRY_S = 2.0
PLAY_RETRY_S = 2.0
TOKEN_LOOK_S = 3.0

_KEPT_OUT = (ErrorCode.LOGGED_IN_ELSEWHERE, ErrorCode.MANUALLY_KICKED_OUT)
"""What a login is refused with after a kick that it did not hear of."""

_log = logging.getLogger(__name__)


class Call:
    """One station's place in one room, kept by `run` until it is cancelled.

    is_kicked    put out, and staying out
    refusal      why the last login was refused, "" if it was not
    on_refused   called when the login is refused, once for each reason
    last_talker  who talked last, of those whose streams are known
    """

    def __init__(
        self,
        engine: Engine,
        *,
        room_id: str,
        user: User,
        published: Mapping[PublishChannel, str],
        token_file: Path | None = None,
        priority: Sequence[str] = (),
    ) -> None:
        """`published` has the stream of each channel; `token_file` is read at each
        login. `priority` has users and streams, the highest first."""
        self.is_kicked = False
        self.refusal = ""
        self.on_refused: Callable[[], object] = lambda: None
        self.last_talker: User | None = None
        self._owners: dict[str, User] = {}
        self._engine = engine
        self._room_id = room_id
        self._user = user
        self._unpublished = {
            (channel, stream_id): asyncio.Event()
            for channel, stream_id in published.items()
        }
        self._is_wanted = asyncio.Event()
        self._is_wanted.set()
        self._is_out = asyncio.Event()
        self._streams: dict[str, bool] = {}  # by ID: whether it is played
        self._is_unplayed = asyncio.Event()
        self._login_refused = Episode(_log, logging.ERROR)
        self._publish_refused = Episode(_log, logging.ERROR)
        self._play_refused = Episode(_log, logging.ERROR)
        self._token_file = token_file
        self._priority = {
            each: rank for rank, each in enumerate(reversed(priority), start=1)
        }
        self._token = ""
        engine.on("room_state_changed", self._room_changed)
        engine.on("room_stream_update", self._streams_changed)
        engine.on("publisher_state_update", self._publisher_changed)
        engine.on("player_state_update", self._player_changed)
        engine.on("publisher_listeners_update", self._listeners_changed)
        engine.on("room_token_will_expire", self._token_will_expire)

    async def run(self) -> None:
        """Stay in the room whenever that is wanted, until cancelled."""
        while True:
            await self._is_wanted.wait()
            try:
                await self._enter()
            except IntercomError as error:
                if not self._is_wanted.is_set():
                    continue
                self.refusal = str(error)
                if self._login_refused.say(
                    "login refused room=%s code=%d: %s; retrying",
                    self._room_id,
                    error.code,
                    error,
                    what=error.code,
                ):
                    self.on_refused()
                await asyncio.sleep(LOGIN_RETRY_S)
            else:
                await self._stay()

    @property
    def is_wanted(self) -> bool:
        """Whether it is in the room or on its way there."""
        return self._is_wanted.is_set()

    async def leave(self) -> None:
        """Go out of the room and stay out, until `come_back`."""
        self._is_wanted.clear()
        self.refusal = ""
        await self._engine.logout_room()

    async def rejoin(self) -> None:
        """Go out and come back in, if it is to be in."""
        if self.is_wanted:
            await self.leave()
            self.come_back()

    def come_back(self) -> None:
        """Be in the room again, also after a kick."""
        self.is_kicked = False
        self._is_wanted.set()

    def heard(self, stream_ids: Iterable[str]) -> None:
        """These streams are loud now: who the last talker is."""
        for stream_id in stream_ids:
            self.last_talker = self._owners.get(stream_id, self.last_talker)

    async def listen(self, stream_id: str, *, on: bool) -> None:
        """Play a stream that speaks to this station alone, or play it no more.

        Nothing for one that is not in the room.
        """
        if on:
            if stream_id in self._owners:
                self._streams.setdefault(stream_id, False)
                self._is_unplayed.set()
        elif self._streams.pop(stream_id, False):
            await self._engine.stop_playing_stream(stream_id)

    async def _enter(self) -> None:
        self._is_out.clear()
        self._token = self._read_token()
        config = RoomConfig(is_user_status_notify=True, token=self._token)
        await self._engine.login_room(self._room_id, self._user, config)
        self.refusal = ""
        self._login_refused.over()

    async def _stay(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            working = [
                tasks.create_task(self._keep_publishing(*one, is_unpublished))
                for one, is_unpublished in self._unpublished.items()
            ]
            working.append(tasks.create_task(self._keep_playing()))
            await self._is_out.wait()
            for task in working:
                task.cancel()

    async def _keep_publishing(
        self, channel: PublishChannel, stream_id: str, is_unpublished: asyncio.Event
    ) -> None:
        while True:
            is_unpublished.clear()
            try:
                await self._engine.start_publishing_stream(stream_id, channel)
            except IntercomError as error:
                self._publish_refused.say(
                    "publishing refused stream=%s code=%d: %s; retrying",
                    stream_id,
                    error.code,
                    error,
                    what=error.code,
                )
                await asyncio.sleep(PUBLISH_RETRY_S)
            else:
                self._publish_refused.over()
                await is_unpublished.wait()

    async def _keep_playing(self) -> None:
        while True:
            self._is_unplayed.clear()
            are_all_played = await self._play_all()
            if are_all_played:
                self._play_refused.over()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if are_all_played else PLAY_RETRY_S):
                    await self._is_unplayed.wait()

    async def _play_all(self) -> bool:
        """Play whoever is not played yet; whether all could be."""
        are_all_played = True
        for stream_id in [s for s, is_played in self._streams.items() if not is_played]:
            if stream_id not in self._streams:
                continue  # it went while another was asked for
            try:
                self._engine.set_play_priority(stream_id, self._rank(stream_id))
                await self._engine.start_playing_stream(stream_id)
            except IntercomError as error:
                self._play_refused.say(
                    "not played stream=%s code=%d: %s; retrying",
                    stream_id,
                    error.code,
                    error,
                    what=error.code,
                )
                are_all_played = False
                continue
            if stream_id in self._streams:
                self._streams[stream_id] = True
                _log.info("playing room=%s stream=%s", self._room_id, stream_id)
            else:
                await self._engine.stop_playing_stream(stream_id)
        return are_all_played

    def _rank(self, stream_id: str) -> int:
        """The stream's priority, its own or its user's; 0 is that of all others."""
        owner = self._owners.get(stream_id)
        user_id = "" if owner is None else owner.user_id
        ranks = self._priority
        return max(ranks.get(stream_id, 0), ranks.get(user_id, 0))

    # Events

    def _room_changed(
        self,
        room_id: str,
        reason: RoomStateReason,
        code: int,
        extended_data: Mapping[str, object],
    ) -> None:
        if code == ErrorCode.TOKEN_EXPIRED_KICKED_OUT:
            _log.error("token expired room=%s: a new one is needed", room_id)
        elif reason is RoomStateReason.KICK_OUT or code in _KEPT_OUT:
            # To come back would put the other one out, and so on for ever; or it was
            # the operator who did not want it.
            self.is_kicked = True
            self._is_wanted.clear()
            text = extended_data.get("custom_kickout_message")
            text = text or extended_data.get("message", "")
            _log.error("kicked out room=%s code=%d: %s", room_id, code, text)
        else:
            _log.info("room=%s %s", room_id, reason.name.lower().replace("_", " "))
        if reason.state is RoomState.DISCONNECTED:
            self._streams.clear()
            self._owners.clear()
            self._is_out.set()

    async def _token_will_expire(self, room_id: str, remaining_s: int) -> None:
        """Renew it as soon as its file holds a new one, if it does in time."""
        _log.info("token expires in %d s room=%s", remaining_s, room_id)
        for _ in range(math.ceil(remaining_s / TOKEN_LOOK_S)):
            if await self._renew_token(room_id):
                return
            await asyncio.sleep(TOKEN_LOOK_S)
        _log.warning(
            "token not renewed room=%s file=%s: put a new one there",
            room_id,
            self._token_file,
        )

    async def _renew_token(self, room_id: str) -> bool:
        try:
            token = self._read_token()
            if token == self._token:
                return False
            await self._engine.renew_token(room_id, token)
        except IntercomError as error:
            _log.debug("token refused room=%s: %s", room_id, error)
            return False
        self._token = token
        _log.info("token renewed room=%s", room_id)
        return True

    def _read_token(self) -> str:
        return "" if self._token_file is None else read_token(self._token_file)

    async def _streams_changed(
        self,
        room_id: str,
        update: UpdateType,
        streams: tuple[Stream, ...],
        extended_data: Mapping[str, object],
    ) -> None:
        del room_id, extended_data
        for stream in streams:
            if update is UpdateType.ADD:
                self._owners[stream.stream_id] = stream.user
                if not stream.stream_id.endswith(REPLY_SUFFIX):
                    self._streams[stream.stream_id] = False
                continue
            self._owners.pop(stream.stream_id, None)
            if self._streams.pop(stream.stream_id, False):
                await self._engine.stop_playing_stream(stream.stream_id)
        self._is_unplayed.set()

    def _publisher_changed(
        self,
        stream_id: str,
        state: PublisherState,
        code: int,
        extended_data: Mapping[str, object],
    ) -> None:
        del extended_data
        if state is PublisherState.NO_PUBLISH:
            for (_, published), is_unpublished in self._unpublished.items():
                if published == stream_id:
                    is_unpublished.set()
        if code != ErrorCode.SUCCESS:
            _log.debug("stream=%s %s code=%d", stream_id, state.name, code)

    def _player_changed(
        self,
        stream_id: str,
        state: PlayerState,
        code: int,
        extended_data: Mapping[str, object],
    ) -> None:
        del extended_data
        if state is PlayerState.NO_PLAY and self._streams.get(stream_id):
            self._streams[stream_id] = False
            _log.info("not played stream=%s code=%d", stream_id, code)

    def _listeners_changed(self, stream_id: str, count: int) -> None:
        _log.info("stream=%s heard by %d", stream_id, count)
