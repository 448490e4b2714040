"""The order of packets: wraps, latecomers, duplicates, new epochs."""

from __future__ import annotations

import pytest

from intercomd.media.packet import Packet
from intercomd.media.packet_queue import SAMPLES_MAX, Outcome, PacketQueue
from tests.media.line import numbered


def filled(*packets: Packet) -> PacketQueue:
    queue = PacketQueue()
    for packet in packets:
        assert queue.put(packet, 0.0) is not Outcome.ANEW
    return queue


def taken(queue: PacketQueue) -> list[int]:
    return [queue.take().packet.sequence for _ in range(len(queue))]


def test_reordered_packets_come_out_in_order() -> None:
    assert taken(filled(*(numbered(n) for n in (2, 0, 3, 1)))) == [0, 1, 2, 3]


@pytest.mark.parametrize("first", [(1 << 32) - 960, (1 << 31) - 960, 0])
def test_timestamps_wrap_without_a_hole(first: int) -> None:
    queue = filled(
        *(numbered(n, first_timestamp=first, first_sequence=65534) for n in range(6))
    )
    queue.take()
    assert queue.hole == 0
    assert taken(queue) == [65535, 0, 1, 2, 3]


def test_same_packet_twice_is_a_duplicate_waiting_or_taken() -> None:
    queue = filled(numbered(0), numbered(1), numbered(1))
    queue.take()
    queue.put(numbered(0), 0.0)
    assert queue.duplicate == 2


def test_packet_given_up_is_late() -> None:
    queue = filled(numbered(0), numbered(2))
    queue.take()
    assert queue.hole == 480
    queue.pass_over(480)
    queue.put(numbered(1), 0.0)
    assert queue.late == 1
    assert queue.hole == 0


def test_packet_is_missing_until_it_waits_or_was_taken() -> None:
    queue = filled(numbered(0), numbered(2))
    queue.take()
    assert [n for n in range(4) if queue.is_missing(480 * n)] == [1, 3]


def test_overlapping_packet_is_dropped() -> None:
    queue = filled(numbered(0, ms=20), numbered(1, ms=10), numbered(3, ms=10))
    queue.put(Packet(9, 3 * 480 - 100, numbered(0).payload), 0.0)
    assert queue.dropped == 2
    assert len(queue) == 2


def test_garbage_is_dropped() -> None:
    assert filled(Packet(1, 2, b""), Packet(1, 2, b"\xff")).dropped == 2


def test_oldest_give_way_after_half_a_second() -> None:
    queue = filled(*(numbered(n) for n in range(80)))
    assert queue.samples == SAMPLES_MAX
    assert queue.dropped == 30
    head = queue.head
    assert head is not None
    assert head.packet.sequence == 30


def test_one_straggler_from_far_behind_is_late_two_are_a_new_epoch() -> None:
    queue = filled(*(numbered(n, first_timestamp=10_000_000) for n in range(3)))
    queue.take()
    assert queue.put(numbered(0), 0.0) is Outcome.LATE
    assert queue.late == 1
    assert queue.put(numbered(1), 0.0) is Outcome.ANEW
    assert queue.dropped == 2
    assert taken(queue) == [1]


def test_clear_forgets_the_line_of_time() -> None:
    queue = filled(numbered(100))
    queue.take()
    queue.clear()
    queue.put(numbered(0), 0.0)
    assert taken(queue) == [0]
