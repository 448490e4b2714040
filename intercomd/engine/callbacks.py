"""Who wants to hear of which event, and how an event becomes a call.

Every event of the reference has its name in snake_case and its arguments in the
reference's order.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from intercomd.domain.events import (
    ApiCalledResult,
    CapturedSoundLevelInfoUpdate,
    DebugError,
    EngineStateUpdate,
    Event,
    ImRecvBarrageMessage,
    ImRecvBroadcastMessage,
    ImRecvCustomCommand,
    LocalDeviceExceptionOccurred,
    PlayerMediaEventTold,
    PlayerQualityUpdate,
    PlayerRecvAudioFirstFrame,
    PlayerStateUpdate,
    PublisherCapturedAudioFirstFrame,
    PublisherListenersUpdate,
    PublisherQualityUpdate,
    PublisherSendAudioFirstFrame,
    PublisherStateUpdate,
    RemoteMicStateUpdate,
    RemoteSoundLevelUpdate,
    RoomExtraInfoUpdate,
    RoomOnlineUserCountUpdate,
    RoomStateChanged,
    RoomStreamExtraInfoUpdate,
    RoomStreamUpdate,
    RoomTokenWillExpire,
    RoomUserUpdate,
)

EVENTS = (
    "room_state_update",
    "room_state_changed",
    "room_user_update",
    "room_stream_update",
    "room_stream_extra_info_update",
    "room_online_user_count_update",
    "room_extra_info_update",
    "im_recv_broadcast_message",
    "im_recv_barrage_message",
    "im_recv_custom_command",
    "publisher_state_update",
    "player_state_update",
    "publisher_listeners_update",
    "engine_state_update",
    "remote_mic_state_update",
    "publisher_quality_update",
    "player_quality_update",
    "publisher_captured_audio_first_frame",
    "publisher_send_audio_first_frame",
    "player_recv_audio_first_frame",
    "player_media_event",
    "captured_sound_level_info_update",
    "remote_sound_level_update",
    "local_device_exception_occurred",
    "debug_error",
    "api_called_result",
    "room_token_will_expire",
)

Callback = Callable[..., object]
Spawn = Callable[[Coroutine[Any, Any, object]], None]

_log = logging.getLogger(__name__)


class Callbacks:
    """The callbacks of one engine, called in the order they were added.

    A plain function runs at once; the coroutine of an `async def` is given to
    `spawn`. What a callback raises is logged and stops nobody else.
    """

    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._callbacks: dict[str, list[Callback]] = {name: [] for name in EVENTS}

    def add(self, event: str, callback: Callback) -> None:
        """Call `callback` at every `event`; raise ValueError for an unknown one."""
        self._of(event).append(callback)

    def remove(self, event: str, callback: Callback | None) -> None:
        """Forget one callback, or with None all of this event."""
        callbacks = self._of(event)
        if callback is None:
            callbacks.clear()
        elif callback in callbacks:
            callbacks.remove(callback)

    def emit(self, event: Event) -> None:
        """Make the calls that tell of `event`."""
        for name, arguments in _calls(event):
            for callback in tuple(self._callbacks[name]):
                self._call(name, callback, arguments)

    def _of(self, event: str) -> list[Callback]:
        try:
            return self._callbacks[event]
        except KeyError:
            known = ", ".join(EVENTS)
            raise ValueError(f"no event {event!r}; there are: {known}") from None

    def _call(self, name: str, callback: Callback, arguments: tuple[Any, ...]) -> None:
        try:
            result = callback(*arguments)
        except Exception:  # noqa: BLE001 - whatever the application raises
            _log.exception("callback failed event=%s", name)
            return
        if inspect.iscoroutine(result):
            self._spawn(_guard(name, result))


async def _guard(name: str, coroutine: Coroutine[Any, Any, object]) -> None:
    try:
        await coroutine
    except Exception:  # noqa: BLE001 - whatever the application raises
        _log.exception("callback failed event=%s", name)


def _calls(event: Event) -> list[tuple[str, tuple[Any, ...]]]:
    """The calls an event becomes: a change of the room is told in both styles."""
    match event:
        case RoomStateChanged(room_id, reason, code, extended):
            return [
                ("room_state_update", (room_id, reason.state, code, extended)),
                ("room_state_changed", (room_id, reason, code, extended)),
            ]
        case RoomUserUpdate(room_id, update, users):
            return [("room_user_update", (room_id, update, users))]
        case RoomStreamUpdate(room_id, update, streams, extended):
            return [("room_stream_update", (room_id, update, streams, extended))]
        case RoomStreamExtraInfoUpdate(room_id, streams):
            return [("room_stream_extra_info_update", (room_id, streams))]
        case RoomOnlineUserCountUpdate(room_id, count):
            return [("room_online_user_count_update", (room_id, count))]
        case RoomExtraInfoUpdate(room_id, infos):
            return [("room_extra_info_update", (room_id, infos))]
        case ImRecvBroadcastMessage(room_id, broadcasts):
            return [("im_recv_broadcast_message", (room_id, broadcasts))]
        case ImRecvBarrageMessage(room_id, barrages):
            return [("im_recv_barrage_message", (room_id, barrages))]
        case ImRecvCustomCommand(room_id, from_user, command):
            return [("im_recv_custom_command", (room_id, from_user, command))]
        case PublisherStateUpdate(stream_id, publisher, code, extended):
            arguments = (stream_id, publisher, code, extended)
            return [("publisher_state_update", arguments)]
        case PlayerStateUpdate(stream_id, player, code, extended):
            return [("player_state_update", (stream_id, player, code, extended))]
        case RoomTokenWillExpire(room_id, remaining_s):
            return [("room_token_will_expire", (room_id, remaining_s))]
        case PublisherListenersUpdate(stream_id, count):
            return [("publisher_listeners_update", (stream_id, count))]
        case EngineStateUpdate(engine):
            return [("engine_state_update", (engine,))]
        case RemoteMicStateUpdate(stream_id, mic):
            return [("remote_mic_state_update", (stream_id, mic))]
        case PublisherQualityUpdate(stream_id, publish_quality):
            return [("publisher_quality_update", (stream_id, publish_quality))]
        case PlayerQualityUpdate(stream_id, play_quality):
            return [("player_quality_update", (stream_id, play_quality))]
        case PublisherCapturedAudioFirstFrame():
            return [("publisher_captured_audio_first_frame", ())]
        case PublisherSendAudioFirstFrame(channel):
            return [("publisher_send_audio_first_frame", (channel,))]
        case PlayerRecvAudioFirstFrame(stream_id):
            return [("player_recv_audio_first_frame", (stream_id,))]
        case PlayerMediaEventTold(stream_id, media):
            return [("player_media_event", (stream_id, media))]
        case CapturedSoundLevelInfoUpdate(info):
            return [("captured_sound_level_info_update", (info,))]
        case RemoteSoundLevelUpdate(levels):
            return [("remote_sound_level_update", (levels,))]
        case LocalDeviceExceptionOccurred(exception, device, device_id):
            told = (exception, device, device_id)
            return [("local_device_exception_occurred", told)]
        case DebugError(code, function, text):
            return [("debug_error", (code, function, text))]
        case ApiCalledResult(code, function, text):
            return [("api_called_result", (code, function, text))]
