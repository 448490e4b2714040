"""RTCP datagrams, written and read, ours and hostile."""

from __future__ import annotations

from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSdesPacket
from hypothesis import given
from hypothesis import strategies as st

from intercomd.media import rtcp
from intercomd.media.rtcp import Block, Nack, ReceiverReport, SenderReport

u32 = st.integers(0, 0xFFFFFFFF)
blocks = st.builds(
    Block,
    ssrc=u32,
    fraction_lost=st.integers(0, 255),
    packets_lost=st.integers(-(1 << 23), (1 << 23) - 1),
    highest_sequence=u32,
    jitter=u32,
    last_report=u32,
    since_last_report=u32,
)


@given(ssrc=u32, found=st.lists(blocks, max_size=31))
def test_receiver_report_comes_back_as_it_was(ssrc: int, found: list[Block]) -> None:
    report = ReceiverReport(ssrc, tuple(found))
    assert rtcp.read(rtcp.write_receiver_report(report)) == [report]


@given(st.builds(SenderReport, u32, st.integers(0, (1 << 64) - 1), u32, u32, u32))
def test_sender_report_comes_back_as_it_was(report: SenderReport) -> None:
    assert rtcp.read(rtcp.write_sender_report(report)) == [report]


@given(st.sets(st.integers(0, 0xFFFF), min_size=1, max_size=40))
def test_nack_names_the_same_packets(sequences: set[int]) -> None:
    nack = Nack(1, 2, tuple(sequences))
    [back] = rtcp.read(rtcp.write_nack(nack))
    assert isinstance(back, Nack)
    assert sorted(back.sequences) == sorted(sequences)


@given(st.lists(st.booleans(), min_size=1, max_size=rtcp.MAPPED_MAX), st.data())
def test_loss_map_comes_back_as_it_was(came: list[bool], data: st.DataObject) -> None:
    lost = sum(1 << k for k, each in enumerate(came) if not each)
    newest = data.draw(st.integers(0, 0xFFFF))
    losses = rtcp.Losses(7, newest, len(came), lost)
    assert rtcp.read(rtcp.write_losses(1, [losses, losses])) == [losses, losses]


def test_loss_map_is_that_of_the_rfc() -> None:
    written = rtcp.write_losses(1, [rtcp.Losses(7, 11, 2, 0b01)])
    assert written.hex() == (
        "80cf0005"
        "00000001"  # an XR of its sender
        "01000003"
        "00000007"
        "000a"
        "000c"  # Loss RLE of numbers 10 and 11
        "c000"
        "0000"  # 10 came
    )


def test_run_lengths_and_absurd_maps_are_left_out() -> None:
    written = rtcp.write_losses(1, [rtcp.Losses(7, 11, 2, 0b01)])
    assert rtcp.read(written.replace(b"\xc0", b"\x40")) == []
    assert rtcp.read(written[:-6] + b"\xff\xff" + written[-4:]) == []


def test_nack_of_neighbours_across_the_wrap_is_one_entry() -> None:
    assert len(rtcp.write_nack(Nack(1, 2, (65535, 0, 1, 15)))) == 16


def test_another_implementation_reads_our_compound() -> None:
    block = Block(5, 12, -3, 70_000, 40, 6, 7)
    compound = (
        rtcp.write_sender_report(SenderReport(1, 2 << 32, 3, 4, 5))
        + rtcp.write_receiver_report(ReceiverReport(1, (block,)))
        + rtcp.write_source_description(1, "somebody")
        + rtcp.write_nack(Nack(1, 5, (9, 11)))
    )
    _, receiver, description, nack = RtcpPacket.parse(compound)
    assert isinstance(receiver, RtcpRrPacket)
    assert receiver.reports[0].packets_lost == -3
    assert isinstance(description, RtcpSdesPacket)
    assert description.chunks[0].items == [(1, b"somebody")]
    assert isinstance(nack, RtcpRtpfbPacket)
    assert nack.lost == [9, 11]


@given(st.binary(max_size=120), st.sampled_from([200, 201, 202, 203, 205, 206]))
def test_hostile_datagram_never_raises(tail: bytes, kind: int) -> None:
    rtcp.read(tail)
    rtcp.read(bytes((0x81, kind)) + tail)
    rtcp.read(bytes((0x81, kind, 0, len(tail) // 4)) + tail)


def test_what_precedes_garbage_is_kept() -> None:
    report = ReceiverReport(1, ())
    assert rtcp.read(rtcp.write_receiver_report(report) + b"\x00\x01") == [report]
