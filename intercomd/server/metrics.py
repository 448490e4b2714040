"""What the room server counts, for Prometheus.

The hot path adds to plain integers; they are read when somebody scrapes.
"""

from __future__ import annotations

import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

RoomCounts = Callable[[], tuple[int, int, int]]


class Metrics(Collector):
    """The counters of one server, and how they are told."""

    def __init__(self) -> None:
        self.started_at = time.monotonic()
        self.connections = 0
        self.connections_refused = 0
        self.messages = 0
        self.errors: Tally[int] = Tally()
        self.packets_in = 0
        self.packets_out = 0
        self._room_counts: RoomCounts = lambda: (0, 0, 0)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def watch(self, room_counts: RoomCounts) -> None:
        """Read how many rooms, users and streams there are from here."""
        self._room_counts = room_counts

    @property
    def uptime_s(self) -> float:
        """Seconds since the server was made."""
        return time.monotonic() - self.started_at

    @property
    def counts(self) -> dict[str, int]:
        """How many rooms, users and streams there are."""
        rooms, users, streams = self._room_counts()
        return {"rooms": rooms, "users": users, "streams": streams}

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Called by the registry at every scrape."""
        for name, count in self.counts.items():
            yield GaugeMetricFamily(f"intercom_{name}", f"{name} now", count)
        yield GaugeMetricFamily(
            "intercom_connections", "signalling connections now", self.connections
        )
        yield GaugeMetricFamily(
            "intercom_uptime_seconds", "time since the start", self.uptime_s
        )
        yield from self._counters()

    def _counters(self) -> Iterator[Metric]:
        for name, text, value in (
            (
                "connections_refused",
                "connections over a limit",
                self.connections_refused,
            ),
            ("messages", "signalling messages received", self.messages),
            ("packets_in", "media packets received", self.packets_in),
            ("packets_out", "media packets forwarded", self.packets_out),
        ):
            yield CounterMetricFamily(f"intercom_{name}", text, value)
        errors = CounterMetricFamily(
            "intercom_errors", "requests refused, by error code", labels=["code"]
        )
        for code, count in self.errors.items():
            errors.add_metric([str(int(code))], count)
        yield errors
