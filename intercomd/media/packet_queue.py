"""The packets of one stream in the order they are to be played. Pure.

It turns wrapped timestamps into a line of time, and refuses what is late, there
already, overlapping or no Opus. It does not decode.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from intercomd.domain.audio import SAMPLE_RATE_HZ
from intercomd.domain.errors import PacketMalformed
from intercomd.media.opus import packet_samples
from intercomd.media.packet import Packet, sequence_ahead

SAMPLES_MAX = SAMPLE_RATE_HZ // 2
PACKETS_MAX = 200

_EPOCH_SAMPLES = SAMPLE_RATE_HZ
_TAKEN_REMEMBERED = 64


class Outcome(Enum):
    """What became of a packet that was put in."""

    WAITS = "waits"
    LATE = "late"
    REFUSED = "refused"
    ANEW = "anew"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A packet with its place on the line of time, in samples."""

    start: int
    samples: int
    packet: Packet
    arrival: float

    @property
    def end(self) -> int:
        return self.start + self.samples


class PacketQueue:
    """Holds at most half a second; then the oldest gives way.

    Every packet put in ends in one of: taken, `late`, `duplicate`, `dropped`.
    `placed` is where on the line of time the last one belongs that was Opus, and
    `samples_put` how long it lasts.
    """

    def __init__(self) -> None:
        self.received = 0
        self.late = 0
        self.duplicate = 0
        self.dropped = 0
        self.placed = self.samples_put = 0
        self._waiting: list[Waiting] = []
        self._samples = 0
        self._turn: int | None = None
        self._newest: int | None = None
        self._suspect: int | None = None
        self._taken: deque[int] = deque(maxlen=_TAKEN_REMEMBERED)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def samples(self) -> int:
        """How much sound waits."""
        return self._samples

    @property
    def head(self) -> Waiting | None:
        """What is to be played next."""
        return self._waiting[0] if self._waiting else None

    @property
    def newest(self) -> Waiting | None:
        """What is to be played last."""
        return self._waiting[-1] if self._waiting else None

    @property
    def turn(self) -> int | None:
        """Where the sound goes on that was not taken yet; None before the first."""
        return self._turn

    @property
    def hole(self) -> int:
        """Samples missing before the head; 0 if it follows or nothing waits."""
        if not self._waiting or self._turn is None:
            return 0
        return self._waiting[0].start - self._turn

    def put(self, packet: Packet, now: float) -> Outcome:
        """Take a packet that arrived at `now`. Never raises on its content.

        ANEW says that with it the stream began anew: all that waited was dropped.
        """
        self.received += 1
        try:
            samples = packet_samples(packet.payload)
        except PacketMalformed:
            self.dropped += 1
            return Outcome.REFUSED
        self.placed, self.samples_put = self._unwrapped(packet.timestamp), samples
        start = self.placed
        is_anew = False
        if self._turn is not None and start < self._turn:
            is_anew = self._is_anew(start)
            if not is_anew:
                return self._refused(start)
            self.clear()
        self._suspect = None
        self._newest = start if self._newest is None else max(self._newest, start)
        outcome = self._inserted(Waiting(start, samples, packet, now))
        return Outcome.ANEW if is_anew else outcome

    def take(self) -> Waiting:
        """Remove the head; what comes before its end is late from now on."""
        head = self._waiting.pop(0)
        self._samples -= head.samples
        self._turn = head.end
        self._taken.append(head.start)
        return head

    def drop_oldest(self) -> None:
        """Remove the head unplayed."""
        head = self._waiting.pop(0)
        self._samples -= head.samples
        self._turn = head.end
        self.dropped += 1

    def pass_over(self, samples: int) -> None:
        """Give up what is missing for so long: should it still come, it is late."""
        assert self._turn is not None, "nothing was taken yet"
        self._turn += samples

    def pass_over_hole(self) -> None:
        """Give up all that is missing before the head."""
        if self._waiting:
            self._turn = self._waiting[0].start

    def is_missing(self, start: int) -> bool:
        """Whether nothing that begins there was taken or waits."""
        if start in self._taken:
            return False
        return all(waiting.start != start for waiting in self._waiting)

    def waiting_since(self, sequence: int) -> list[tuple[Packet, float]]:
        """The packets from this number on that wait, and when each arrived."""
        return [
            (waiting.packet, waiting.arrival)
            for waiting in self._waiting
            if sequence_ahead(waiting.packet.sequence, sequence) >= 0
        ]

    def clear(self) -> None:
        """Drop all and forget the line of time."""
        self.dropped += len(self._waiting)
        self._waiting.clear()
        self._samples = 0
        self._turn = self._newest = self._suspect = None
        self._taken.clear()

    def _unwrapped(self, timestamp: int) -> int:
        """The timestamp without its wraps: the nearest to the newest one."""
        if self._newest is None:
            return timestamp
        ahead = (timestamp - self._newest + (1 << 31)) & 0xFFFFFFFF
        return self._newest + ahead - (1 << 31)

    def _is_anew(self, start: int) -> bool:
        """Two in a row from far behind: one alone may be a straggler."""
        assert self._turn is not None
        if self._turn - start < _EPOCH_SAMPLES:
            return False
        suspect, self._suspect = self._suspect, start
        return suspect is not None and abs(start - suspect) < _EPOCH_SAMPLES

    def _refused(self, start: int) -> Outcome:
        if start in self._taken:
            self.duplicate += 1
            return Outcome.REFUSED
        self.late += 1
        return Outcome.LATE

    def _inserted(self, new: Waiting) -> Outcome:
        at = len(self._waiting)
        while at and self._waiting[at - 1].start >= new.start:
            at -= 1
        before = self._waiting[at - 1] if at else None
        after = self._waiting[at] if at < len(self._waiting) else None
        if after is not None and after.start == new.start:
            self.duplicate += 1
            return Outcome.REFUSED
        if (before and before.end > new.start) or (after and new.end > after.start):
            self.dropped += 1
            return Outcome.REFUSED
        self._waiting.insert(at, new)
        self._samples += new.samples
        while self._samples > SAMPLES_MAX or len(self._waiting) > PACKETS_MAX:
            self.drop_oldest()
        return Outcome.WAITS
