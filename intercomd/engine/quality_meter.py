"""From two readings of the counters to the quality in between. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from intercomd.domain.audio import FRAME_MS
from intercomd.domain.quality import (
    MOS_UNKNOWN,
    PlayStreamQuality,
    PublishStreamQuality,
    QualityLevel,
    mos,
    quality_level,
)
from intercomd.media.playout import PlayoutStats
from intercomd.media.session_stats import ReceiveSlotStats, SendStats


@dataclass(frozen=True, slots=True)
class PublishReading:
    """The counters of one send slot and its microphone at one moment."""

    at: float
    frames_captured: int = 0
    frames_sent: int = 0
    sent: SendStats = field(default_factory=SendStats)
    rtt_ms: float | None = None


@dataclass(frozen=True, slots=True)
class PlayReading:
    """The counters of a played stream's receive slot at one moment.

    All zero while it waits for a slot: those who talk have them.
    """

    at: float
    received: ReceiveSlotStats = field(default_factory=ReceiveSlotStats)
    played: PlayoutStats = field(default_factory=PlayoutStats)
    rtt_ms: float | None = None
    is_muted: bool = False
    is_waiting: bool = False


class PublishMeter:
    """One published stream's quality, from reading to reading."""

    def __init__(self, first: PublishReading) -> None:
        self._before = first
        self._bytes = 0

    def read(self, now: PublishReading) -> PublishStreamQuality:
        """The quality since the last reading. DIE if nothing was sent at all."""
        before, self._before = self._before, now
        elapsed_s = max(now.at - before.at, 1e-3)
        count = _grown(before.sent.bytes, now.sent.bytes)
        self._bytes += count
        is_dead = now.sent.packets == before.sent.packets
        sent = now.sent
        return PublishStreamQuality(
            audio_capture_fps=(now.frames_captured - before.frames_captured)
            / elapsed_s,
            audio_send_fps=(now.frames_sent - before.frames_sent) / elapsed_s,
            audio_kbps=count * 8 / 1000 / elapsed_s,
            rtt_ms=now.rtt_ms,
            packet_lost_rate=sent.loss or 0.0,
            jitter_ms=sent.jitter_ms,
            level=QualityLevel.DIE
            if is_dead
            else quality_level(sent.loss, now.rtt_ms, sent.jitter_ms),
            total_send_bytes=self._bytes,
            audio_send_bytes=self._bytes,
        )


class PlayMeter:
    """One played stream's quality, from reading to reading."""

    def __init__(self, first: PlayReading) -> None:
        self._before = first
        self._bytes = 0

    def begin_from(self, now: PlayReading) -> None:
        """Compare the next reading with this one: the slot is another."""
        self._before = now

    def read(self, now: PlayReading) -> PlayStreamQuality:
        """The quality since the last reading. DIE if nothing came that should have,
        UNKNOWN while the stream is muted here or waits for a slot."""
        before, self._before = self._before, now
        elapsed_s = max(now.at - before.at, 1e-3)
        received = _grown(before.received.received, now.received.received)
        loss = _loss(before.received, now.received)
        jitter_ms = now.received.jitter_ms
        count = _grown(before.received.bytes, now.received.bytes)
        self._bytes += count
        played, was = now.played, before.played
        decoded_fps = _grown(was.played, played.played) / elapsed_s
        breaks = _grown(was.breaks, played.breaks)
        decoded_ms = FRAME_MS * played.rendered
        broken_ms = FRAME_MS * played.break_frames
        return PlayStreamQuality(
            audio_recv_fps=received / elapsed_s,
            audio_dejitter_fps=decoded_fps,
            audio_decode_fps=decoded_fps,
            audio_render_fps=_grown(was.rendered, played.rendered) / elapsed_s,
            audio_kbps=count * 8 / 1000 / elapsed_s,
            audio_break_rate=10 * breaks / elapsed_s,
            mos=_mos(now, loss) if received else MOS_UNKNOWN,
            rtt_ms=now.rtt_ms,
            packet_lost_rate=loss,
            peer_to_peer_delay_ms=played.latency_p50_ms,
            peer_to_peer_packet_lost_rate=loss,
            level=_level(now, received, loss),
            delay_ms=played.delay_ms,
            jitter_ms=jitter_ms,
            total_recv_bytes=self._bytes,
            audio_recv_bytes=self._bytes,
            audio_cumulative_break_count=played.breaks,
            audio_cumulative_break_time_ms=broken_ms,
            audio_cumulative_break_rate=100 * broken_ms / max(decoded_ms, broken_ms, 1),
            audio_cumulative_decode_time_ms=decoded_ms,
            mute_audio=now.is_muted,
        )


def _grown(before: int, now: int) -> int:
    """By how much a counter grew; one that fell began anew."""
    return now - before if now >= before else now


def _loss(before: ReceiveSlotStats, now: ReceiveSlotStats) -> float:
    expected = _grown(before.expected, now.expected)
    received = _grown(before.received, now.received)
    return max(0.0, 1 - received / expected) if expected else 0.0


def _mos(now: PlayReading, loss: float) -> float:
    delay_ms = now.played.latency_p50_ms
    if delay_ms is None:  # the clocks disagree: as far as it is known
        delay_ms = now.played.delay_ms + (now.rtt_ms or 0.0)
    return mos(loss, delay_ms)


def _level(now: PlayReading, received: int, loss: float) -> QualityLevel:
    if now.is_muted or now.is_waiting:
        return QualityLevel.UNKNOWN
    if not received:
        return QualityLevel.DIE
    return quality_level(loss, now.rtt_ms, now.received.jitter_ms)
