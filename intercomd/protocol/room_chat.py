"""What users of a room tell each other: broadcast, barrage, command, bytes.

A part of `rooms.Rooms`. The sender never gets its own, and who is not in the room
at that moment gets nothing, also not later.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from intercomd.domain.errors import (
    BroadcastTooFrequent,
    RoomCallsTooFrequent,
)
from intercomd.domain.room_texts import check_content, check_message, check_targets
from intercomd.protocol.membership import Limited, Member
from intercomd.protocol.messages import (
    Barrage,
    BarrageMessages,
    Broadcast,
    BroadcastMessages,
    ChatEntry,
    Command,
    CustomCommand,
    MessageSent,
    Ok,
    ServerMessage,
    Transparent,
    TransparentMessage,
)
from intercomd.protocol.room_events import Output, Send


class RoomChat:
    """All rooms' messages; what is to be done goes to `emit`."""

    def __init__(
        self, emit: Callable[[Output], None], wall_ms: Callable[[], int]
    ) -> None:
        self._emit = emit
        self._wall_ms = wall_ms
        self._message_ids = itertools.count(1)

    def broadcast(self, member: Member, request: Broadcast, now: float) -> None:
        """Tell the others; a user every half second, a room ten times a second."""
        check_message(request.message)
        if not member.allowances.take(Limited.BROADCAST, now):
            raise BroadcastTooFrequent
        _take(member, Limited.BROADCAST, now)
        entry = self._entry(member, request.message)
        self._send(member, MessageSent(request.id, entry.message_id))
        for other in member.room.others(member):
            self._send(other, BroadcastMessages((entry,)))

    def barrage(self, member: Member, request: Barrage, now: float) -> None:
        """Tell the others; twenty a second for a room."""
        check_message(request.message)
        _take(member, Limited.BARRAGE, now)
        entry = self._entry(member, request.message)
        self._send(member, MessageSent(request.id, entry.message_id))
        for other in member.room.others(member):
            self._send(other, BarrageMessages((entry,)))

    def command(self, member: Member, request: Command, now: float) -> None:
        """Tell those named who are there, or all others if none is named."""
        check_message(request.command)
        wanted = frozenset(check_targets(request.to))
        is_to_one = len(wanted) == 1
        kind = Limited.COMMAND_TO_ONE if is_to_one else Limited.COMMAND_TO_MANY
        _take(member, kind, now)
        self._send(member, Ok(request.id))
        for other in _named(member, wanted):
            self._send(other, CustomCommand(member.user, request.command))

    def transparent(self, member: Member, request: Transparent, now: float) -> None:
        """Send bytes to those named who are there, or to all others."""
        check_content(request.content)
        wanted = frozenset(check_targets(request.to))
        is_to_one = len(wanted) == 1
        kind = Limited.TRANSPARENT_TO_ONE if is_to_one else Limited.TRANSPARENT_TO_MANY
        _take(member, kind, now)
        self._send(member, Ok(request.id))
        for other in _named(member, wanted):
            self._send(other, TransparentMessage(member.user, request.content))

    def _entry(self, member: Member, message: str) -> ChatEntry:
        message_id = next(self._message_ids)
        return ChatEntry(message, message_id, member.user, self._wall_ms())

    def _send(self, member: Member, message: ServerMessage) -> None:
        self._emit(Send(member.session, message))


def _named(member: Member, wanted: frozenset[str]) -> list[Member]:
    """Those of the others who are named; all of them if nobody is."""
    others = member.room.others(member)
    return [o for o in others if o.user.user_id in wanted] if wanted else others


def _take(member: Member, kind: Limited, now: float) -> None:
    if not member.room.allowances.take(kind, now):
        raise RoomCallsTooFrequent(kind.name.lower().replace("_", " "))
