"""Errors of microphones, loudspeakers and their meters: 1006xxx."""

from __future__ import annotations

from intercomd.domain.error_codes import ErrorCode, IntercomError


class DeviceFailed(IntercomError, OSError):
    code = ErrorCode.DEVICE_FAILED
    remedy = "the device failed: unplug it, plug it in again, or use another"


class DeviceIdInvalid(IntercomError, ValueError):
    code = ErrorCode.DEVICE_ID_INVALID
    remedy = "there is no device of this ID: take one of the list of devices"


class DevicePermissionDenied(IntercomError, PermissionError):
    code = ErrorCode.DEVICE_PERMISSION_DENIED
    remedy = "the device may not be used: allow it, say by the group 'audio'"


class DeviceCapturesNothing(IntercomError, OSError):
    code = ErrorCode.DEVICE_CAPTURES_NOTHING
    remedy = "the device gives no sound: check its switch and cable"


class DeviceOccupied(IntercomError, OSError):
    code = ErrorCode.DEVICE_OCCUPIED
    remedy = "another program uses the device: close that one"


class DeviceUnplugged(IntercomError, OSError):
    code = ErrorCode.DEVICE_UNPLUGGED
    remedy = "the device is unplugged: plug it in"


class DeviceRebootRequired(IntercomError, OSError):
    code = ErrorCode.DEVICE_REBOOT_REQUIRED
    remedy = "the device works again only after a restart: restart this machine"


class MediaServicesLost(IntercomError, OSError):
    code = ErrorCode.MEDIA_SERVICES_LOST
    remedy = "the system's sound service is gone: start it again"


class DeviceListNull(IntercomError, ValueError):
    code = ErrorCode.DEVICE_LIST_NULL
    remedy = "there is no list of devices to free: get one first"


class SoundLevelIntervalInvalid(IntercomError, ValueError):
    code = ErrorCode.SOUND_LEVEL_INTERVAL_INVALID
    remedy = "the sound level's interval must be 100 to 3000 ms"


class SpectrumIntervalInvalid(IntercomError, ValueError):
    code = ErrorCode.SPECTRUM_INTERVAL_INVALID
    remedy = "the spectrum's interval must be 10 ms at least"


class VadTypeInvalid(IntercomError, ValueError):
    code = ErrorCode.VAD_TYPE_INVALID
    remedy = "there is no such kind of voice detection"


class DeviceInnerError(IntercomError, RuntimeError):
    code = ErrorCode.DEVICE_INNER_ERROR
    remedy = "the device met a fault of the engine's own: report it with the log"
