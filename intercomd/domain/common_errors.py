"""Errors of the engine as a whole and of its set-up: 1000xxx and 1001xxx."""

from __future__ import annotations

from intercomd.domain.error_codes import ErrorCode, IntercomError


class EngineNotCreated(IntercomError, RuntimeError):
    code = ErrorCode.ENGINE_NOT_CREATED
    remedy = "the engine does not exist or was destroyed: create it first"


class NotLoggedIn(IntercomError, RuntimeError):
    code = ErrorCode.NOT_LOGGED_IN
    remedy = "not in a room: log in first"


class EngineNotStarted(IntercomError, RuntimeError):
    code = ErrorCode.ENGINE_NOT_STARTED
    remedy = "no sound runs yet: publish, play or start the level monitor first"


class UnsupportedPlatform(IntercomError, NotImplementedError):
    code = ErrorCode.UNSUPPORTED_PLATFORM
    remedy = "this machine cannot do that: leave the call out here"


class EventHandlerExists(IntercomError, RuntimeError):
    code = ErrorCode.EVENT_HANDLER_EXISTS
    remedy = "there is an event handler already: remove it before setting another"


class ModuleMissing(IntercomError, NotImplementedError):
    code = ErrorCode.MODULE_MISSING
    remedy = "this build does not have that feature: leave the call out"


class StreamIdTooLong(IntercomError, ValueError):
    code = ErrorCode.STREAM_ID_TOO_LONG
    remedy = "the stream ID is too long: use at most 255 bytes"


class StreamIdNull(IntercomError, ValueError):
    code = ErrorCode.STREAM_ID_NULL
    remedy = "the stream ID is empty: use 1 to 255 of 0-9 A-Z a-z _ -"


class StreamIdInvalidCharacter(IntercomError, ValueError):
    code = ErrorCode.STREAM_ID_INVALID_CHARACTER
    remedy = "the stream ID has a character other than 0-9 A-Z a-z _ -"


class IllegalParameter(IntercomError, ValueError):
    code = ErrorCode.ILLEGAL_PARAMETER
    remedy = "a parameter is out of its range: see the call's documentation"


class UserNotSame(IntercomError, ValueError):
    code = ErrorCode.USER_NOT_SAME
    remedy = "the user differs from the one logged in: use the same ID and name"


class AppOffline(IntercomError, PermissionError):
    code = ErrorCode.APP_OFFLINE
    remedy = "the AppID was taken off line: have the server's operator enable it"


class AppMisconfigured(IntercomError, RuntimeError):
    code = ErrorCode.APP_MISCONFIGURED
    remedy = "the server's settings of this AppID are wrong: tell its operator"


class AppAccessDenied(IntercomError, PermissionError):
    code = ErrorCode.APP_ACCESS_DENIED
    remedy = "the AppID may not be used from here: ask the server's operator"


class DnsFailed(IntercomError, ConnectionError):
    code = ErrorCode.DNS_FAILED
    remedy = "the server's name was not found: check it and the name service"


class DispatchFailed(IntercomError, ConnectionError):
    code = ErrorCode.DISPATCH_FAILED
    remedy = "no server could be assigned: try again later"


class ConfigAfterEngineStarted(IntercomError, RuntimeError):
    code = ErrorCode.CONFIG_AFTER_ENGINE_STARTED
    remedy = "that must be set before any sound runs: stop all streams first"


class ConfigAfterLogin(IntercomError, RuntimeError):
    code = ErrorCode.CONFIG_AFTER_LOGIN
    remedy = "that must be set before the login: log out first"


class InnerNullPointer(IntercomError, RuntimeError):
    code = ErrorCode.INNER_NULL_POINTER
    remedy = "the engine met a fault of its own: report it with the log"


class AppIdZero(IntercomError, ValueError):
    code = ErrorCode.APP_ID_ZERO
    remedy = "the AppID is not a number from 1 to 4294967295"


class AppSignInvalidLength(IntercomError, ValueError):
    code = ErrorCode.APP_SIGN_INVALID_LENGTH
    remedy = "the AppSign is not 64 hexadecimal digits long"


class AppSignInvalidCharacter(IntercomError, ValueError):
    code = ErrorCode.APP_SIGN_INVALID_CHARACTER
    remedy = "the AppSign has a character that is no hexadecimal digit"


class AppSignNull(IntercomError, ValueError):
    code = ErrorCode.APP_SIGN_NULL
    remedy = "the AppSign is empty: give the 64 hexadecimal digits the server has"


class AppIdIncorrect(IntercomError, PermissionError):
    code = ErrorCode.APP_ID_INCORRECT
    remedy = "the server does not know this AppID: compare it with the server's"


class AppSignIncorrect(IntercomError, PermissionError):
    code = ErrorCode.APP_SIGN_INCORRECT
    remedy = "the AppSign does not fit the AppID: compare it with the server's"


class LicenseNull(IntercomError, ValueError):
    code = ErrorCode.LICENSE_NULL
    remedy = "the licence is empty: give the one the server's operator has"


class LogNotWritable(IntercomError, PermissionError):
    code = ErrorCode.LOG_NOT_WRITABLE
    remedy = "the log cannot be written: choose a folder this user may write to"


class LogPathTooLong(IntercomError, ValueError):
    code = ErrorCode.LOG_PATH_TOO_LONG
    remedy = "the path of the log is too long: choose a shorter one"


class RoomModeTooLate(IntercomError, RuntimeError):
    code = ErrorCode.ROOM_MODE_TOO_LATE
    remedy = "the room mode must be set before the engine is created"


class GeoFenceTooLate(IntercomError, RuntimeError):
    code = ErrorCode.GEO_FENCE_TOO_LATE
    remedy = "the geographical fence must be set before the engine is created"


class ExperimentalJsonInvalid(IntercomError, ValueError):
    code = ErrorCode.EXPERIMENTAL_JSON_INVALID
    remedy = "the experimental call's text is not the JSON it should be"
