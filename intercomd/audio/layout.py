"""How a card lays out its samples, and the way between that and mono 16 bit. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from intercomd.domain.audio import SAMPLE_RATE_HZ

Mono = NDArray[np.int16]


class SampleFormat(Enum):
    """Signed, little endian; the names are ALSA's.

    S24_LE has its 24 bits in the lower part of 32, S24_3LE takes three bytes.
    """

    S16_LE = "S16_LE"
    S24_LE = "S24_LE"
    S24_3LE = "S24_3LE"
    S32_LE = "S32_LE"


_SAMPLE_BYTES = {
    SampleFormat.S16_LE: 2,
    SampleFormat.S24_LE: 4,
    SampleFormat.S24_3LE: 3,
    SampleFormat.S32_LE: 4,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What one second of a card's bytes is made of."""

    rate_hz: int
    channels: int
    sample_format: SampleFormat

    def __str__(self) -> str:
        return f"{self.rate_hz} Hz, {self.channels} ch, {self.sample_format.value}"

    @property
    def sample_bytes(self) -> int:
        """Of one sample of every channel."""
        return self.channels * _SAMPLE_BYTES[self.sample_format]

    def to_mono(self, pcm: bytes) -> Mono:
        """The mean of two channels; of more the first, as the others of a microphone
        array may hold anything."""
        channels = self._highest_16_bits(pcm).reshape(-1, self.channels)
        if self.channels == 2:
            return np.asarray(channels.astype(np.int32).sum(axis=1) >> 1, np.int16)
        return channels[:, 0]

    def from_mono(self, samples: Mono) -> bytes:
        """The same on every channel."""
        channels = np.repeat(samples, self.channels)
        match self.sample_format:
            case SampleFormat.S16_LE:
                return channels.astype("<i2").tobytes()
            case SampleFormat.S24_LE:
                return (channels.astype("<i4") << 8).tobytes()
            case SampleFormat.S24_3LE:
                wide = (channels.astype("<i4") << 8).view(np.uint8)
                return wide.reshape(-1, 4)[:, :3].tobytes()
            case SampleFormat.S32_LE:
                return (channels.astype("<i4") << 16).tobytes()

    def _highest_16_bits(self, pcm: bytes) -> Mono:
        match self.sample_format:
            case SampleFormat.S16_LE:
                return np.frombuffer(pcm, "<i2")
            case SampleFormat.S24_LE:
                # The uppermost byte may hold anything.
                return (np.frombuffer(pcm, "<i4") >> 8).astype(np.int16)
            case SampleFormat.S24_3LE:
                high = np.frombuffer(pcm, np.uint8).reshape(-1, 3)[:, 1:]
                return np.ascontiguousarray(high).view("<i2").reshape(-1)
            case SampleFormat.S32_LE:
                return (np.frombuffer(pcm, "<i4") >> 16).astype(np.int16)


OURS = Layout(SAMPLE_RATE_HZ, 1, SampleFormat.S16_LE)
"""What is asked of every card."""
