"""What a room tells of itself: how many are in it, and its extra info.

A part of `rooms.Rooms`: it knows members, and not how they came to be in.
"""

from __future__ import annotations

from collections.abc import Callable

from intercomd.domain.errors import (
    RoomCallsTooFrequent,
    RoomExtraInfoExceedsKeys,
)
from intercomd.domain.room_texts import check_room_extra_info
from intercomd.protocol.membership import Limited, Member, Room
from intercomd.protocol.messages import (
    ExtraInfoEntry,
    Ok,
    OnlineUserCount,
    RoomExtraInfo,
    ServerMessage,
    SetRoomExtraInfo,
)
from intercomd.protocol.room_events import Output, Send

COUNT_INTERVAL_S = 30.0


class RoomInformation:
    """Counts and extra infos; what is to be done goes to `emit`.

    deadline  when the next room is to be told its count, or None
    """

    def __init__(
        self, emit: Callable[[Output], None], wall_ms: Callable[[], int]
    ) -> None:
        self._emit = emit
        self._wall_ms = wall_ms
        # In the order of their times, since the interval is the same for all.
        self._count_at: dict[Room, float] = {}

    @property
    def deadline(self) -> float | None:
        """The time at which `pass_time` must be called."""
        return next(iter(self._count_at.values()), None)

    def open(self, room: Room, now: float) -> None:
        """The room has its first user: count from now on."""
        self._count_at.setdefault(room, now + COUNT_INTERVAL_S)

    def close(self, room: Room) -> None:
        """The room lost its last user."""
        del self._count_at[room]

    def pass_time(self, now: float) -> None:
        """Tell each room whose time has come how many are in it."""
        while (deadline := self.deadline) is not None and deadline <= now:
            room = next(iter(self._count_at))
            del self._count_at[room]
            self._count_at[room] = now + COUNT_INTERVAL_S
            for member in room.members.values():
                self._send(member, OnlineUserCount(len(room.members)))

    def welcome(self, member: Member, *, resumed: bool) -> None:
        """Tell who has just come in what the others know; who comes back with its
        session is not told what it set itself, as before."""
        room, info = member.room, member.room.extra_info
        is_own = info is not None and info.user.user_id == member.user.user_id
        if info is not None and not (resumed and is_own):
            self._send(member, RoomExtraInfo((info,)))
        self._send(member, OnlineUserCount(len(room.members)))

    def set_extra_info(
        self, member: Member, request: SetRoomExtraInfo, now: float
    ) -> None:
        """Keep it for the room's life, and tell everybody but the setter."""
        check_room_extra_info(request.key, request.value)
        room = member.room
        if room.extra_info is not None and room.extra_info.key != request.key:
            raise RoomExtraInfoExceedsKeys(f"the key is {room.extra_info.key!r}")
        if not room.allowances.take(Limited.EXTRA_INFO, now):
            raise RoomCallsTooFrequent("extra info")
        room.extra_info = ExtraInfoEntry(
            request.key, request.value, member.user, self._wall_ms()
        )
        self._send(member, Ok(request.id))
        for other in room.others(member):
            self._send(other, RoomExtraInfo((room.extra_info,)))

    def _send(self, member: Member, message: ServerMessage) -> None:
        self._emit(Send(member.session, message))
