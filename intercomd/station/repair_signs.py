"""Where the signs of what ails a station are read."""

from __future__ import annotations

import time
from collections.abc import Sequence

from intercomd.domain.room import PublisherState, RoomState
from intercomd.engine import Engine
from intercomd.media.session_stats import PeerStats
from intercomd.station.repair_symptoms import Signs
from intercomd.station.sound import SoundPart, flat_frames, pulses
from intercomd.station.status import StationStatus


def signs(engine: Engine, status: StationStatus, parts: Sequence[SoundPart]) -> Signs:
    """Read them all, in the event loop's thread."""
    stats = engine.stats()
    media = stats.media or PeerStats()
    is_published = status.publisher_state is PublisherState.PUBLISHING
    return Signs(
        pulses=pulses(parts),
        flat_frames=flat_frames(parts),
        is_connected=status.room_state is RoomState.CONNECTED and engine.is_media_up,
        is_playing=bool(stats.streams),
        is_publishing=is_published and stats.is_capturing,
        packets_received=media.packets_received,
        packets_sent=media.packets_sent,
        loop_cpu_s=time.thread_time(),
    )
