"""Between arrival and playing: one stream's jitter buffer, on its own playout clock.

Pure: time is an argument and no lock is held. It keeps a packet until its turn and
guesses what is missing. It does not know where packets come from.
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.audio import (
    FRAME_BYTES,
    FRAME_S,
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    Frame,
)
from intercomd.domain.errors import PacketMalformed
from intercomd.media.delay_control import DelayControl, Wish
from intercomd.media.fade import crossfaded, ramped
from intercomd.media.level import rms_dbov
from intercomd.media.opus import Decoder
from intercomd.media.packet import Packet
from intercomd.media.packet_queue import PacketQueue

GUESSES_MAX = 6
"""Frames: after 60 ms without sound a guess at it is worse than silence."""

_FULL_GUESSES = 2
_HOLE_SAMPLES_MAX = GUESSES_MAX * FRAME_SAMPLES
_BACKLOG_SAMPLES = 60 * SAMPLE_RATE_HZ // 1000
_QUIET_DBOV = 50.0
_RESUME_SAMPLES = 240


@dataclass(frozen=True, slots=True)
class ReceiveStats:
    """Where the packets went, and what was done to the sound.

    `received` = `played` + `late` + `duplicate` + `dropped` + those still waiting.
    `concealed`, `shortened` and `lengthened` count 10 ms frames; guesses that fade
    into a pause are not counted. `delay_ms` is how long packets waited of late.
    """

    received: int = 0
    played: int = 0
    late: int = 0
    duplicate: int = 0
    dropped: int = 0
    concealed: int = 0
    shortened: int = 0
    lengthened: int = 0
    resets: int = 0
    delay_ms: float = 0.0


class ReceiveBuffer:
    """Packets of one stream in, frames of 10 ms out.

    `put` and `pull` may be driven by clocks that drift apart. A missing packet is
    guessed when its turn comes. Guesses made while nothing waits delay the stream
    if the packets were only late, and count as their stand-in if they were lost.
    """

    def __init__(self, decoder: Decoder, *, target_ms: int = 20) -> None:
        """Uses `decoder` alone from now on; closing it stays with the caller."""
        self._decoder = decoder
        self._target_samples = target_ms * SAMPLE_RATE_HZ // 1000
        # Pulls come in steps of a frame: half a frame early, the mean is right.
        self._start_s = target_ms / 1000 - FRAME_S / 2
        self._queue = PacketQueue()
        self._control = DelayControl(target_ms / 1000)
        self._pcm = b""
        self._last = b""
        self._playing = False
        self._gain = 0.0
        self._guesses = 0
        self._ahead = 0
        self._began: tuple[Packet, float] | None = None
        self._played = self._broken = self._concealed = 0
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
            concealed=self._concealed,
            shortened=self._shortened,
            lengthened=self._lengthened,
            resets=self._resets,
            delay_ms=self._control.delay_s * 1000,
        )

    @property
    def waiting(self) -> int:
        """How many packets wait for their turn."""
        return len(self._queue)

    @property
    def began(self) -> tuple[Packet, float] | None:
        """The packet that began last in the frame pulled last, and how many seconds
        into that frame; None if none did."""
        return self._began

    def put(self, packet: Packet, now: float) -> None:
        """Take a packet that arrived at `now`. Never raises on its content."""
        if self._queue.put(packet, now):
            self._forget_sound()

    def pull(self, now: float) -> Frame | None:
        """The next 10 ms, or None while nothing is to be played.

        Called every 10 ms at `now`, on the clock that `put` is on. Hot path: a stream
        of 10 ms packets costs one decode and one bytes object.
        """
        self._began = None
        if self._playing:
            if self._level() > self._most_samples() + _BACKLOG_SAMPLES:
                self._skip_backlog(now)
        elif self._is_ready(now):
            self._start(now)
        else:
            return None
        frame = self._steered(now)
        self._last = frame or b""
        return frame

    def reset(self) -> None:
        """Forget the stream: what comes next is another one."""
        self._queue.clear()
        self._forget_sound()

    def _is_ready(self, now: float) -> bool:
        head = self._queue.head
        return head is not None and now - head.arrival >= self._start_s

    def _start(self, now: float) -> None:
        """Begin to play, with the target's worth of the newest packets."""
        head = self._queue.head
        while head and self._queue.samples - head.samples > self._target_samples:
            self._queue.drop_oldest()
            head = self._queue.head
        self._playing = True
        self._resync(now)

    def _skip_backlog(self, now: float) -> None:
        """After a stall: straight to the target, with the newest packets."""
        self._pcm = b""
        while len(self._queue) > 1 and self._level() > self._most_samples():
            self._queue.drop_oldest()
        self._resync(now)

    def _resync(self, now: float) -> None:
        """Whatever waits first is next, from silence."""
        self._queue.pass_over_hole()
        self._guesses = self._ahead = 0
        self._gain = 0.0
        self._control.settle(now)

    def _forget_sound(self) -> None:
        self._resets += 1
        self._pcm = b""
        self._decoder.reset()
        self._fall_silent()

    def _fall_silent(self) -> None:
        self._playing = False
        self._guesses = self._ahead = 0

    def _level(self) -> int:
        return self._queue.samples + len(self._pcm) // 2

    def _most_samples(self) -> int:
        """What there is right before a pull when all is well."""
        newest = self._queue.newest
        return self._target_samples + (newest.samples if newest else 0)

    def _steered(self, now: float) -> Frame | None:
        """The next frame, with 10 ms left out or put in if the delay asks for it."""
        match self._control.wish(now):
            case Wish.NOTHING:
                return self._take(now)
            case Wish.SHORTEN:
                may = self._has_ready(2 * FRAME_SAMPLES) and self._may_change(now)
                return self._shorten(now) if may else self._take(now)
            case Wish.LENGTHEN:
                may = not self._pcm and not self._guesses and self._may_change(now)
                return self._lengthen(now) if may else self._take(now)

    def _may_change(self, now: float) -> bool:
        """At once if it is a lot; a little waits a while for a quiet moment."""
        return not self._control.can_wait(now) or self._is_quiet()

    def _is_quiet(self) -> bool:
        return rms_dbov(self._last) >= _QUIET_DBOV

    def _has_ready(self, samples: int) -> bool:
        return self._queue.has_unbroken(samples - len(self._pcm) // 2)

    def _shorten(self, now: float) -> Frame:
        """Two frames become one."""
        self._shortened += 1
        self._control.changed(-FRAME_S, now)
        first, second = self._take(now), self._take(now)
        if first is None or second is None:  # what waited could not be decoded
            return first or bytes(FRAME_BYTES)
        return crossfaded(first, second)

    def _lengthen(self, now: float) -> Frame:
        """A guessed frame goes before the next one."""
        self._lengthened += 1
        self._control.changed(FRAME_S, now)
        return self._decoder.conceal(FRAME_SAMPLES)

    def _take(self, now: float) -> Frame | None:
        while len(self._pcm) < FRAME_BYTES:
            piece = self._produce(now)
            if piece is None:
                rest, self._pcm = self._pcm, b""
                return rest.ljust(FRAME_BYTES, b"\0") if rest else None
            self._pcm = self._pcm + piece if self._pcm else piece
        if len(self._pcm) == FRAME_BYTES:
            frame, self._pcm = self._pcm, b""
        else:
            frame, self._pcm = self._pcm[:FRAME_BYTES], self._pcm[FRAME_BYTES:]
        return frame

    def _produce(self, now: float) -> bytes | None:
        """More sound: the next packet's if it is there, else a guess, at last None."""
        while len(self._queue):
            if self._is_hole_to_guess():
                return self._guess()
            pcm = self._decoded(now)
            if pcm is not None:
                return self._resumed(pcm)
        if self._guesses >= GUESSES_MAX:
            self._fall_silent()
            return None
        self._ahead += FRAME_SAMPLES
        return self._guess()

    def _is_hole_to_guess(self) -> bool:
        """Whether 10 ms are still missing before the head; then they are given up.

        A hole too long to be guessed is not filled: the delay must not grow by it.
        """
        hole, ahead = self._queue.hole, self._ahead
        self._ahead = 0
        if not 0 < hole - ahead <= _HOLE_SAMPLES_MAX:
            return False
        self._queue.pass_over(min(hole, ahead + FRAME_SAMPLES))
        return True

    def _decoded(self, now: float) -> bytes | None:
        waiting = self._queue.take()
        try:
            pcm = self._decoder.decode(waiting.packet.payload)
        except PacketMalformed:
            self._broken += 1
            return None
        self._played += 1
        self._control.played(now - waiting.arrival, now)
        self._began = waiting.packet, len(self._pcm) / 2 / SAMPLE_RATE_HZ
        return pcm

    def _guess(self) -> bytes:
        """10 ms that continue the sound: two at full strength, then fading."""
        self._guesses += 1
        fading = GUESSES_MAX - _FULL_GUESSES
        gain = max(0.0, min(1.0, (GUESSES_MAX - self._guesses) / fading))
        pcm = self._decoder.conceal(FRAME_SAMPLES)
        if gain < 1.0:
            pcm = ramped(pcm, self._gain, gain, FRAME_SAMPLES)
        self._gain = gain
        return pcm

    def _resumed(self, pcm: bytes) -> bytes:
        """Real sound: after guesses, up from where they faded to, within 5 ms."""
        self._concealed += self._guesses
        self._guesses = 0
        if self._gain < 1.0:
            pcm = ramped(pcm, self._gain, 1.0, _RESUME_SAMPLES)
            self._gain = 1.0
        return pcm
