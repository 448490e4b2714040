"""Who and which streams come and go, as the others in the room are told.

A part of `rooms.Rooms`. Where little happens each is told at once. Where much does, as
when everybody comes back to a restarted server, it is gathered for a tenth of a second
and told in few messages: else the number of messages grows as the square of the users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from intercomd.domain.room import UpdateType
from intercomd.protocol.membership import Limited, Member, Room
from intercomd.protocol.messages import (
    StreamEntry,
    StreamExtraInfo,
    StreamUpdate,
    UserEntry,
    UserUpdate,
)
from intercomd.protocol.paging import PAGE_STREAMS, PAGE_USERS
from intercomd.protocol.room_events import DeleteReason, Output, Send

GATHER_S = 0.1

_T = TypeVar("_T")


class Announcements:
    """The news of all rooms; what is to be done goes to `emit`.

    deadline  when `settle` must be called, or None
    """

    def __init__(self, emit: Callable[[Output], None]) -> None:
        self._emit = emit
        self._news: dict[Room, dict[Member, _News]] = {}
        self._due: dict[Room, float] = {}

    @property
    def deadline(self) -> float | None:
        """When the first room that waits is to be told."""
        return min(self._due.values(), default=None)

    def user_came(self, subject: Member) -> None:
        """Tell the others who want to know."""
        for news in self._of_those(subject.room, lambda m: m.hears_of(subject)):
            news.users_come[subject.user.user_id] = subject.user

    def user_went(self, subject: Member) -> None:
        """Tell the others who want to know; the subject is in the room no more."""
        user_id = subject.user.user_id
        for news in self._of_those(subject.room, lambda m: m.hears_of(subject)):
            # Who came and went between two tellings is not told of.
            if news.users_come.pop(user_id, None) is None:
                news.users_gone[user_id] = subject.user

    def stream_came(self, publisher: Member, entry: StreamEntry) -> None:
        """Tell all others."""
        for news in self._of_those(publisher.room, lambda m: m is not publisher):
            news.streams_come[entry.stream_id] = entry

    def streams_went(
        self, publisher: Member, entries: Iterable[StreamEntry], reason: DeleteReason
    ) -> None:
        """Tell all others."""
        entries = tuple(entries)
        for news in self._of_those(publisher.room, lambda m: m is not publisher):
            for entry in entries:
                if news.streams_come.pop(entry.stream_id, None) is None:
                    news.streams_gone[entry.stream_id] = entry, reason

    def extra_info_changed(self, publisher: Member, entry: StreamEntry) -> None:
        """Tell all others, who may not have been told of the stream itself yet."""
        for member in publisher.room.others(publisher):
            news = self._news.get(publisher.room, {}).get(member)
            if news is not None and entry.stream_id in news.streams_come:
                news.streams_come[entry.stream_id] = entry
            else:
                self._emit(Send(member.session, StreamExtraInfo((entry,))))

    def forget(self, member: Member) -> None:
        """The member goes, or is told all there is by the reply to a login."""
        self._news.get(member.room, {}).pop(member, None)

    def close(self, room: Room) -> None:
        """There is nobody in the room any more."""
        self._news.pop(room, None)
        self._due.pop(room, None)

    def settle(self, now: float) -> None:
        """Tell what may be told now; the rest at the deadline."""
        for room in list(self._news):
            if room not in self._due:
                is_calm = room.allowances.take(Limited.ANNOUNCEMENT, now)
                self._due[room] = now if is_calm else now + GATHER_S
            if self._due[room] <= now:
                self._tell(room)

    def _tell(self, room: Room) -> None:
        del self._due[room]
        for member, news in self._news.pop(room).items():
            for message in news.messages():
                self._emit(Send(member.session, message))

    def _of_those(
        self, room: Room, are_told: Callable[[Member], bool]
    ) -> Iterator[_News]:
        for member in room.members.values():
            if are_told(member):
                yield self._news.setdefault(room, {}).setdefault(member, _News())


@dataclass(slots=True)
class _News:
    """What one member was not told yet. Told in the order of the fields: of a user
    who is replaced by another session, DELETE goes before ADD."""

    streams_gone: dict[str, tuple[StreamEntry, DeleteReason]] = field(
        default_factory=dict
    )
    users_gone: dict[str, UserEntry] = field(default_factory=dict)
    users_come: dict[str, UserEntry] = field(default_factory=dict)
    streams_come: dict[str, StreamEntry] = field(default_factory=dict)

    def messages(self) -> Iterator[UserUpdate | StreamUpdate]:
        for reason in DeleteReason:
            gone = [entry for entry, why in self.streams_gone.values() if why is reason]
            for streams in _pages(gone, PAGE_STREAMS):
                yield StreamUpdate(UpdateType.DELETE, streams, reason)
        for users in _pages(list(self.users_gone.values()), PAGE_USERS):
            yield UserUpdate(UpdateType.DELETE, users)
        for users in _pages(list(self.users_come.values()), PAGE_USERS):
            yield UserUpdate(UpdateType.ADD, users)
        for streams in _pages(list(self.streams_come.values()), PAGE_STREAMS):
            yield StreamUpdate(UpdateType.ADD, streams)


def _pages(entries: Sequence[_T], size: int) -> Iterator[tuple[_T, ...]]:
    for begin in range(0, len(entries), size):
        yield tuple(entries[begin : begin + size])
