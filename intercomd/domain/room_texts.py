"""What may be sent to a room or kept in it: lengths, in bytes of UTF-8.

The engine checks before it sends and the server again (reference, sections 12, 13).
"""

from __future__ import annotations

from collections.abc import Sequence

from intercomd.domain.errors import (
    IllegalParameter,
    MessageNull,
    MessageTooLong,
    RoomExtraInfoKeyEmpty,
    RoomExtraInfoKeyTooLong,
    RoomExtraInfoValueTooLong,
    StreamExtraInfoTooLong,
    TargetUserIdNull,
    TargetUserIdTooLong,
)
from intercomd.domain.identifiers import USER_ID_BYTES, is_utf8

MESSAGE_BYTES = 1024
STREAM_EXTRA_INFO_BYTES = 1023
ROOM_EXTRA_INFO_BYTES = 127
TARGETS_MAX = 300
"""As many as fit into one frame, whatever they are called."""


def check_message(message: str) -> str:
    """Return a message or command, or raise `MessageNull`, `MessageTooLong`."""
    if not message:
        raise MessageNull
    if (length := _byte_length(message)) > MESSAGE_BYTES:
        raise MessageTooLong(f"{length} bytes")
    return message


def check_content(content: bytes) -> bytes:
    """Return the bytes of a transparent message, or raise `MessageNull`,
    `MessageTooLong`."""
    if not content:
        raise MessageNull
    if len(content) > MESSAGE_BYTES:
        raise MessageTooLong(f"{len(content)} bytes")
    return content


def check_targets(user_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the receivers of a command, or raise a TargetUserId error or, for more
    than `TARGETS_MAX`, `IllegalParameter`."""
    if len(user_ids) > TARGETS_MAX:
        raise IllegalParameter(f"{len(user_ids)} receivers: at most {TARGETS_MAX}")
    for user_id in user_ids:
        if not user_id:
            raise TargetUserIdNull
        if (length := _byte_length(user_id)) > USER_ID_BYTES:
            raise TargetUserIdTooLong(f"{length} bytes")
    return tuple(user_ids)


def check_room_extra_info(key: str, value: str) -> None:
    """Raise one of three RoomExtraInfo errors; a value may be empty."""
    if not key:
        raise RoomExtraInfoKeyEmpty
    if (length := _byte_length(key)) > ROOM_EXTRA_INFO_BYTES:
        raise RoomExtraInfoKeyTooLong(f"{length} bytes")
    if (length := _byte_length(value)) > ROOM_EXTRA_INFO_BYTES:
        raise RoomExtraInfoValueTooLong(f"{length} bytes")


def check_stream_extra_info(extra_info: str) -> str:
    """Return a stream's extra info, or raise `StreamExtraInfoTooLong`; it may be
    empty, which takes it back."""
    if (length := _byte_length(extra_info)) > STREAM_EXTRA_INFO_BYTES:
        raise StreamExtraInfoTooLong(f"{length} bytes")
    return extra_info


def _byte_length(text: str) -> int:
    if not is_utf8(text):
        raise IllegalParameter("half a character (a lone surrogate)")
    return len(text.encode())
