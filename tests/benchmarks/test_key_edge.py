from __future__ import annotations

import struct

import pytest

from tests.benchmarks.key_edge import first_after
from tests.benchmarks.wire import rtp_payload_bytes


def test_the_first_packet_after_each_edge_counts() -> None:
    packets = [0.9, 1.012, 1.022, 1.9, 2.008]
    assert first_after([1.0, 2.0], packets) == pytest.approx([0.012, 0.008])


def test_an_edge_without_a_packet_soon_after_it_gives_nothing() -> None:
    assert first_after([1.0], [0.5, 3.0]) == []


def test_rtp_is_told_from_what_shares_its_port() -> None:
    rtp = bytes([0x80, 111]) + bytes(10) + bytes(80)
    rtcp = bytes([0x80, 200]) + bytes(26)
    stun = bytes([0, 1]) + bytes(18)
    assert rtp_payload_bytes(udp(rtp)) == 80
    assert rtp_payload_bytes(udp(rtcp)) is None
    assert rtp_payload_bytes(udp(stun)) is None


def udp(payload: bytes) -> bytes:
    """An IPv4 packet, as far as it is read."""
    header = bytearray(20)
    header[0], header[9] = 0x45, 17
    return bytes(header) + struct.pack("!HHHH", 1, 2, 8 + len(payload), 0) + payload
