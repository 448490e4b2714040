"""Errors the reference does not know, from 2000001 on: wire, files, devices."""

from __future__ import annotations

from intercomd.domain.error_codes import ErrorCode, IntercomError


class WireMalformed(IntercomError, ValueError):
    code = ErrorCode.WIRE_MALFORMED
    remedy = "the message is not one of docs/protocol.md"


class WireOutOfOrder(IntercomError, RuntimeError):
    code = ErrorCode.WIRE_OUT_OF_ORDER
    remedy = "the message is not allowed now: see the order in docs/protocol.md"


class MediaRefused(IntercomError, ValueError):
    code = ErrorCode.MEDIA_REFUSED
    remedy = "the offer is not one the room server can answer"


class PacketMalformed(IntercomError, ValueError):
    code = ErrorCode.PACKET_MALFORMED
    remedy = "the packet is no Opus sound and was not played"


class ConfigInvalid(IntercomError, ValueError):
    code = ErrorCode.CONFIG_INVALID
    remedy = "the configuration cannot be used"

    def __str__(self) -> str:
        return self.detail or self.remedy


class ConfigUnreadable(IntercomError, OSError):
    code = ErrorCode.CONFIG_UNREADABLE
    remedy = "the file cannot be read: look whether its name and rights are right"


class ListenRefused(IntercomError, OSError):
    code = ErrorCode.LISTEN_REFUSED
    remedy = "the room server cannot listen there: choose another host or port"


class DeviceUnavailable(IntercomError, OSError):
    code = ErrorCode.DEVICE_UNAVAILABLE
    remedy = "the sound card cannot be opened: see 'aplay -L' and 'arecord -L'"


class LibraryMissing(IntercomError, ImportError):
    code = ErrorCode.LIBRARY_MISSING
    remedy = "a library is missing: install it with apt-get or pip as named"


class PinUnavailable(IntercomError, OSError):
    code = ErrorCode.PIN_UNAVAILABLE
    remedy = "the pin cannot be used: look for who else uses it, and for group 'gpio'"


class InstallRefused(IntercomError, OSError):
    code = ErrorCode.INSTALL_REFUSED
    remedy = "the service cannot be put in place: be root, or say where to"

    def __str__(self) -> str:
        return self.detail or self.remedy


class StationAbsent(IntercomError, OSError):
    code = ErrorCode.STATION_ABSENT
    remedy = "no station runs here, or you are not in the group 'intercom'"


class ControlRefused(IntercomError, ValueError):
    code = ErrorCode.CONTROL_REFUSED
    remedy = "the station does not do that now"

    def __str__(self) -> str:
        return self.detail or self.remedy


class RoomNotFound(IntercomError, LookupError):
    code = ErrorCode.ROOM_NOT_FOUND
    remedy = "there is no such room now: see 'intercomd room list'"
