"""How the ways to and from the server are: this user's, and those it listens to.

While anything is published or played: every 2 s the qualities, which go to those
who play one's streams, too, and every 3 s the whole connection's figures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from intercomd.domain.events import Event
from intercomd.domain.monitor_events import (
    NetworkQuality,
    RemoteSpeakerStateUpdate,
    RtcStatsTold,
)
from intercomd.domain.quality import QualityLevel, RtcStats, quality_level
from intercomd.domain.sound import PUBLISH_CHANNELS, MicState
from intercomd.engine.heartbeats import HEARTBEAT_S, Heartbeats
from intercomd.engine.link import Link
from intercomd.engine.meters import Meters
from intercomd.engine.ticker import Ticker
from intercomd.media.playout import Playout
from intercomd.media.session_stats import PeerStats
from intercomd.protocol.client_events import PublisherReported, ReportWanted

STATS_S = 3.0


class NetworkMonitor:
    """Runs from `start` to `stop`."""

    def __init__(
        self,
        *,
        link: Link,
        playout: Playout,
        meters: Meters,
        speaker_state: Callable[[], MicState],
        on_event: Callable[[Event], None],
    ) -> None:
        self._link = link
        self._playout = playout
        self._meters = meters
        self._speaker_state = speaker_state
        self._on_event = on_event
        self._heartbeats = Heartbeats()
        self._speakers: dict[str, MicState] = {}
        self._received: dict[int, tuple[int, int]] = {}
        self._stats_before = PeerStats()
        self._stats_received = (0, 0)
        self._quality_ticker = Ticker(self._tell_quality)
        self._stats_ticker = Ticker(self._tell_stats)

    def start(self) -> None:
        self._quality_ticker.start(HEARTBEAT_S)
        self._stats_ticker.start(STATS_S)

    def stop(self) -> None:
        self._quality_ticker.stop()
        self._stats_ticker.stop()
        self._heartbeats = Heartbeats()
        self._speakers.clear()

    def take(self, report: PublisherReported) -> None:
        """What a publisher says of itself, to those who play its stream."""
        levels = QualityLevel(report.upstream), QualityLevel(report.downstream)
        now = time.monotonic()
        self._heartbeats.heard(report.stream_id, report.user_id, levels, now)
        state = MicState(report.speaker_state)
        if self._speakers.get(report.stream_id, MicState.OPEN) is not state:
            self._speakers[report.stream_id] = state
            self._on_event(RemoteSpeakerStateUpdate(report.stream_id, state))

    def interrupt(self, stream_id: str) -> None:
        """It is not there now. What was told of its publisher's loudspeaker stands
        until it says something else."""
        self._heartbeats.forget(stream_id)

    def forget(self, stream_id: str) -> None:
        """It is not played any more: what is told of it begins anew."""
        self.interrupt(stream_id)
        self._speakers.pop(stream_id, None)

    def report(self) -> None:
        """Say at once what those who play one's streams should know."""
        self._say(self._upstream(), self._downstream())

    def _tell_quality(self) -> None:
        upstream, downstream = self._upstream(), self._downstream()
        self._note_received()
        self._say(upstream, downstream)
        self._on_event(NetworkQuality("", upstream, downstream))
        for user_id, levels in self._heartbeats.levels(time.monotonic()).items():
            self._on_event(NetworkQuality(user_id, *levels))

    def _say(self, upstream: QualityLevel, downstream: QualityLevel) -> None:
        state = self._speaker_state()
        self._link.handle(ReportWanted(upstream, downstream, state))

    def _upstream(self) -> QualityLevel:
        """The worst of what is published."""
        media = self._link.media_stats
        if media is None or not self._meters.publishing:
            return QualityLevel.UNKNOWN
        sent = [self._link.send_stats(slot) for slot in PUBLISH_CHANNELS]
        return _worst(
            quality_level(each.loss, media.rtt_ms, each.jitter_ms)
            for each in sent
            if each.packets
        )

    def _downstream(self) -> QualityLevel:
        """The worst of what is played, since it was noted last."""
        media = self._link.media_stats
        if media is None:
            return QualityLevel.UNKNOWN
        levels = []
        for slot in self._link.slots.values():
            now = self._link.receive_stats(slot)
            loss = _lost(self._received.get(slot), (now.expected, now.received))
            if loss is not None:
                levels.append(quality_level(loss, media.rtt_ms, now.jitter_ms))
        return _worst(levels)

    def _note_received(self) -> None:
        self._received = {
            slot: (stats.expected, stats.received)
            for slot in self._link.slots.values()
            if (stats := self._link.receive_stats(slot)).expected
        }

    def _tell_stats(self) -> None:
        now = self._link.media_stats or PeerStats()
        before, self._stats_before = self._stats_before, now
        slots = self._link.slots.values()
        received = [self._link.receive_stats(slot) for slot in slots]
        sums = sum(r.expected for r in received), sum(r.received for r in received)
        delays = [self._playout.stats(slot).latency_p50_ms for slot in slots]
        known = [delay_ms for delay_ms in delays if delay_ms is not None]
        stats = RtcStats(
            total_tx_kbps=_kbps(before.bytes_sent, now.bytes_sent),
            total_rx_kbps=_kbps(before.bytes_received, now.bytes_received),
            avg_tx_rtt_ms=now.rtt_ms,
            avg_tx_packet_lost_rate=now.loss or 0.0,
            avg_rx_packet_lost_rate=_lost(self._stats_received, sums) or 0.0,
            avg_peer_to_peer_delay_ms=sum(known) / len(known) if known else None,
        )
        self._stats_received = sums
        self._on_event(RtcStatsTold(stats))


def _worst(levels: Iterable[QualityLevel]) -> QualityLevel:
    known = [level for level in levels if level is not QualityLevel.UNKNOWN]
    return max(known, default=QualityLevel.UNKNOWN)


def _lost(before: tuple[int, int] | None, now: tuple[int, int]) -> float | None:
    """The share of packets that did not come of those due; None if none was due."""
    expected, received = now
    if before is not None and before[0] <= expected and before[1] <= received:
        expected, received = expected - before[0], received - before[1]
    return max(0.0, 1 - received / expected) if expected else None


def _kbps(before: int, now: int) -> float:
    grown = now - before if now >= before else now
    return grown * 8 / 1000 / STATS_S
