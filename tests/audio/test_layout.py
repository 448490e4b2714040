"""Samples as cards lay them out, and as mono 16 bit."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.audio.layout import Layout, SampleFormat

SAMPLES = np.array([0, 1, -1, 300, -300, 32767, -32768], np.int16)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("sample_format", list(SampleFormat))
def test_what_is_said_to_every_channel_is_heard_again(
    sample_format: SampleFormat, channels: int
) -> None:
    layout = Layout(48_000, channels, sample_format)
    pcm = layout.from_mono(SAMPLES)
    assert len(pcm) == len(SAMPLES) * layout.sample_bytes
    assert np.array_equal(layout.to_mono(pcm), SAMPLES)


def test_stereo_becomes_the_mean_and_never_wraps() -> None:
    layout = Layout(48_000, 2, SampleFormat.S16_LE)
    pairs = np.array([[1000, 0], [32767, 32767], [-32768, -32768]], "<i2")
    assert layout.to_mono(pairs.tobytes()).tolist() == [500, 32767, -32768]


def test_of_a_microphone_array_the_first_channel_is_heard() -> None:
    layout = Layout(16_000, 4, SampleFormat.S16_LE)
    both = np.array([[7, 1, 2, 3], [8, 4, 5, 6]], "<i2")
    assert layout.to_mono(both.tobytes()).tolist() == [7, 8]


def test_24_bits_are_read_whatever_lies_above_them() -> None:
    layout = Layout(48_000, 1, SampleFormat.S24_LE)
    samples = np.array([0x7F00_1234, 0x0080_0000], "<u4")
    assert layout.to_mono(samples.tobytes()).tolist() == [0x12, -0x8000]
