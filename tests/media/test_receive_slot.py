"""What one slot hands on of all that can be made to arrive for it."""

from __future__ import annotations

from intercomd.media.packet import Packet
from intercomd.media.receive_slot import PACKETS_PER_S, ReceiveSlot
from intercomd.media.red import Copy, wrap
from intercomd.media.rtp import Received
from intercomd.media.slot_format import SlotFormat

FRAME = bytes((0xF0, 0xFF, 0xFE))
RED = 63


def a_slot() -> ReceiveSlot:
    return ReceiveSlot(0, SlotFormat(10, 111, nack=True, red=RED))


def arrived(number: int, payload: bytes = FRAME, kind: int = 111) -> Received:
    return Received(10, kind, Packet(number % 65536, 480 * number, payload))


def handed_on(slot: ReceiveSlot, received: Received, now: float) -> int:
    return len(slot.received(received, now) or ())


def test_a_backlog_of_a_second_is_handed_on_whole() -> None:
    slot = a_slot()
    for number in range(1000):
        assert handed_on(slot, arrived(number), 0.01 * number) == 1
    backlog = sum(handed_on(slot, arrived(1000 + n), 11.0) for n in range(100))
    assert backlog == 100


def test_a_flood_is_handed_on_in_part() -> None:
    slot = a_slot()
    flood = sum(handed_on(slot, arrived(n), n / 10_000) for n in range(20_000))
    assert flood <= 3 * PACKETS_PER_S


def test_a_packet_full_of_copies_is_at_most_three() -> None:
    slot = a_slot()
    copies = [Copy(480 * back, FRAME) for back in range(30, 0, -1)]
    payload = wrap(FRAME, copies, 111)
    for jump in range(100):
        assert handed_on(slot, arrived(1000 * jump, payload, RED), 0.1 * jump) <= 3
