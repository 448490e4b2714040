"""RTP datagrams, written and read, ours and hostile."""

from __future__ import annotations

import pytest
from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from intercomd.media import rtp
from intercomd.media.packet import Packet
from intercomd.media.rtp import Extensions

packets = st.builds(
    Packet,
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=100),
    marker=st.booleans(),
    level=st.none() | st.integers(0, 127),
    sent_at=st.none() | st.integers(0, 0xFFFFFF),
)
BOTH = Extensions(level=3, sent_at=14)


@given(packet=packets, ssrc=st.integers(0, 0xFFFFFFFF))
def test_packet_comes_back_as_it_was(packet: Packet, ssrc: int) -> None:
    datagram = rtp.write(packet, ssrc=ssrc, payload_type=111, extensions=BOTH)
    assert rtp.read(datagram, BOTH) == rtp.Received(ssrc, 111, packet)


@given(packet=packets)
def test_another_implementation_reads_the_same(packet: Packet) -> None:
    datagram = rtp.write(packet, ssrc=7, payload_type=111, extensions=BOTH)
    theirs = RtpPacket.parse(datagram)
    assert theirs.sequence_number == packet.sequence
    assert theirs.timestamp == packet.timestamp
    assert theirs.payload == packet.payload
    assert theirs.marker == packet.marker
    assert (theirs.ssrc, theirs.payload_type) == (7, 111)


def test_extension_that_was_not_agreed_on_is_left_out() -> None:
    packet = Packet(1, 2, b"x", level=5, sent_at=6)
    datagram = rtp.write(packet, ssrc=7, payload_type=111, extensions=Extensions())
    assert len(datagram) == 13
    received = rtp.read(datagram, BOTH)
    assert received is not None
    assert (received.packet.level, received.packet.sent_at) == (None, None)


def test_padding_and_contributors_are_taken_off() -> None:
    head = bytes((0xA1, 111)) + bytes(2 + 4 + 4) + bytes(4)
    received = rtp.read(head + b"sound" + b"\0\0\x03", Extensions())
    assert received is not None
    assert received.packet.payload == b"sound"


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        bytes(12),
        bytes((0x8F, 111)) + bytes(10),
        bytes((0x90, 111)) + bytes(10),
        bytes((0x90, 111)) + bytes(10) + b"\xbe\xde\x00\x09",
        bytes((0xA0, 111)) + bytes(10),
        bytes((0xA0, 111)) + bytes(10) + b"\xff",
    ],
)
def test_malformed_datagram_is_nothing(datagram: bytes) -> None:
    assert rtp.read(datagram, BOTH) is None


@given(st.binary(max_size=80))
def test_hostile_datagram_never_raises(tail: bytes) -> None:
    rtp.read(tail, BOTH)
    rtp.read(b"\xb0\x6f" + tail, BOTH)
    rtp.read(b"\x90\x6f" + bytes(10) + b"\xbe\xde\x00\x04" + tail, BOTH)
