"""How good a stream is: the reference's figures, its level, and the rules for it.

Pure arithmetic on what was measured elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class QualityLevel(IntEnum):
    """How a stream fares, from the reference."""

    EXCELLENT = 0
    GOOD = 1
    MEDIUM = 2
    BAD = 3
    DIE = 4
    UNKNOWN = 5


MOS_UNKNOWN = -1.0

LOSS_STEPS = (0.02, 0.05, 0.10, 0.30)
RTT_STEPS_MS = (100.0, 200.0, 400.0, 1000.0)
JITTER_STEPS_MS = (20.0, 40.0, 80.0, 200.0)
"""Up to the first it is EXCELLENT, then GOOD, MEDIUM and BAD; above the last DIE."""


@dataclass(frozen=True, slots=True)
class PublishStreamQuality:
    """A published stream over the last interval; `*_bytes` since it is published.

    audio_capture_fps  microphone frames of 10 ms taken a second
    audio_send_fps     frames sent a second; silence that one packet stands for counts
    audio_kbps         of sound, headers not counted
    rtt_ms             to the server and back, None while unknown
    packet_lost_rate   0.0 to 1.0, on the way to the server, as it last reported
    jitter_ms          on that way; ours, not the reference's; None while unknown
    """

    audio_capture_fps: float = 0.0
    audio_send_fps: float = 0.0
    audio_kbps: float = 0.0
    rtt_ms: float | None = None
    packet_lost_rate: float = 0.0
    jitter_ms: float | None = None
    level: QualityLevel = QualityLevel.UNKNOWN
    total_send_bytes: int = 0
    audio_send_bytes: int = 0


@dataclass(frozen=True, slots=True)
class PlayStreamQuality:
    """A played stream over the last interval; cumulative figures since it is played.

    audio_recv_fps       packets received a second
    audio_dejitter_fps   packets that left the receive buffer in time, a second
    audio_decode_fps     packets decoded a second
    audio_render_fps     frames of 10 ms mixed into the loudspeaker a second
    audio_kbps           of sound, headers not counted
    audio_break_rate     breaks in 10 s
    mos                  1.0 to 4.5, an estimate (`mos`), -1.0 unknown
    rtt_ms               to the server and back, None while unknown
    packet_lost_rate     0.0 to 1.0: what never came. The server keeps the gaps of
                         the way to it, so this is of the whole way, and
    peer_to_peer_packet_lost_rate  is the same
    peer_to_peer_delay_ms  microphone to loudspeaker, None unless both clocks agree
    delay_ms             from reception to the mixer
    jitter_ms            on the way from the server; ours, not the reference's
    audio_cumulative_break_rate  of the time decoded, 0 to 100
    audio_cumulative_decode_time_ms  how much sound was decoded
    """

    audio_recv_fps: float = 0.0
    audio_dejitter_fps: float = 0.0
    audio_decode_fps: float = 0.0
    audio_render_fps: float = 0.0
    audio_kbps: float = 0.0
    audio_break_rate: float = 0.0
    mos: float = MOS_UNKNOWN
    rtt_ms: float | None = None
    packet_lost_rate: float = 0.0
    peer_to_peer_delay_ms: float | None = None
    peer_to_peer_packet_lost_rate: float = 0.0
    level: QualityLevel = QualityLevel.UNKNOWN
    delay_ms: float = 0.0
    jitter_ms: float | None = None
    total_recv_bytes: int = 0
    audio_recv_bytes: int = 0
    audio_cumulative_break_count: int = 0
    audio_cumulative_break_time_ms: int = 0
    audio_cumulative_break_rate: float = 0.0
    audio_cumulative_decode_time_ms: int = 0
    mute_audio: bool = False


@dataclass(frozen=True, slots=True)
class RtcStats:
    """The media connection over the last interval, all its streams together.

    total_tx_kbps, total_rx_kbps  of sound, headers not counted
    avg_tx_rtt_ms                 to the server and back, None while unknown
    avg_tx_packet_lost_rate       0.0 to 1.0, on the way to the server
    avg_rx_packet_lost_rate       the same, on the way here
    avg_peer_to_peer_delay_ms     microphone to loudspeaker, None unless known
    """

    total_tx_kbps: float
    total_rx_kbps: float
    avg_tx_rtt_ms: float | None
    avg_tx_packet_lost_rate: float
    avg_rx_packet_lost_rate: float
    avg_peer_to_peer_delay_ms: float | None


def quality_level(
    loss: float | None, rtt_ms: float | None, jitter_ms: float | None
) -> QualityLevel:
    """The worst of what loss (0..1), round trip and jitter say each on its own.

    What is None is not known and says nothing; if nothing is, UNKNOWN.
    """
    steps = ((loss, LOSS_STEPS), (rtt_ms, RTT_STEPS_MS), (jitter_ms, JITTER_STEPS_MS))
    return max(
        (_step(value, limits) for value, limits in steps if value is not None),
        default=QualityLevel.UNKNOWN,
    )


def _step(value: float, limits: tuple[float, ...]) -> QualityLevel:
    return QualityLevel(sum(value > limit for limit in limits))


OPUS_BPL = 9.8
"""How robust Opus with its concealment is against random loss, in the E-model's terms.

Measured by P.863 at 40 kbit/s super-wideband, variable bitrate, without redundancy:
Alahmadi, Pocta, Melvin, "An Adaptive Bitrate Switching Algorithm for Speech
Applications in Context of WebRTC", ACM TOMM 17(4), 2021, doi 10.1145/3458751. ITU-T
G.113 has no value for Opus; the paper's go from 9.8 to 11.3 at 19 kbit/s and above.
"""


def mos(loss: float, delay_ms: float) -> float:
    """A listener's mark out of 5, by the E-model (ITU-T G.107) in its short form.

    `loss` is 0..1 and taken as random, `delay_ms` from mouth to ear. The codec's own
    impairment is taken as 0, which is an assumption: at our bitrates it is small, and
    what is published for Opus is on a wider scale than this one's.
    """
    late_ms = max(0.0, delay_ms - 177.3)
    loss_percent = 100.0 * loss
    impairment = 0.024 * delay_ms + 0.11 * late_ms
    impairment += 95.0 * loss_percent / (loss_percent + OPUS_BPL)
    rating = min(100.0, max(0.0, 93.2 - impairment))
    return max(1.0, 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating))
