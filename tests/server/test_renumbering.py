"""One unbroken line of numbers for a slot, whatever streams go through it."""

from __future__ import annotations

import random

import pytest

from intercomd.media.packet import Packet
from intercomd.server.renumbering import Renumbering


def packet(sequence: int, timestamp: int) -> Packet:
    return Packet(sequence % 65536, timestamp % 2**32, b"x")


def numbers(packet: Packet | None) -> tuple[int, int]:
    assert packet is not None
    return packet.sequence, packet.timestamp


def test_the_first_packet_gets_the_numbers_of_the_slot() -> None:
    slot = Renumbering(sequence=100, timestamp=5000)
    assert numbers(slot.renumber(packet(7, 70), 0.0)) == (100, 5000)


def test_gaps_within_a_stream_are_kept() -> None:
    slot = Renumbering(sequence=100, timestamp=5000)
    slot.renumber(packet(7, 0), 0.0)
    assert numbers(slot.renumber(packet(10, 1440), 0.03)) == (103, 6440)


def test_a_late_packet_keeps_its_place() -> None:
    slot = Renumbering(sequence=100, timestamp=5000)
    slot.renumber(packet(7, 0), 0.0)
    slot.renumber(packet(9, 960), 0.02)
    assert numbers(slot.renumber(packet(8, 480), 0.021)) == (101, 5480)
    assert numbers(slot.renumber(packet(10, 1440), 0.03)) == (103, 6440)


def test_a_packet_of_long_ago_is_left_out() -> None:
    slot = Renumbering(sequence=100, timestamp=5000)
    for sequence in range(70_000):
        slot.renumber(packet(sequence, 480 * sequence), 0.01 * sequence)
    assert slot.renumber(packet(70_000 - 600, 0), 700.0) is None
    assert slot.renumber(packet(70_000 - 500, 0), 700.0) is not None


def test_another_stream_continues_where_the_last_ended() -> None:
    slot = Renumbering(sequence=100, timestamp=5000)
    slot.renumber(packet(7, 0), 1.0)
    slot.renumber(packet(8, 480), 1.01)
    slot.begin()
    sequence, timestamp = numbers(slot.renumber(packet(60000, 123456), 1.51))
    assert sequence == 102
    assert timestamp == 5480 + 24000  # half a second went by


def test_packets_older_than_their_stream_are_left_out() -> None:
    slot = Renumbering(sequence=100, timestamp=5000)
    slot.renumber(packet(50, 480), 0.0)
    assert slot.renumber(packet(49, 0), 0.0) is None


def test_numbers_wrap() -> None:
    slot = Renumbering(sequence=65535, timestamp=2**32 - 480)
    assert numbers(slot.renumber(packet(65535, 2**32 - 480), 0.0)) == (
        65535,
        2**32 - 480,
    )
    assert numbers(slot.renumber(packet(65536, 2**32), 0.01)) == (0, 0)


def test_a_stream_resumed_with_lower_numbers_goes_on_in_new_ones() -> None:
    slot = Renumbering(sequence=100, timestamp=5000)
    slot.renumber(packet(7000, 0), 1.0)
    slot.begin()
    again = [slot.renumber(packet(n, 480 * n), 1.5) for n in (6000, 6001, 6002)]
    assert [numbers(each)[0] for each in again] == [101, 102, 103]


@pytest.mark.parametrize("jump", [3001, 32_000, -3001, -32_000])
def test_a_jump_is_a_sender_that_starts_anew(jump: int) -> None:
    slot = Renumbering(sequence=100, timestamp=5000)
    slot.renumber(packet(40_000, 0), 1.0)
    sequence, timestamp = numbers(slot.renumber(packet(40_000 + jump, 77), 1.5))
    assert (sequence, timestamp) == (101, 5000 + 24_000)


def test_no_number_is_given_twice_however_a_sender_jumps() -> None:
    slot = Renumbering(sequence=65_000, timestamp=5000)
    chance = random.Random(7)
    jumps = [packet(chance.randrange(1 << 16), 0) for _ in range(500)]
    given = [slot.renumber(each, 0.01 * at) for at, each in enumerate(jumps)]
    sequences = [each.sequence for each in given if each is not None]
    assert len(set(sequences)) == len(sequences)
