"""Errors of publishing and playing: 1003xxx and 1004xxx."""

from __future__ import annotations

from intercomd.domain.error_codes import ErrorCode, IntercomError


class PublishFailed(IntercomError, ConnectionError):
    code = ErrorCode.PUBLISH_FAILED
    remedy = "no sound could be sent: check the microphone and the network"


class BitrateInvalid(IntercomError, ValueError):
    code = ErrorCode.BITRATE_INVALID
    remedy = "the bit rate is out of its range: use one of the audio presets"


class TrafficModeInvalid(IntercomError, ValueError):
    code = ErrorCode.TRAFFIC_MODE_INVALID
    remedy = "there is no such traffic control: use AUDIO_BITRATE or none"


class PublishInterrupted(IntercomError, ConnectionError):
    code = ErrorCode.PUBLISH_INTERRUPTED
    remedy = "publishing was interrupted by the network; it is being retried"


class PublishRetryTimeout(IntercomError, TimeoutError):
    code = ErrorCode.PUBLISH_RETRY_TIMEOUT
    remedy = "publishing could not be resumed within the retry time"


class AlreadyPublishing(IntercomError, RuntimeError):
    code = ErrorCode.ALREADY_PUBLISHING
    remedy = "this channel already publishes a stream: stop it first"


class PublishForbidden(IntercomError, PermissionError):
    code = ErrorCode.PUBLISH_FORBIDDEN
    remedy = "the server forbids publishing this stream: ask its operator"


class StreamIdTaken(IntercomError, RuntimeError):
    code = ErrorCode.STREAM_ID_TAKEN
    remedy = "another user publishes a stream of this ID: choose another"


class SideInfoNull(IntercomError, ValueError):
    code = ErrorCode.SIDE_INFO_NULL
    remedy = "the side information is empty: give 1 to 1023 bytes"


class SideInfoTooLong(IntercomError, ValueError):
    code = ErrorCode.SIDE_INFO_TOO_LONG
    remedy = "the side information is too long: use at most 1023 bytes"


class StreamExtraInfoNull(IntercomError, ValueError):
    code = ErrorCode.STREAM_EXTRA_INFO_NULL
    remedy = "the stream's extra info is empty: give 1 to 1023 bytes"


class StreamExtraInfoTooLong(IntercomError, ValueError):
    code = ErrorCode.STREAM_EXTRA_INFO_TOO_LONG
    remedy = "the stream's extra info is too long: use at most 1023 bytes"


class StreamExtraInfoFailed(IntercomError, ConnectionError):
    code = ErrorCode.STREAM_EXTRA_INFO_FAILED
    remedy = "the stream's extra info could not be updated: set it again"


class PublishNeedsMultiRoom(IntercomError, RuntimeError):
    code = ErrorCode.PUBLISH_NEEDS_MULTI_ROOM
    remedy = "publishing to a named room is for several rooms: leave the room out"


class PublishRoomIdMissing(IntercomError, ValueError):
    code = ErrorCode.PUBLISH_ROOM_ID_MISSING
    remedy = "in several rooms publishing must name its room"


class PublishAuthorizationFailed(IntercomError, PermissionError):
    code = ErrorCode.PUBLISH_AUTHORIZATION_FAILED
    remedy = "not allowed to publish this stream: renew the token with that right"


class PublishInnerError(IntercomError, RuntimeError):
    code = ErrorCode.PUBLISH_INNER_ERROR
    remedy = "publishing met a fault of its own: report it with the log"


class PlayFailed(IntercomError, ConnectionError):
    code = ErrorCode.PLAY_FAILED
    remedy = "no sound came: check the network and whether the stream is published"


class StreamNotFound(IntercomError, LookupError):
    code = ErrorCode.STREAM_NOT_FOUND
    remedy = "no stream of this ID is published: wait for it, or check the ID"


class PlayAuthorizationFailed(IntercomError, PermissionError):
    code = ErrorCode.PLAY_AUTHORIZATION_FAILED
    remedy = "not allowed to play this stream: renew the token"


class TooManyPlayed(IntercomError, RuntimeError):
    code = ErrorCode.TOO_MANY_PLAYED
    remedy = "as many streams are played as the server lets one user: stop one first"


class StreamNotPlayed(IntercomError, RuntimeError):
    code = ErrorCode.STREAM_NOT_PLAYED
    remedy = "this stream is not being played"


class PlayInterrupted(IntercomError, ConnectionError):
    code = ErrorCode.PLAY_INTERRUPTED
    remedy = "playing was interrupted by the network; it is being retried"


class PlayForbidden(IntercomError, PermissionError):
    code = ErrorCode.PLAY_FORBIDDEN
    remedy = "the server forbids playing this stream: ask its operator"


class PlayNeedsMultiRoom(IntercomError, RuntimeError):
    code = ErrorCode.PLAY_NEEDS_MULTI_ROOM
    remedy = "playing from a named room is for several rooms: leave the room out"


class PlayRoomIdMissing(IntercomError, ValueError):
    code = ErrorCode.PLAY_ROOM_ID_MISSING
    remedy = "in several rooms playing must name its room"


class PlayInnerError(IntercomError, RuntimeError):
    code = ErrorCode.PLAY_INNER_ERROR
    remedy = "playing met a fault of its own: report it with the log"
