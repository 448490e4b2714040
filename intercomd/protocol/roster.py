"""Who and what else is in the room, and the updates that tell of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from intercomd.domain.events import (
    RoomStreamExtraInfoUpdate,
    RoomStreamUpdate,
    RoomUserUpdate,
)
from intercomd.domain.room import Stream, UpdateType, User
from intercomd.protocol import messages as wire
from intercomd.protocol.room_events import DeleteReason

RosterNews = wire.UserUpdate | wire.StreamUpdate | wire.StreamExtraInfo
Update = RoomUserUpdate | RoomStreamUpdate | RoomStreamExtraInfoUpdate


class Roster:
    """What this client was last told of a room.

    After a reconnect the server tells all that is there; the roster tells the
    application only the difference, so that nobody comes or goes twice.
    """

    def __init__(self, room_id: str) -> None:
        self._room_id = room_id
        self._users: dict[str, User] = {}
        self._streams: dict[str, Stream] = {}

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The others' streams, in the order they came."""
        return tuple(self._streams.values())

    def renew(
        self,
        users: tuple[wire.UserEntry, ...],
        streams: tuple[wire.StreamEntry, ...],
    ) -> list[Update]:
        """Take over the whole room as a login reply gives it."""
        old_users, old_streams = self._users, self._streams
        self._users = {entry.user_id: _user(entry) for entry in users}
        self._streams = {entry.stream_id: _stream(entry) for entry in streams}
        return [
            *self._tell_users(UpdateType.DELETE, _missing(old_users, self._users)),
            *self._tell_users(UpdateType.ADD, _missing(self._users, old_users)),
            *self._tell_streams(
                UpdateType.DELETE, _missing(old_streams, self._streams)
            ),
            *self._tell_streams(UpdateType.ADD, _missing(self._streams, old_streams)),
            *self._tell_extra_infos(_retold(old_streams, self._streams)),
        ]

    def update(self, news: RosterNews) -> list[Update]:
        """Apply what the server says of a change."""
        match news:
            case wire.UserUpdate():
                return self._update_users(news)
            case wire.StreamUpdate():
                return self._update_streams(news)
            case wire.StreamExtraInfo(entries):
                return self._update_extra_infos(entries)

    def _update_users(self, message: wire.UserUpdate) -> list[Update]:
        update = UpdateType(message.update)
        users = tuple(_user(entry) for entry in message.users)
        for user in users:
            if update is UpdateType.ADD:
                self._users[user.user_id] = user
            else:
                self._users.pop(user.user_id, None)
        return self._tell_users(update, users)

    def _update_streams(self, message: wire.StreamUpdate) -> list[Update]:
        update = UpdateType(message.update)
        streams = tuple(_stream(entry) for entry in message.streams)
        for stream in streams:
            if update is UpdateType.ADD:
                self._streams[stream.stream_id] = stream
            else:
                self._streams.pop(stream.stream_id, None)
        return self._tell_streams(update, streams, message.reason)

    def _update_extra_infos(
        self, entries: tuple[wire.StreamEntry, ...]
    ) -> list[Update]:
        streams = {entry.stream_id: _stream(entry) for entry in entries}
        changed = _retold(self._streams, streams)
        self._streams.update((stream.stream_id, stream) for stream in changed)
        return self._tell_extra_infos(changed)

    def _tell_extra_infos(self, streams: tuple[Stream, ...]) -> list[Update]:
        return [RoomStreamExtraInfoUpdate(self._room_id, streams)] if streams else []

    def _tell_users(self, update: UpdateType, users: tuple[User, ...]) -> list[Update]:
        return [RoomUserUpdate(self._room_id, update, users)] if users else []

    def _tell_streams(
        self, update: UpdateType, streams: tuple[Stream, ...], reason: int = 0
    ) -> list[Update]:
        if not streams:
            return []
        extended: dict[str, object] = {}
        if reason:
            extended["stream_delete_reason"] = [
                {
                    "stream_id": stream.stream_id,
                    "code": reason,
                    "description": _description(reason),
                }
                for stream in streams
            ]
        return [RoomStreamUpdate(self._room_id, update, streams, extended)]


_T = TypeVar("_T")


def _missing(some: dict[str, _T], others: dict[str, _T]) -> tuple[_T, ...]:
    """Those whose ID is not among the others, or names something else there."""
    return tuple(
        value
        for key, value in some.items()
        if key not in others or _without_extra(others[key]) != _without_extra(value)
    )


def _retold(old: dict[str, Stream], new: dict[str, Stream]) -> tuple[Stream, ...]:
    """The same streams as before, but with another extra info."""
    return tuple(
        stream
        for stream_id, stream in new.items()
        if (before := old.get(stream_id)) is not None
        and before.user == stream.user
        and before.extra_info != stream.extra_info
    )


def _without_extra(value: object) -> object:
    return replace(value, extra_info="") if isinstance(value, Stream) else value


def _description(reason: int) -> str:
    try:
        return DeleteReason(reason).description
    except ValueError:
        return "unknown"


def _user(entry: wire.UserEntry) -> User:
    return User(entry.user_id, entry.user_name)


def _stream(entry: wire.StreamEntry) -> Stream:
    return Stream(entry.stream_id, _user(entry.user), entry.extra_info)
