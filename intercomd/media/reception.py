"""What a receiver report says about one stream (RFC 3550, A.1, A.3 and A.8).

Pure: time is an argument.
"""

from __future__ import annotations

from intercomd.domain.audio import SAMPLE_RATE_HZ
from intercomd.media.rtcp import Block

_JUMP_MAX = 3000


class Reception:
    """Counts the packets of one SSRC."""

    def __init__(self, ssrc: int) -> None:
        self.ssrc = ssrc
        self._base: int | None = None
        self._highest = 0
        self._received = 0
        self._expected_before = 0
        self._received_before = 0
        self._jitter = 0.0
        self._transit = 0.0
        self._timestamp = 0
        self._last_report = 0
        self._last_report_at = 0.0

    def received(self, sequence: int, timestamp: int, now: float) -> None:
        """Note a packet that arrived at `now`."""
        if self._base is None:
            self._start(sequence, timestamp, now)
            return
        ahead = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if abs(ahead) > _JUMP_MAX:
            self._start(sequence, timestamp, now)
            return
        self._received += 1
        if ahead > 0:
            self._highest += ahead
            self._note_jitter(timestamp, now)

    @property
    def counts(self) -> tuple[int, int]:
        """How many packets were due since the numbering began, and how many came.

        Falls back when the sender's numbers begin anew.
        """
        if self._base is None:
            return 0, 0
        return self._highest - self._base + 1, self._received

    @property
    def jitter_s(self) -> float:
        """The interarrival jitter (RFC 3550, A.8)."""
        return self._jitter / SAMPLE_RATE_HZ

    def reported(self, ntp: int, now: float) -> None:
        """Note the sender's own report, for the round trip to be measurable."""
        self._last_report = ntp >> 16 & 0xFFFFFFFF
        self._last_report_at = now

    def block(self, now: float) -> Block | None:
        """What to report at `now`, or None if nothing ever came."""
        if self._base is None:
            return None
        expected = self._highest - self._base + 1
        since = int((now - self._last_report_at) * 65536) if self._last_report else 0
        block = Block(
            ssrc=self.ssrc,
            fraction_lost=self._fraction_lost(expected),
            packets_lost=expected - self._received,
            highest_sequence=self._highest,
            jitter=int(self._jitter),
            last_report=self._last_report,
            since_last_report=since,
        )
        self._expected_before = expected
        self._received_before = self._received
        return block

    def _start(self, sequence: int, timestamp: int, now: float) -> None:
        self._base = self._highest = sequence
        self._received = 1
        self._expected_before = self._received_before = 0
        self._jitter = 0.0
        self._timestamp = timestamp
        self._transit = now

    def _fraction_lost(self, expected: int) -> int:
        due = expected - self._expected_before
        lost = due - (self._received - self._received_before)
        return min(255, lost * 256 // due) if due > 0 and lost > 0 else 0

    def _note_jitter(self, timestamp: int, now: float) -> None:
        sent = ((timestamp - self._timestamp + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        off = abs((now - self._transit) * SAMPLE_RATE_HZ - sent)
        self._timestamp, self._transit = timestamp, now
        # A pause in talking or a new stream is no jitter.
        if off < SAMPLE_RATE_HZ:
            self._jitter += (off - self._jitter) / 16.0
