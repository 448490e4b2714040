"""What an engine is made of, and what a login asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    receive_slots      how many streams can be played at once (1 to 32)
    first_wait_ms      how late packets may be in the first quarter of a second of a
                       stream; from then on that adapts to how late they are
    quality_interval_s how often quality is told
    """

    room_retry_time_s: float = 1200.0
    receive_slots: int = 8
    first_wait_ms: int = 10
    quality_interval_s: float = 3.0


@dataclass(frozen=True, slots=True)
class RoomConfig:
    """`loginRoom`'s config: `is_user_status_notify` asks for `room_user_update`;
    `max_member_count` counts only when this login creates the room, 0 = any;
    `token` is a token04, required without AppSign."""

    is_user_status_notify: bool = False
    max_member_count: int = 0
    token: str = field(default="", repr=False)
