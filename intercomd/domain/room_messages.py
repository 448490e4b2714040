"""What a room keeps and what its users tell each other, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from intercomd.domain.room import User


class TransparentMessageMode(IntEnum):
    """Who gets a transparent message: users, the application's own server, both."""

    ONLY_CLIENT = 0
    ONLY_SERVER = 1
    CLIENT_AND_SERVER = 2


@dataclass(frozen=True, slots=True)
class RoomExtraInfo:
    """The text a room keeps under a key; `update_time` is of Unix, in ms."""

    key: str
    value: str
    update_user: User
    update_time: int


@dataclass(frozen=True, slots=True)
class BroadcastMessage:
    """A message to the whole room; `send_time` is of Unix, in ms."""

    message: str
    message_id: int
    send_time: int
    from_user: User


@dataclass(frozen=True, slots=True)
class TransparentMessage:
    """Bytes that only the applications understand."""

    send_user: User
    content: bytes


@dataclass(frozen=True, slots=True)
class BarrageMessage:
    """The same of little weight; its ID is text, as the reference has it."""

    message: str
    message_id: str
    send_time: int
    from_user: User
