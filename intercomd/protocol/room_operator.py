"""What the operator does: puts users out, ends rooms and streams, forbids either.

A part of `rooms.Rooms`. Its rules outlast the members they concern.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from intercomd.domain.errors import IntercomError, ManuallyKickedOut
from intercomd.protocol.blacklist import Blacklist
from intercomd.protocol.kicks import Kicks
from intercomd.protocol.membership import Member, Room
from intercomd.protocol.room_events import (
    AdminInput,
    Joined,
    RoomClosed,
    StreamDeleted,
    StreamForbidden,
    UserForbidden,
    UsersKicked,
)
from intercomd.protocol.stream_bans import StreamBans
from intercomd.protocol.streams import Streams

PutOut = Callable[[Member, IntercomError, str], None]
"""Takes a member, why it is put out, and the text its client shows."""


class RoomOperator:
    """The operator of all rooms.

    bans  which streams nobody may publish or play
    """

    def __init__(
        self,
        rooms: Mapping[tuple[int, str], Room],
        by_user: Mapping[tuple[int, str], Member],
        streams: Streams,
        put_out: PutOut,
    ) -> None:
        """`rooms` and `by_user` are those of `Rooms`, to be looked into."""
        self.bans = StreamBans()
        self._rooms = rooms
        self._by_user = by_user
        self._streams = streams
        self._put_out = put_out
        self._blacklist = Blacklist()
        self._kicks = Kicks()

    def check_login(self, event: Joined, now: float) -> None:
        """Raise `UserInBlacklist` for who is kept out of this room, and
        `ManuallyKickedOut` for who comes back after a kick it did not hear of."""
        user_id = event.user.user_id
        self._blacklist.check(event.app_id, event.room_id, user_id, now)
        self._kicks.check(event, now)

    def administer(self, event: AdminInput, now: float) -> None:
        """Do what the operator asks for."""
        match event:
            case UsersKicked(app_id, room_id, user_ids, reason):
                for user_id in user_ids:
                    self._kick(app_id, room_id, user_id, reason, now)
            case RoomClosed(app_id, room_id, reason):
                room = self._rooms.get((app_id, room_id))
                for member in list(room.members.values()) if room else ():
                    self._expel(member, reason, now)
            case StreamDeleted(app_id, room_id, stream_id):
                room = self._rooms.get((app_id, room_id))
                if room is not None:
                    self._streams.strike(room, stream_id)
            case UserForbidden(app_id, user_id, 0, room_id):
                self._blacklist.allow(app_id, room_id, user_id)
            case UserForbidden(app_id, user_id, seconds, room_id, reason):
                self._blacklist.forbid(app_id, room_id, user_id, now + seconds)
                self._kick(app_id, room_id, user_id, reason, now)
            case StreamForbidden(app_id, stream_id, 0):
                self.bans.allow((app_id, stream_id))
            case StreamForbidden(app_id, stream_id, seconds):
                self.bans.forbid((app_id, stream_id), now + seconds)
                self._streams.forbid((app_id, stream_id))
            case _:
                assert_never(event)

    def _kick(
        self, app_id: int, room_id: str, user_id: str, reason: str, now: float
    ) -> None:
        """Put a user out of this room, or with "" out of whichever it is in."""
        member = self._by_user.get((app_id, user_id))
        if member is not None and room_id in ("", member.room.room_id):
            self._expel(member, reason, now)

    def _expel(self, member: Member, reason: str, now: float) -> None:
        """Put a member out, also if it is away and does not hear of it."""
        self._kicks.note(member, reason, now)
        self._put_out(member, ManuallyKickedOut(), reason)
