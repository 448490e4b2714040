"""Microphone frames become packets."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from intercomd.domain.audio import FRAME_BYTES, SILENCE
from intercomd.media.opus import Application, Decoder, Encoder, packet_samples
from intercomd.media.packet import age_s
from intercomd.media.sender import Sender
from tests.media.test_opus import tone


def make_sender() -> Sender:
    return Sender(Encoder())


def test_frames_in_a_row_are_numbered_by_their_samples() -> None:
    sender = make_sender()
    packets = [sender.encode(SILENCE, 5.0 + 0.01 * n) for n in range(5)]
    first = packets[0]
    for n, packet in enumerate(packets):
        assert (packet.sequence - first.sequence) & 0xFFFF == n
        assert (packet.timestamp - first.timestamp) & 0xFFFFFFFF == 480 * n
        assert packet_samples(packet.payload) == 480


def test_20_ms_advance_by_960() -> None:
    sender = make_sender()
    first = sender.encode(bytes(2 * FRAME_BYTES), 1.0)
    second = sender.encode(bytes(2 * FRAME_BYTES), 1.02)
    assert (second.timestamp - first.timestamp) & 0xFFFFFFFF == 960


def test_jitter_of_the_card_does_not_reach_the_numbers() -> None:
    sender = make_sender()
    first = sender.encode(SILENCE, 1.0)
    second = sender.encode(SILENCE, 1.024)
    assert (second.timestamp - first.timestamp) & 0xFFFFFFFF == 480
    assert not second.marker


def test_pause_moves_the_timestamp_and_marks_the_new_spurt() -> None:
    sender = make_sender()
    before = sender.encode(SILENCE, 1.0)
    after = sender.encode(SILENCE, 3.0)
    assert before.marker
    assert after.marker
    assert (after.sequence - before.sequence) & 0xFFFF == 1
    assert (after.timestamp - before.timestamp) & 0xFFFFFFFF == 2 * 48_000


def test_first_sequence_is_in_the_lower_half() -> None:
    assert all(make_sender().encode(SILENCE, 1.0).sequence < 1 << 15 for _ in range(20))


def test_packet_says_when_it_was_captured() -> None:
    packet = make_sender().encode(SILENCE, time.monotonic() - 0.25)
    assert packet.sent_at is not None
    assert age_s(packet.sent_at, time.time()) == pytest.approx(0.25, abs=0.05)


def test_packet_says_how_loud_it_is() -> None:
    assert make_sender().encode(SILENCE, 1.0).level == 127


def changes_of_curvature(pcm: bytes) -> float:
    """The sharpest corner of the wave: a click is one."""
    return float(np.abs(np.diff(np.frombuffer(pcm, np.int16).astype(float), 2)).max())


def test_changing_rate_and_mode_neither_clicks_nor_resets_the_numbers() -> None:
    """A tone by one decoder, across 48, 24, 20 (voice, 20 and 60 ms) and 48 kbit/s."""
    sender = Sender(Encoder())
    decoder = Decoder()
    steady, changing = 0.0, 0.0
    packets = []
    start = 0
    for step in range(200):
        if step == 50:
            sender.set_bitrate(24_000)
        elif step == 100:
            sender.use(Encoder(application=Application.VOIP, bitrate_bps=20_000))
        elif step == 150:
            sender.use(Encoder())
        ms = 60 if 125 <= step < 150 else 20 if 100 <= step < 125 else 10
        packets.append(sender.encode(tone(ms, start=start), start / 48_000))
        start += ms * 48
        corner = changes_of_curvature(decoder.decode(packets[-1].payload))
        if step > 5:
            if step % 50 < 5:
                changing = max(changing, corner)
            else:
                steady = max(steady, corner)
    assert changing < 2 * steady
    for before, after in pairwise(packets):
        assert after.sequence == (before.sequence + 1) & 0xFFFF
        assert not after.marker
