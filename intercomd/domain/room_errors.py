"""Errors of rooms and of getting into them: 1002xxx."""

from __future__ import annotations

from intercomd.domain.error_codes import ErrorCode, IntercomError


class RoomCountExceeded(IntercomError, RuntimeError):
    code = ErrorCode.ROOM_COUNT_EXCEEDED
    remedy = "already in a room: log out before the next login"


class RoomIdIncorrect(IntercomError, ValueError):
    code = ErrorCode.ROOM_ID_INCORRECT
    remedy = "not in the room of this ID"


class UserIdNull(IntercomError, ValueError):
    code = ErrorCode.USER_ID_NULL
    remedy = "the user ID is empty: use 1 to 63 bytes"


class UserIdInvalidCharacter(IntercomError, ValueError):
    code = ErrorCode.USER_ID_INVALID_CHARACTER
    remedy = "the user ID has a character that is not allowed"


class UserIdTooLong(IntercomError, ValueError):
    code = ErrorCode.USER_ID_TOO_LONG
    remedy = "the user ID is too long: use at most 63 bytes"


class UserNameNull(IntercomError, ValueError):
    code = ErrorCode.USER_NAME_NULL
    remedy = "the user name is empty: give one, or use a newer client"


class UserNameInvalidCharacter(IntercomError, ValueError):
    code = ErrorCode.USER_NAME_INVALID_CHARACTER
    remedy = (
        "the user name has a character that is not allowed: use proper Unicode text"
    )


class UserNameTooLong(IntercomError, ValueError):
    code = ErrorCode.USER_NAME_TOO_LONG
    remedy = "the user name is too long: use at most 255 bytes"


class RoomIdNull(IntercomError, ValueError):
    code = ErrorCode.ROOM_ID_NULL
    remedy = "the room ID is empty: use 1 to 127 bytes"


class RoomIdInvalidCharacter(IntercomError, ValueError):
    code = ErrorCode.ROOM_ID_INVALID_CHARACTER
    remedy = "the room ID has a character that is not allowed"


class RoomIdTooLong(IntercomError, ValueError):
    code = ErrorCode.ROOM_ID_TOO_LONG
    remedy = "the room ID is too long: use at most 127 bytes"


class RoomExtraInfoKeyEmpty(IntercomError, ValueError):
    code = ErrorCode.ROOM_EXTRA_INFO_KEY_EMPTY
    remedy = "the key of the room's extra info is empty: use 1 to 127 bytes"


class RoomExtraInfoKeyTooLong(IntercomError, ValueError):
    code = ErrorCode.ROOM_EXTRA_INFO_KEY_TOO_LONG
    remedy = "the key of the room's extra info is too long: use at most 127 bytes"


class RoomExtraInfoValueTooLong(IntercomError, ValueError):
    code = ErrorCode.ROOM_EXTRA_INFO_VALUE_TOO_LONG
    remedy = "the value of the room's extra info is too long: use at most 127 bytes"


class RoomExtraInfoExceedsKeys(IntercomError, ValueError):
    code = ErrorCode.ROOM_EXTRA_INFO_EXCEEDS_KEYS
    remedy = "the room has its one key of extra info already: set that key"


class MultiRoomUserNotSame(IntercomError, ValueError):
    code = ErrorCode.MULTI_ROOM_USER_NOT_SAME
    remedy = "another room was entered as another user: use the same ID and name"


class MultiRoomSwitch(IntercomError, RuntimeError):
    code = ErrorCode.MULTI_ROOM_SWITCH
    remedy = "with several rooms there is no switching: log out of one, into another"


class ConnectFailed(IntercomError, ConnectionError):
    code = ErrorCode.CONNECT_FAILED
    remedy = "the login failed on the network: check it and try again"


class LoginTimeout(IntercomError, TimeoutError):
    code = ErrorCode.LOGIN_TIMEOUT
    remedy = "the server did not answer the login in time: check the network, try again"


class AuthenticationFailed(IntercomError, PermissionError):
    code = ErrorCode.AUTHENTICATION_FAILED
    remedy = "the server refused the credentials: check the token or the secret"


class RoomFull(IntercomError, ConnectionError):
    code = ErrorCode.ROOM_FULL
    remedy = "the room has as many users as it may hold"


class TooManyRooms(IntercomError, ConnectionError):
    code = ErrorCode.TOO_MANY_ROOMS
    remedy = "the server has as many rooms as it may hold: use an existing one"


class MultiRoomDisabled(IntercomError, PermissionError):
    code = ErrorCode.MULTI_ROOM_DISABLED
    remedy = "being in several rooms is not enabled: log out of the first"


class MultiRoomExceeded(IntercomError, RuntimeError):
    code = ErrorCode.MULTI_ROOM_EXCEEDED
    remedy = "in as many rooms as one user may be: log out of one first"


class KickedOut(IntercomError, ConnectionError):
    code = ErrorCode.KICKED_OUT
    remedy = "the same user logged in elsewhere: give every station its own user ID"


class ConnectionBroken(IntercomError, ConnectionError):
    code = ErrorCode.CONNECTION_BROKEN
    remedy = "the connection to the room server broke; it is being retried"


class RoomDisconnected(IntercomError, ConnectionError):
    code = ErrorCode.ROOM_DISCONNECTED
    remedy = "the connection to the room is gone: log in again"


