"""Which IDs are allowed: lengths in bytes and characters (reference, section 13).

The apostrophe-like U+2019 of the published lists is read as a slip and refused.
"""

from __future__ import annotations

import re

from intercomd.domain.errors import (
    AppIdZero,
    AppSignInvalidCharacter,
    AppSignInvalidLength,
    AppSignNull,
    RoomIdInvalidCharacter,
    RoomIdNull,
    RoomIdTooLong,
    StreamIdInvalidCharacter,
    StreamIdNull,
    StreamIdTooLong,
    UserIdInvalidCharacter,
    UserIdNull,
    UserIdTooLong,
    UserNameInvalidCharacter,
    UserNameTooLong,
)

APP_ID_MAX = 0xFFFFFFFF
APP_SIGN_DIGITS = 64
ROOM_ID_BYTES = 127
USER_ID_BYTES = 63
USER_NAME_BYTES = 255
STREAM_ID_BYTES = 255

_ID = re.compile(r"[0-9A-Za-z~!@#$%^&*()_+=\-`;',.<>\\]+\Z")
_STREAM_ID = re.compile(r"[0-9A-Za-z_-]+\Z")
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")


def check_app_id(app_id: int) -> int:
    """Return `app_id`, or raise `AppIdZero`."""
    if not 1 <= app_id <= APP_ID_MAX:
        raise AppIdZero(f"AppID {app_id}")
    return app_id


def check_app_sign(app_sign: str) -> str:
    """Return `app_sign`, or raise one of the three AppSign errors (never its text)."""
    if not app_sign:
        raise AppSignNull
    if len(app_sign) != APP_SIGN_DIGITS:
        raise AppSignInvalidLength(f"{len(app_sign)} characters")
    if not _HEX.match(app_sign):
        raise AppSignInvalidCharacter
    return app_sign


def check_room_id(room_id: str) -> str:
    """Return `room_id`, or raise one of the three RoomId errors."""
    if not room_id:
        raise RoomIdNull
    if _byte_length(room_id) > ROOM_ID_BYTES:
        raise RoomIdTooLong(f"{_byte_length(room_id)} bytes")
    if not _ID.match(room_id):
        raise RoomIdInvalidCharacter(repr(room_id))
    return room_id


def check_user_id(user_id: str) -> str:
    """Return `user_id`, or raise one of the three UserId errors."""
    if not user_id:
        raise UserIdNull
    if _byte_length(user_id) > USER_ID_BYTES:
        raise UserIdTooLong(f"{_byte_length(user_id)} bytes")
    if not _ID.match(user_id):
        raise UserIdInvalidCharacter(repr(user_id))
    return user_id


def check_user_name(user_name: str) -> str:
    """Return `user_name`, or raise one of two UserName errors; it may be empty.

    Any character will do, but not half of one (a lone surrogate): no UTF-8 has it.
    """
    if not is_utf8(user_name):
        raise UserNameInvalidCharacter(ascii(user_name[:USER_NAME_BYTES]))
    if _byte_length(user_name) > USER_NAME_BYTES:
        raise UserNameTooLong(f"{_byte_length(user_name)} bytes")
    return user_name


def check_stream_id(stream_id: str) -> str:
    """Return `stream_id`, or raise one of the three StreamId errors."""
    if not stream_id:
        raise StreamIdNull
    if _byte_length(stream_id) > STREAM_ID_BYTES:
        raise StreamIdTooLong(f"{_byte_length(stream_id)} bytes")
    if not _STREAM_ID.match(stream_id):
        raise StreamIdInvalidCharacter(repr(stream_id))
    return stream_id


def is_utf8(text: str) -> bool:
    """Whether `text` can be written in UTF-8: it holds no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _byte_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
