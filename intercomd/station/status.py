"""What a station can say of itself at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from intercomd.domain.room import PublisherState, RoomState
from intercomd.station.lights import Condition


@dataclass(frozen=True, slots=True)
class Heard:
    """A stream this station plays.

    level_dbov  0 (loudest) to 127
    delay_ms    how long its packets wait in the receive buffer
    latency_*   from the talker's microphone to this loudspeaker, where the clocks
                of both agree, else None
    """

    stream_id: str
    level_dbov: float
    received: int
    concealed: int
    late: int
    delay_ms: float
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    first_sound_ms: float | None


@dataclass(frozen=True, slots=True)
class StationStatus:
    """A reading of one station; times are since it was started.

    condition   what its light shows
    last_talker  the user ID, "" if nobody has talked yet
    is_talking  the talk gate is open, and the microphone gives frames
    repairs     how often each rung of its self-repair was tried, by the rung's name
    """

    user_id: str
    room_id: str
    room_state: RoomState
    publisher_state: PublisherState
    condition: Condition
    is_talking: bool
    is_kicked: bool
    last_talker: str
    listeners: int
    microphone_dbov: float
    frames_sent: int
    heard: tuple[Heard, ...]
    rtt_ms: float | None
    sent_loss: float | None
    history: tuple[str, ...]
    repairs: Mapping[str, int] = field(default_factory=dict)