class RetryTimeout(IntercomError, TimeoutError):
    code = ErrorCode.RETRY_TIMEOUT
    remedy = "the room server could not be reached within the retry time"


class ManuallyKickedOut(IntercomError, ConnectionError):
    code = ErrorCode.MANUALLY_KICKED_OUT
    remedy = "the server's operator put this user out of the room"


class TokenExpiredKickedOut(IntercomError, ConnectionError):
    code = ErrorCode.TOKEN_EXPIRED_KICKED_OUT
    remedy = "put out since the token expired: log in with a new one, renew in time"


class SessionExceptionKickedOut(IntercomError, ConnectionError):
    code = ErrorCode.SESSION_EXCEPTION_KICKED_OUT
    remedy = "put out since the session was not sound: log in again"


class MultiRoomLoginOrder(IntercomError, RuntimeError):
    code = ErrorCode.MULTI_ROOM_LOGIN_ORDER
    remedy = "the rooms were entered in the wrong order: enter the main one first"


class MultiRoomLogoutOrder(IntercomError, RuntimeError):
    code = ErrorCode.MULTI_ROOM_LOGOUT_ORDER
    remedy = "the rooms were left in the wrong order: leave the main one last"


class MultiRoomNoPermission(IntercomError, PermissionError):
    code = ErrorCode.MULTI_ROOM_NO_PERMISSION
    remedy = "this AppID has no permission for several rooms: use one at a time"


class RoomIdInUse(IntercomError, ValueError):
    code = ErrorCode.ROOM_ID_IN_USE
    remedy = "this client uses that room ID already: choose another"


class MultiRoomDeprecated(IntercomError, RuntimeError):
    code = ErrorCode.MULTI_ROOM_DEPRECATED
    remedy = "this way into several rooms is gone: use the login of one room"


class UserInBlacklist(IntercomError, PermissionError):
    code = ErrorCode.USER_IN_BLACKLIST
    remedy = "this user is forbidden for now: ask the server's operator"


class NoToken(IntercomError, ValueError):
    code = ErrorCode.NO_TOKEN
    remedy = "there is neither AppSign nor token: give one of them"


class AppCallsTooFrequent(IntercomError, ConnectionError):
    code = ErrorCode.APP_CALLS_TOO_FREQUENT
    remedy = "the AppID makes too many calls: slow down"


class RoomCallsTooFrequent(IntercomError, ConnectionError):
    code = ErrorCode.ROOM_CALLS_TOO_FREQUENT
    remedy = "the room makes too many calls: slow down"


class TooManyCalls(IntercomError, ConnectionError):
    code = ErrorCode.TOO_MANY_CALLS
    remedy = "too many messages in a second: slow down"


class TokenInnerError(IntercomError, PermissionError):
    code = ErrorCode.TOKEN_INNER_ERROR
    remedy = "the token could not be checked: get a fresh one and try again"


class TokenFormatError(IntercomError, PermissionError):
    code = ErrorCode.TOKEN_FORMAT_ERROR
    remedy = "the token is not one, or its payload is not JSON: get a fresh one"


class TokenAppIdError(IntercomError, PermissionError):
    code = ErrorCode.TOKEN_APP_ID_ERROR
    remedy = "the token is for another AppID: get one for this AppID"


class TokenUserIdError(IntercomError, PermissionError):
    code = ErrorCode.TOKEN_USER_ID_ERROR
    remedy = "the token is for another user: get one for this user ID"


class TokenExpired(IntercomError, PermissionError):
    code = ErrorCode.TOKEN_EXPIRED
    remedy = "the token has expired: get a fresh one"


class TokenVersionError(IntercomError, PermissionError):
    code = ErrorCode.TOKEN_VERSION_ERROR
    remedy = "the token's version is unknown: make one that begins with 04"


class TokenNonceTypeError(IntercomError, PermissionError):
    code = ErrorCode.TOKEN_NONCE_TYPE_ERROR
    remedy = "the token's nonce is no number: make the token anew"


class MultiRoomRequired(IntercomError, RuntimeError):
    code = ErrorCode.MULTI_ROOM_REQUIRED
    remedy = "this call needs the mode of several rooms"


class RenewedTokenNoPublish(IntercomError, PermissionError):
    code = ErrorCode.RENEWED_TOKEN_NO_PUBLISH
    remedy = "the new token does not allow publishing: get one that does"


class LoginDataTooLong(IntercomError, ValueError):
    code = ErrorCode.LOGIN_DATA_TOO_LONG
    remedy = "the login's own data is too long: use at most 128 bytes"


class LicenseMissing(IntercomError, PermissionError):
    code = ErrorCode.LICENSE_MISSING
    remedy = "the server has no licence for this: ask its operator"


class LicenseExpired(IntercomError, PermissionError):
    code = ErrorCode.LICENSE_EXPIRED
    remedy = "the server's licence has expired: ask its operator"


class LoggedInElsewhere(IntercomError, ConnectionError):
    code = ErrorCode.LOGGED_IN_ELSEWHERE
    remedy = "the user logged in elsewhere meanwhile: log in again to take over"


class LicenseLimit(IntercomError, PermissionError):
    code = ErrorCode.LICENSE_LIMIT
    remedy = "the server's licence does not go that far: ask its operator"


class RoomInnerError(IntercomError, RuntimeError):
    code = ErrorCode.ROOM_INNER_ERROR
    remedy = "the server met a fault of its own: report it with its log"
