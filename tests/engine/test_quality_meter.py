"""From counters to quality, between two readings."""

from __future__ import annotations

import pytest

from intercomd.domain.quality import MOS_UNKNOWN, QualityLevel
from intercomd.engine.quality_meter import (
    PlayMeter,
    PlayReading,
    PublishMeter,
    PublishReading,
)
from intercomd.media.playout import PlayoutStats
from intercomd.media.session_stats import ReceiveSlotStats, SendStats


def test_a_publishers_rates_are_of_the_interval_and_its_bytes_of_all() -> None:
    meter = PublishMeter(PublishReading(10.0, 100, 50, SendStats(50, 3000), 1.0))
    meter.read(PublishReading(12.0, 300, 250, SendStats(250, 15_000), 1.0))
    sent = SendStats(400, 27_000, loss=0.04, jitter_ms=2.0)
    quality = meter.read(PublishReading(14.0, 500, 450, sent, 20.0))
    assert quality.audio_capture_fps == quality.audio_send_fps == 100
    assert quality.audio_kbps == 48
    assert quality.audio_send_bytes == quality.total_send_bytes == 24_000
    assert quality.packet_lost_rate == 0.04
    assert quality.rtt_ms == 20.0
    assert quality.level is QualityLevel.GOOD


def test_a_publisher_that_sends_nothing_is_dead() -> None:
    meter = PublishMeter(PublishReading(10.0, 0, 0, SendStats(50, 3000), 1.0))
    quality = meter.read(PublishReading(13.0, 300, 0, SendStats(50, 3000), 1.0))
    assert quality.level is QualityLevel.DIE


def test_counters_that_begin_anew_with_a_new_connection_are_no_loss() -> None:
    meter = PublishMeter(PublishReading(10.0, 0, 0, SendStats(500, 30_000), 1.0))
    quality = meter.read(PublishReading(11.0, 100, 100, SendStats(100, 6000), 1.0))
    assert quality.audio_kbps == 48
    assert quality.audio_send_bytes == 6000


def test_a_players_loss_is_of_the_interval() -> None:
    meter = PlayMeter(PlayReading(10.0, ReceiveSlotStats(1000, 500)))
    now = ReceiveSlotStats(1100, 590, 5400, 3.0)
    played = PlayoutStats(played=90, rendered=100, delay_ms=21.0, latency_p50_ms=60.0)
    quality = meter.read(PlayReading(11.0, now, played, 10.0))
    assert quality.packet_lost_rate == pytest.approx(0.1)
    assert quality.audio_recv_fps == quality.audio_decode_fps == 90
    assert quality.audio_render_fps == 100
    assert quality.audio_kbps == pytest.approx(43.2)
    assert quality.peer_to_peer_delay_ms == 60.0
    assert quality.level in (QualityLevel.MEDIUM, QualityLevel.BAD)
    assert 1 < quality.mos < 4


def test_repairs_that_come_late_are_not_less_than_no_loss() -> None:
    meter = PlayMeter(PlayReading(10.0, ReceiveSlotStats(100, 90)))
    quality = meter.read(PlayReading(11.0, ReceiveSlotStats(200, 200)))
    assert quality.packet_lost_rate == 0


def test_breaks_are_counted_in_all_and_in_ten_seconds() -> None:
    meter = PlayMeter(PlayReading(10.0, played=PlayoutStats(breaks=1)))
    played = PlayoutStats(rendered=270, breaks=3, break_frames=30)
    received = ReceiveSlotStats(300, 300)
    quality = meter.read(PlayReading(15.0, received, played))
    assert quality.audio_break_rate == pytest.approx(4.0)
    assert quality.audio_cumulative_break_count == 3
    assert quality.audio_cumulative_break_time_ms == 300
    assert quality.audio_cumulative_break_rate == pytest.approx(100 * 300 / 2700)


def test_a_player_to_whom_nothing_comes_is_dead_unless_it_is_muted() -> None:
    for is_muted, level in ((False, QualityLevel.DIE), (True, QualityLevel.UNKNOWN)):
        meter = PlayMeter(PlayReading(10.0))
        quality = meter.read(PlayReading(13.0, is_muted=is_muted))
        assert quality.level is level
        assert quality.mos == MOS_UNKNOWN
        assert quality.mute_audio is is_muted
