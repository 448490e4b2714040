"""Which tone tells what: of the room's changes, and of a microphone that is gone."""

from __future__ import annotations

from intercomd.domain.room import RoomStateReason
from intercomd.domain.sound import DeviceExceptionType, DeviceType
from intercomd.engine import Engine
from intercomd.station.loudspeaker import Loudspeaker
from intercomd.station.tones import Tone

_TONES = {
    RoomStateReason.LOGINED: Tone.IN_ROOM,
    RoomStateReason.RECONNECTING: Tone.GONE,
    RoomStateReason.RECONNECTED: Tone.BACK,
    RoomStateReason.KICK_OUT: Tone.KICKED,
    RoomStateReason.LOGOUT: Tone.GONE,
}


class Announcer:
    """Plays a tone at each change that somebody at the station minds."""

    def __init__(self, engine: Engine, loudspeaker: Loudspeaker) -> None:
        self._loudspeaker = loudspeaker
        engine.on("room_state_changed", self._room_changed)
        engine.on("local_device_exception_occurred", self._device_failed)

    def tell_fault(self) -> None:
        """Something is wrong that the engine does not know."""
        self._loudspeaker.play(Tone.FAULT)

    def _room_changed(
        self, room_id: str, reason: RoomStateReason, code: int, extended: object
    ) -> None:
        del room_id, code, extended
        if (tone := _TONES.get(reason)) is not None:
            self._loudspeaker.play(tone)

    def _device_failed(
        self, exception: DeviceExceptionType, device: DeviceType, device_id: str
    ) -> None:
        del exception, device_id
        if device is DeviceType.MICROPHONE:
            self.tell_fault()
