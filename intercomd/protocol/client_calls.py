"""What the user says to the room: each call asked once and settled once.

A part of `client_session.ClientSession`. A call is never repeated: after a loss
nobody knows whether the others heard it, and that is for the application to decide.
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.errors import ErrorCode
from intercomd.domain.events import (
    Event,
    ImRecvBarrageMessage,
    ImRecvBroadcastMessage,
    ImRecvCustomCommand,
    RecvRoomTransparentMessage,
    RoomExtraInfoUpdate,
    RoomOnlineUserCountUpdate,
)
from intercomd.domain.room import User
from intercomd.domain.room_messages import (
    BarrageMessage,
    BroadcastMessage,
    RoomExtraInfo,
    TransparentMessage,
)
from intercomd.protocol import messages as wire

CallMessage = (
    wire.Broadcast
    | wire.Barrage
    | wire.Command
    | wire.Transparent
    | wire.SetRoomExtraInfo
)
RoomNews = (
    wire.OnlineUserCount
    | wire.RoomExtraInfo
    | wire.BroadcastMessages
    | wire.BarrageMessages
    | wire.CustomCommand
    | wire.TransparentMessage
)


@dataclass(frozen=True, slots=True)
class BroadcastWanted:
    """Tell the others in the room. Answered with one `CallSettled` of this `call`."""

    call: int
    room_id: str
    message: str

    def asked(self, request_id: int) -> CallMessage:
        """The message to the server."""
        return wire.Broadcast(request_id, self.message)


@dataclass(frozen=True, slots=True)
class BarrageWanted:
    """The same of little weight."""

    call: int
    room_id: str
    message: str

    def asked(self, request_id: int) -> CallMessage:
        """The message to the server."""
        return wire.Barrage(request_id, self.message)


@dataclass(frozen=True, slots=True)
class CommandWanted:
    """Tell these users of the room, or all others if there is none."""

    call: int
    room_id: str
    command: str
    to: tuple[str, ...] = ()

    def asked(self, request_id: int) -> CallMessage:
        """The message to the server."""
        return wire.Command(request_id, self.command, self.to)


@dataclass(frozen=True, slots=True)
class TransparentWanted:
    """Send these users of the room some bytes, or all others if there is none."""

    call: int
    room_id: str
    content: bytes
    to: tuple[str, ...] = ()

    def asked(self, request_id: int) -> CallMessage:
        """The message to the server."""
        return wire.Transparent(request_id, self.content, self.to)


@dataclass(frozen=True, slots=True)
class RoomExtraInfoWanted:
    """Let the room keep this."""

    call: int
    room_id: str
    key: str
    value: str

    def asked(self, request_id: int) -> CallMessage:
        """The message to the server."""
        return wire.SetRoomExtraInfo(request_id, self.key, self.value)


CallWanted = (
    BroadcastWanted
    | BarrageWanted
    | CommandWanted
    | TransparentWanted
    | RoomExtraInfoWanted
)


@dataclass(frozen=True, slots=True)
class CallSettled:
    """How a call ended; `message_id` is 0 where there is none."""

    call: int
    code: int = ErrorCode.SUCCESS
    message: str = ""
    message_id: int = 0


class RoomCalls:
    """The calls under way, and what the room says by itself."""

    def __init__(self) -> None:
        self._wishes: dict[int, CallWanted] = {}
        self._extra_info: dict[str, RoomExtraInfo] = {}

    def ask(self, wish: CallWanted, request_id: int) -> CallMessage:
        """The message that asks for this; it is to be settled by this ID."""
        self._wishes[request_id] = wish
        return wish.asked(request_id)

    def settle(
        self,
        request_id: int,
        code: int = ErrorCode.SUCCESS,
        message: str = "",
        message_id: int = 0,
    ) -> list[CallSettled]:
        """The server answered a request, perhaps one of these."""
        wish = self._wishes.pop(request_id, None)
        if wish is None:
            return []
        return [CallSettled(wish.call, code, message, message_id)]

    def fail_all(self) -> list[CallSettled]:
        """The connection is gone: nothing that was asked will be answered."""
        wishes = list(self._wishes.values())
        self._wishes.clear()
        return [unsent(wish) for wish in wishes]

    def forget_room(self) -> None:
        """Another room: nothing was told of it yet."""
        self._extra_info.clear()

    def receive(self, room_id: str, news: RoomNews) -> list[Event]:
        """What the room said, as events; extra info only if it is another."""
        match news:
            case wire.OnlineUserCount(count):
                return [RoomOnlineUserCountUpdate(room_id, count)]
            case wire.RoomExtraInfo(entries):
                return self._renew(room_id, entries)
            case wire.BroadcastMessages(entries):
                broadcasts = tuple(_broadcast(entry) for entry in entries)
                return [ImRecvBroadcastMessage(room_id, broadcasts)]
            case wire.BarrageMessages(entries):
                barrages = tuple(_barrage(entry) for entry in entries)
                return [ImRecvBarrageMessage(room_id, barrages)]
            case wire.CustomCommand(user, command):
                return [ImRecvCustomCommand(room_id, _user(user), command)]
            case wire.TransparentMessage(user, content):
                message = TransparentMessage(_user(user), content)
                return [RecvRoomTransparentMessage(room_id, message)]

    def _renew(
        self, room_id: str, entries: tuple[wire.ExtraInfoEntry, ...]
    ) -> list[Event]:
        infos = [_extra_info(entry) for entry in entries]
        new = tuple(info for info in infos if self._extra_info.get(info.key) != info)
        self._extra_info.update((info.key, info) for info in new)
        return [RoomExtraInfoUpdate(room_id, new)] if new else []


def unsent(wish: CallWanted) -> CallSettled:
    """How a call ends that there is no connection for."""
    if isinstance(wish, RoomExtraInfoWanted):
        return CallSettled(wish.call, ErrorCode.CONNECTION_BROKEN)
    return CallSettled(wish.call, ErrorCode.MESSAGE_SEND_FAILED)


def _user(entry: wire.UserEntry) -> User:
    return User(entry.user_id, entry.user_name)


def _extra_info(entry: wire.ExtraInfoEntry) -> RoomExtraInfo:
    return RoomExtraInfo(entry.key, entry.value, _user(entry.user), entry.time_ms)


def _broadcast(entry: wire.ChatEntry) -> BroadcastMessage:
    return BroadcastMessage(
        entry.message, entry.message_id, entry.time_ms, _user(entry.user)
    )


def _barrage(entry: wire.ChatEntry) -> BarrageMessage:
    return BarrageMessage(
        entry.message, str(entry.message_id), entry.time_ms, _user(entry.user)
    )
