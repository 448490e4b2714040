"""Redundant audio on the wire."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intercomd.media.red import COPY_BYTES_MAX, OFFSET_MAX, Copy, unwrap, wrap

COPIES = st.lists(
    st.builds(
        Copy,
        st.integers(1, OFFSET_MAX),
        st.binary(min_size=1, max_size=COPY_BYTES_MAX),
    ),
    max_size=2,
)


@given(st.binary(min_size=1, max_size=1275), COPIES)
def test_what_is_wrapped_comes_out_again(primary: bytes, copies: list[Copy]) -> None:
    assert unwrap(wrap(primary, copies, 111), 111) == (primary, copies)


def test_wrapped_payload_is_that_of_the_rfc() -> None:
    wrapped = wrap(b"new", [Copy(960, b"old")], 111)
    word = 1 << 31 | 111 << 24 | 960 << 10 | 3
    assert wrapped == word.to_bytes(4, "big") + b"\x6f" + b"old" + b"new"


@given(st.binary(max_size=40))
def test_noise_never_raises(noise: bytes) -> None:
    unwrap(noise, 111)


def test_lengths_beyond_the_end_are_malformed() -> None:
    wrapped = wrap(b"new", [Copy(960, b"old")], 111)
    for size in range(len(wrapped) - 2):
        assert unwrap(wrapped[:size], 111) is None


def test_primary_of_another_codec_is_refused_and_such_a_copy_left_out() -> None:
    assert unwrap(wrap(b"new", [], 8), 111) is None
    wrapped = bytearray(wrap(b"new", [Copy(960, b"old"), Copy(480, b"mid")], 111))
    wrapped[0] = 0x80 | 8
    assert unwrap(bytes(wrapped), 111) == (b"new", [Copy(480, b"mid")])


def test_of_more_copies_than_two_the_last_are_taken() -> None:
    copies = [Copy(480 * back, b"%d" % back) for back in range(30, 0, -1)]
    assert unwrap(wrap(b"new", copies, 111), 111) == (b"new", copies[-2:])
