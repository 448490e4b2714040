"""Microphone frames become packets. It does not know where the packets go."""

from __future__ import annotations

import random
import time

from intercomd.domain.audio import SAMPLE_RATE_HZ, Frame
from intercomd.media.level import rms_dbov
from intercomd.media.opus import Encoder
from intercomd.media.packet import Packet, sent_at_from_wall

_PAUSE_S = 0.03
"""A frame this much later than expected begins a new spurt of talk."""


class Sender:
    """Owns the encoder and the numbering of one published stream. Not thread-safe."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        # In the lower half: a wrap within the first packets, with some of them
        # lost, would confuse SRTP's guess at the roll-over (RFC 3711, 3.3.1).
        self._sequence = random.randrange(1 << 15)
        self._timestamp = random.randrange(1 << 32)
        self._expected_at: float | None = None

    def encode(
        self, frame: Frame, captured_at: float, level_dbov: float | None = None
    ) -> Packet:
        """The next packet, of 10 to 60 ms captured at `captured_at` (monotonic).

        `level_dbov` is the frame's, where the caller has measured it already.

        Frames that follow one another are numbered by their samples. After a pause
        the timestamp moves on by the time that passed and the marker is set.
        """
        wall_s = captured_at + (time.time() - time.monotonic())
        marker = self._resume(captured_at)
        packet = Packet(
            sequence=self._sequence,
            timestamp=self._timestamp,
            payload=self._encoder.encode(frame),
            marker=marker,
            level=round(rms_dbov(frame) if level_dbov is None else level_dbov),
            sent_at=sent_at_from_wall(wall_s),
        )
        self._advance(len(frame) // 2)
        return packet

    def use(self, encoder: Encoder) -> None:
        """Encode with another encoder from the next frame on; the numbers go on."""
        self._encoder.close()
        self._encoder = encoder

    def set_bitrate(self, bitrate_bps: int) -> None:
        """Encode at this bitrate from the next frame on."""
        self._encoder.set_bitrate(bitrate_bps)

    def _resume(self, captured_at: float) -> bool:
        if self._expected_at is None:
            self._expected_at = captured_at
            return True
        pause_s = captured_at - self._expected_at
        if pause_s > -_PAUSE_S:  # else it follows what was said later: no time passed
            self._expected_at = captured_at
        if pause_s < _PAUSE_S:
            return False
        self._move(round(pause_s * SAMPLE_RATE_HZ))
        return True

    def _advance(self, samples: int) -> None:
        assert self._expected_at is not None, "it was resumed"
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._move(samples)
        self._expected_at += samples / SAMPLE_RATE_HZ

    def _move(self, samples: int) -> None:
        self._timestamp = (self._timestamp + samples) & 0xFFFFFFFF
