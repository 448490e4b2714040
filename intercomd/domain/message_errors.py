"""Errors of messages between users of a room: 1009xxx."""

from __future__ import annotations

from intercomd.domain.error_codes import ErrorCode, IntercomError


class MessageNull(IntercomError, ValueError):
    code = ErrorCode.MESSAGE_NULL
    remedy = "the message is empty: send 1 to 1024 bytes"


class MessageTooLong(IntercomError, ValueError):
    code = ErrorCode.MESSAGE_TOO_LONG
    remedy = "the message is too long: send at most 1024 bytes"


class RealTimeDataTooLong(IntercomError, ValueError):
    code = ErrorCode.REAL_TIME_DATA_TOO_LONG
    remedy = "the real-time data is too long: send at most 4096 bytes"


class MessageRoomNotSame(IntercomError, ValueError):
    code = ErrorCode.MESSAGE_ROOM_NOT_SAME
    remedy = "the message is for another room than the one logged in to"


class MessageSendFailed(IntercomError, ConnectionError):
    code = ErrorCode.MESSAGE_SEND_FAILED
    remedy = "the message was not sent: send it again once the room is reconnected"


class TargetUserIdNull(IntercomError, ValueError):
    code = ErrorCode.TARGET_USER_ID_NULL
    remedy = "a user ID among the receivers is empty: name users of the room"


class TargetUserIdTooLong(IntercomError, ValueError):
    code = ErrorCode.TARGET_USER_ID_TOO_LONG
    remedy = "a user ID among the receivers is too long: use at most 63 bytes"


class MessageLengthLimit(IntercomError, ValueError):
    code = ErrorCode.MESSAGE_LENGTH_LIMIT
    remedy = "the message is longer than the server takes: send less"


class BroadcastTooFrequent(IntercomError, ConnectionError):
    code = ErrorCode.BROADCAST_TOO_FREQUENT
    remedy = "too many broadcast messages: send at most two in a second"
