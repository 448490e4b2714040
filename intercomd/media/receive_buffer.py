"""Between arrival and playing: one stream's jitter buffer, on its own playout clock.

Pure: time is an argument and no lock is held. It keeps a packet until its turn,
stretches time so that few come too late, and guesses what is missing. It does not
know where packets come from.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil

from intercomd.domain.audio import (
    FRAME_BYTES,
    FRAME_S,
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    Frame,
)
from intercomd.domain.errors import PacketMalformed
from intercomd.media.concealment import GUESSES_MAX, Concealment
from intercomd.media.delay_control import MARGIN_S, Change, DelayControl
from intercomd.media.opus import Decoder, carries_copy
from intercomd.media.packet import Packet
from intercomd.media.packet_queue import Outcome, PacketQueue
from intercomd.media.pull_clock import PullClock
from intercomd.media.spurt import Spurt
from intercomd.media.time_stretch import LAG_MAX, OVERLAP, PAST, stretched
from intercomd.media.transit import SPREAD_MAX_S, Transit

_HOLE_SAMPLES_MAX = GUESSES_MAX * FRAME_SAMPLES
_PAST_FRAMES = ceil(PAST / FRAME_SAMPLES)
_QUIET_DBOV, _LOUD_DBOV, _ABOVE_DB = 50.0, 40.0, 3.0
_DELAY_WEIGHT = 1 / 8

WAIT_MAX_S = 0.4
"""More cannot be asked for: the queue holds half a second."""


@dataclass(frozen=True, slots=True)
class ReceiveStats:
    """Where the packets went, and what was done to the sound.

    `received` = `played` + `late` + `duplicate` + `dropped` + those still waiting.
    `recovered` are packets that were lost and played from a copy in a later one.
    `concealed` counts 10 ms frames; guesses that fade into a pause are not counted.
    `shortened_ms` and `lengthened_ms` are sound taken out and put in. `delay_ms` is
    how long sound waited of late, `spread_ms` how much slower than the fastest a
    packet may be and still be waited for.
    """

    received: int = 0
    played: int = 0
    late: int = 0
    duplicate: int = 0
    dropped: int = 0
    recovered: int = 0
    concealed: int = 0
    shortened_ms: int = 0
    lengthened_ms: int = 0
    resets: int = 0
    delay_ms: float = 0.0
    spread_ms: float = 0.0


class ReceiveBuffer:
    """Packets of one stream in, frames of 10 ms out.

    `put` and `pull` may be driven by clocks that drift apart. Sound waits as long as
    `Transit` finds worth while, never more than the queue holds, and what waits
    longer is played faster, not skipped. A missing packet is guessed when its turn
    comes. Guesses made while nothing waits delay the stream if the packets were only
    late, and count as their stand-in if they were lost.
    """

    def __init__(self, decoder: Decoder, *, first_wait_ms: int = 10) -> None:
        """Uses `decoder` alone from now on; closing it stays with the caller.

        `first_wait_ms` is how late packets may be before it is known how late they
        are: in the first quarter of a second of a stream.
        """
        self._decoder = decoder
        self._queue = PacketQueue()
        self._transit = Transit(first_wait_ms / 1000)
        self._clock = PullClock()
        self._control = DelayControl()
        self._concealment = Concealment(decoder)
        self._pcm = b""
        self._past: deque[Frame] = deque(maxlen=_PAST_FRAMES)
        self._playing = False
        self._is_noise = False
        self._spurt = Spurt()
        self._ahead = 0
        self._began: tuple[Packet, float] | None = None
        self._delay_s: float | None = None
        self._played = self._broken = self._concealed = self._recovered = 0
        self._shortened = self._lengthened = self._resets = 0

    @property
    def stats(self) -> ReceiveStats:
        """The counters as they are now."""
        return ReceiveStats(
            received=self._queue.received,
            played=self._played,
            late=self._queue.late,
            duplicate=self._queue.duplicate,
            dropped=self._queue.dropped + self._broken,
            recovered=self._recovered,
            concealed=self._concealed,
            shortened_ms=self._shortened * 1000 // SAMPLE_RATE_HZ,
            lengthened_ms=self._lengthened * 1000 // SAMPLE_RATE_HZ,
            resets=self._resets,
            delay_ms=1000 * (self._delay_s or 0.0),
            spread_ms=1000 * self._transit.spread_s,
        )

    def bound(self, least_s: float, most_s: float) -> None:
        """Let sound wait this long at least, and at most, from now on.

        Never longer than `WAIT_MAX_S`, for the queue holds little more.
        """
        self._transit.bound(min(least_s, WAIT_MAX_S), most_s)

    @property
    def waiting(self) -> int:
        """How many packets wait for their turn."""
        return len(self._queue)

    @property
    def began(self) -> tuple[Packet, float] | None:
        """The packet that began last in the frame pulled last, and how many seconds
        into that frame; None if none did."""
        return self._began

    @property
    def is_noise(self) -> bool:
        """Whether the frame pulled last is only comfort noise."""
        return self._is_noise

    def put(self, packet: Packet, now: float) -> None:
        """Take a packet that arrived at `now`. Never raises on its content."""
        outcome = self._queue.put(packet, now)
        if outcome is Outcome.ANEW:
            self._forget_sound()
        if outcome is not Outcome.REFUSED:
            self._note_transit(packet, now)

    def pull(self, now: float) -> Frame | None:
        """The next 10 ms, or None while nothing is to be played.

        Called every 10 ms at `now`, on the clock that `put` is on. Hot path: a stream
        of 10 ms packets costs one decode and one bytes object.
        """
        self._clock.pulled(now)
        self._began = None
        if not self._playing and self._is_ready(now):
            self._start(now)
        frame = self._steered(now) if self._playing else None
        self._is_noise = frame is None
        if frame is None:
            frame = self._concealment.noise()
        elif self._began is not None:
            self._concealment.learn(frame, self._began[0].level)
        if frame is not None:
            self._past.append(frame)
        return frame

    def end(self) -> None:
        """The stream stopped on purpose: no noise is to stand in for it."""
        self._concealment.forget_background()

    def waiting_since(self, sequence: int) -> list[tuple[Packet, float]]:
        """The packets from this number on that wait, and when each arrived."""
        return self._queue.waiting_since(sequence)

    def reset(self) -> None:
        """Forget the stream: what comes next is another one."""
        self._queue.clear()
        self._forget_sound()

    # How late packets are

    def _note_transit(self, packet: Packet, now: float) -> None:
        place_s = self._queue.placed / SAMPLE_RATE_HZ
        transit_s = now - place_s
        lasts_s = self._queue.samples_put / SAMPLE_RATE_HZ
        spurt = self._spurt
        if spurt.hears_thin_silence(packet.level, place_s, lasts_s):
            return
        if spurt.is_after_silence or self._begins_spurt():
            spurt.begin(place_s, now)
            self._transit.resumed(transit_s, lasts_s, now)
        elif not packet.is_redundant:
            spurt.go_on(place_s, now)
            if spurt.is_draining and self._transit.packets == 1:
                self._transit.clear()
        if not spurt.is_draining:
            self._transit.arrived(transit_s, lasts_s, now)
            if carries_copy(packet.payload) and self._is_missing_before():
                # A copy is as good as the packet, only later.
                self._transit.arrived(transit_s + lasts_s, lasts_s, now)

    def _begins_spurt(self) -> bool:
        """Whether the packet put last is the first after a pause of the sender."""
        head = self._queue.head
        if (
            self._playing
            or head is None
            or len(self._queue) > 1
            or head.start != self._queue.placed
        ):
            return False
        return self._queue.turn is None or self._queue.hole > 0

    def _is_missing_before(self) -> bool:
        """Whether the packet before the one put last did not come yet."""
        return self._queue.is_missing(self._queue.placed - self._queue.samples_put)

    # Beginning and ending

    def _is_ready(self, now: float) -> bool:
        head = self._queue.head
        if head is None:
            return False
        longest_s = max(SPREAD_MAX_S, self._transit.spread_s)
        if not self._transit.packets or now - head.arrival >= longest_s:
            return True
        return self._lead_s(head.start) >= 0.0

    def _start(self, now: float) -> None:
        """Whatever waits first is next, up from silence or noise."""
        self._playing = True
        self._queue.pass_over_hole()
        self._ahead = 0
        self._delay_s = None
        self._concealment.begin()
        self._control.settle(now)

    def _forget_sound(self) -> None:
        self._resets += 1
        self._pcm = b""
        self._decoder.reset()
        self._transit.clear()
        self._concealment.forget()
        self._past.clear()
        self._fall_silent()

    def _fall_silent(self) -> None:
        self._playing = False
        self._ahead = 0

    # Stretching

    def _lead_s(self, turn: int) -> float:
        """How much earlier than now a packet due next was to be expected, at worst."""
        expected_s = turn / SAMPLE_RATE_HZ + self._transit.need_s
        return self._clock.time_s + self._clock.early_s - expected_s - MARGIN_S

    def _steered(self, now: float) -> Frame | None:
        """The next frame, after sound was taken out or put in if the delay asks it."""
        turn = self._queue.turn
        is_steady = self._transit.packets and not self._concealment.guesses
        if turn is not None and is_steady:
            frames, left = divmod(len(self._pcm), FRAME_BYTES)
            lead_s = self._lead_s(turn) + frames * FRAME_S
            change = self._control.wish(lead_s, left // 2, now)
            if change is not None:
                self._stretch(change, now)
        return self._take(now)

    def _stretch(self, change: Change, now: float) -> None:
        if change.samples > 0:
            self._decode_ahead(OVERLAP, now)
        else:
            self._decode_ahead(OVERLAP + min(LAG_MAX, -change.samples), now)
        past = b"".join(self._past)
        done = stretched(
            past, self._pcm, change.samples, change.likeness, self._quiet_dbov()
        )
        if done is None:
            return
        self._pcm = done.pcm
        self._control.changed(done.samples, now)
        if done.samples > 0:
            self._lengthened += done.samples
        else:
            self._shortened -= done.samples

    def _quiet_dbov(self) -> float:
        """Below this nobody hears a seam: the background, unless that is loud."""
        background_dbov = self._concealment.background_dbov
        if background_dbov is None:
            return _QUIET_DBOV
        return min(_QUIET_DBOV, max(_LOUD_DBOV, background_dbov - _ABOVE_DB))

    def _decode_ahead(self, samples: int, now: float) -> None:
        """So much sound that is ready to be played, if it is there without a hole."""
        while len(self._pcm) < 2 * samples and len(self._queue):
            if self._queue.hole:
                return
            pcm = self._decoded(now)
            if pcm is None:
                return
            self._pcm += self._resumed(pcm)

    # Taking

    def _take(self, now: float) -> Frame | None:
        while len(self._pcm) < FRAME_BYTES:
            piece = self._produced(now)
            if piece is None:
                rest, self._pcm = self._pcm, b""
                return rest.ljust(FRAME_BYTES, b"\0") if rest else None
            self._pcm = self._pcm + piece if self._pcm else piece
        if len(self._pcm) == FRAME_BYTES:
            frame, self._pcm = self._pcm, b""
        else:
            frame, self._pcm = self._pcm[:FRAME_BYTES], self._pcm[FRAME_BYTES:]
        return frame

    def _produced(self, now: float) -> bytes | None:
        """More sound: the next packet's if it is there, else a guess, at last None."""
        while len(self._queue):
            missing = self._missing(now)
            if missing > _HOLE_SAMPLES_MAX:
                if not self._is_ready(now):
                    break
                self._queue.pass_over_hole()
            elif missing > 0:
                return self._filled(missing)
            pcm = self._decoded(now)
            if pcm is not None:
                return self._resumed(pcm)
        if self._concealment.is_spent:
            self._fall_silent()
            return None
        self._ahead += FRAME_SAMPLES
        return self._concealment.guess()

    def _missing(self, now: float) -> int:
        """Samples that nothing stood in for yet between what was played and the head.

        Guesses that did are paid for with that; the others delayed the stream.
        """
        hole = self._queue.hole
        if hole > _HOLE_SAMPLES_MAX:
            return hole
        paid = min(hole, self._ahead)
        if self._ahead:
            self._queue.pass_over(paid)
            if self._ahead > paid:
                self._control.was_late(now)
            self._ahead = 0
        return hole - paid

    def _filled(self, missing: int) -> bytes:
        """A piece of what is missing before the head: from its copy, else a guess."""
        head = self._queue.head
        assert head is not None, "something is missing before it"
        if missing <= head.samples and carries_copy(head.packet.payload):
            try:
                pcm = self._decoder.recover(head.packet.payload, head.samples)
            except PacketMalformed:
                pass
            else:
                self._queue.pass_over(missing)
                self._recovered += 1
                return self._resumed(pcm[-2 * missing :])
        self._queue.pass_over(min(missing, FRAME_SAMPLES))
        return self._concealment.guess()

    def _decoded(self, now: float) -> bytes | None:
        waiting = self._queue.take()
        try:
            pcm = self._decoder.decode(waiting.packet.payload)
        except PacketMalformed:
            self._broken += 1
            return None
        self._played += 1
        self._recovered += waiting.packet.is_redundant
        offset_s = len(self._pcm) / 2 / SAMPLE_RATE_HZ
        self._note_delay(now + offset_s - waiting.arrival)
        self._began = waiting.packet, offset_s
        return pcm

    def _note_delay(self, delay_s: float) -> None:
        if self._delay_s is None:
            self._delay_s = delay_s
        else:
            self._delay_s += _DELAY_WEIGHT * (delay_s - self._delay_s)

    def _resumed(self, pcm: bytes) -> bytes:
        self._concealed += self._concealment.guesses
        return self._concealment.resumed(pcm)
