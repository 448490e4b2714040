"""What an engine is made of, and what a login asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from intercomd.domain.errors import IllegalParameter
from intercomd.domain.processing import ProcessingSettings
from intercomd.domain.room import Scenario


@dataclass(frozen=True, slots=True)
class EngineProfile:
    """Whose engine it is: `createEngineWithProfile`'s argument, and the server.

    app_sign    64 hexadecimal digits, never logged, never sent; "" logs in by
                tokens (`RoomConfig.token`)
    server_url  ws:// or wss:// with host and port
    server_fingerprint  SHA-256 of the only certificate to trust, 64 hexadecimal
                        digits, colons allowed; "" verifies as any https does
    """

    app_id: int
    app_sign: str = field(default="", repr=False)
    scenario: Scenario = Scenario.DEFAULT
    server_url: str = "ws://127.0.0.1:8470"
    server_fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """How an engine behaves; the defaults are the reference's or measured.

    room_retry_time_s  how long a lost room is retried before it is given up
    av_retry_time_s    how long a stream is asked for before it is given up
    receive_slots      how many streams can be heard at once (1 to 32)
    first_wait_ms      how late packets may be in the first quarter of a second of a
                       stream; from then on that adapts to how late they are
    quality_interval_s how often quality is told
    enable_vad         whether channels begin as `talk_by_voice` has it: while nobody
                       speaks, silence is sent
    enable_dtx         whether silence is sent as a sign of life every 400 ms; else
                       as a packet for every frame
    processing         of the microphone's sound, until a call says otherwise
    """

    room_retry_time_s: float = 1200.0
    av_retry_time_s: float = 1200.0
    receive_slots: int = 8
    first_wait_ms: int = 10
    quality_interval_s: float = 3.0
    enable_vad: bool = False
    enable_dtx: bool = True
    processing: ProcessingSettings = field(default_factory=ProcessingSettings)


def advanced(config: Mapping[str, str]) -> EngineConfig:
    """An engine's config of the reference's text keys. Raises `IllegalParameter`."""
    given: dict[str, Any] = {}
    for key, text in config.items():
        if key not in _ADVANCED:
            known = ", ".join(_ADVANCED)
            raise IllegalParameter(f"no engine config {key!r}; there are: {known}")
        name, read = _ADVANCED[key]
        try:
            given[name] = read(text)
        except (KeyError, ValueError):
            raise IllegalParameter(f"engine config {key}: {text!r}") from None
    return EngineConfig(**given)


def _seconds(text: str) -> float:
    seconds = int(text)
    if seconds < 0:
        raise ValueError(text)
    return float(seconds)


_TRUTHS = {"true": True, "false": False}
_ADVANCED: dict[str, tuple[str, Callable[[str], object]]] = {
    "room_retry_time": ("room_retry_time_s", _seconds),
    "av_retry_time": ("av_retry_time_s", _seconds),
    "enable_vad": ("enable_vad", _TRUTHS.__getitem__),
    "enable_dtx": ("enable_dtx", _TRUTHS.__getitem__),
}


@dataclass(frozen=True, slots=True)
class RoomConfig:
    """`loginRoom`'s config: `is_user_status_notify` asks for `room_user_update`;
    `max_member_count` counts only when this login creates the room, 0 = any;
    `token` is a token04, required without AppSign."""

    is_user_status_notify: bool = False
    max_member_count: int = 0
    token: str = field(default="", repr=False)
