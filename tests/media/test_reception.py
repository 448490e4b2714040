"""What a receiver report says."""

from __future__ import annotations

import pytest

from intercomd.media.reception import Reception
from intercomd.media.rtcp import Block


def reported(reception: Reception, now: float = 0.0) -> Block:
    block = reception.block(now)
    assert block is not None
    return block


def test_nothing_received_is_not_reported() -> None:
    assert Reception(1).block(0.0) is None


def test_loss_is_counted_since_the_last_report_and_in_all() -> None:
    reception = Reception(1)
    for sequence in range(100):
        if sequence % 4:
            reception.received(sequence + 1, 480 * sequence, sequence / 100)
    first = reported(reception)
    assert first.fraction_lost == pytest.approx(64, abs=2)
    assert first.packets_lost == 24
    reception.received(101, 48_000, 1.0)
    second = reported(reception)
    assert second.fraction_lost == 0
    assert second.packets_lost == 24


def test_highest_sequence_counts_the_wraps() -> None:
    reception = Reception(1)
    for sequence in (65534, 65535, 0, 1):
        reception.received(sequence, 0, 0.0)
    assert reported(reception).highest_sequence == 65537
    assert reported(reception).packets_lost == 0


def test_repaired_packet_counts_as_received() -> None:
    reception = Reception(1)
    for sequence in (1, 3, 2):
        reception.received(sequence, 0, 0.0)
    assert reported(reception).packets_lost == 0


def test_jitter_is_that_of_arrival_against_timestamps() -> None:
    reception = Reception(1)
    for n in range(500):
        reception.received(n, (480 * n) & 0xFFFFFFFF, n / 100 + (n % 2) * 0.004)
    assert reported(reception).jitter == pytest.approx(0.004 * 48_000, rel=0.1)


def test_pause_in_talking_is_no_jitter() -> None:
    reception = Reception(1)
    reception.received(1, 0, 0.0)
    reception.received(2, 480, 60.0)
    assert reported(reception).jitter == 0


def test_new_stream_begins_new_counts() -> None:
    reception = Reception(1)
    reception.received(1, 0, 0.0)
    reception.received(30_000, 0, 0.0)
    assert reported(reception).packets_lost == 0


def test_report_says_how_long_it_sat_on_the_senders_report() -> None:
    reception = Reception(1)
    reception.received(1, 0, 0.0)
    reception.reported(0x1234_5678_9ABC_DEF0, 10.0)
    block = reported(reception, 10.5)
    assert block.last_report == 0x5678_9ABC
    assert block.since_last_report == 65536 // 2
