"""What a demonstration showed, as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Sequence

from intercomd.station.status import StationStatus


def report(statuses: Sequence[StationStatus], connected_s: float | None) -> str:
    """The JSON text; times in ms, `connected_ms` since the demonstration began."""
    told = {
        "connected_ms": _ms(None if connected_s is None else 1000 * connected_s),
        "stations": {status.user_id: _station(status) for status in statuses},
    }
    return json.dumps(told, indent=2)


def _station(status: StationStatus) -> dict[str, object]:
    heard = status.heard
    first = [h.first_sound_ms for h in heard if h.first_sound_ms is not None]
    p50 = [h.latency_p50_ms for h in heard if h.latency_p50_ms is not None]
    p95 = [h.latency_p95_ms for h in heard if h.latency_p95_ms is not None]
    return {
        "states": list(status.history),
        "light": status.condition.value,
        "frames_sent": status.frames_sent,
        "frames_received": sum(h.received for h in heard),
        "frames_concealed": sum(h.concealed for h in heard),
        "latency_p50_ms": _ms(max(p50, default=None)),
        "latency_p95_ms": _ms(max(p95, default=None)),
        "first_sound_ms": _ms(min(first, default=None)),
    }


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
