"""Microphone frames become packets."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from intercomd.domain.audio import FRAME_BYTES, SILENCE
from intercomd.media.opus import Encoder, packet_samples
from intercomd.media.packet import age_s
from intercomd.media.sender import Sender


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


def test_numbers_stay_unique_when_threads_encode_at_once() -> None:
    sender = make_sender()
    with ThreadPoolExecutor(4) as pool:
        packets = list(pool.map(lambda n: sender.encode(SILENCE, n / 100), range(200)))
    assert len({packet.sequence for packet in packets}) == 200
    sender.close()
    sender.close()
