"""Where the network's thread and the sound card's meet: slots in, one frame out.

It does not know rooms or users: who talks on a slot is known elsewhere.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

from intercomd.domain.audio import FRAME_MS, SILENCE, Frame
from intercomd.media.ducking import Ducking
from intercomd.media.gain import ramped
from intercomd.media.level import SILENT_DBOV, rms_dbov
from intercomd.media.mixer import Mixer
from intercomd.media.opus import Decoder
from intercomd.media.packet import Packet, age_s, sequence_ahead
from intercomd.media.receive_buffer import ReceiveBuffer

INBOX_PACKETS_MAX = 1024
LATENCY_WINDOW_S = 10.0

STRAGGLERS_PACKETS = 512
"""So far from a slot's switch there are no packets of the stream before it."""

BREAK_FRAMES = 200 // FRAME_MS
"""So long nothing to play, of a stream that did not end in silence, is a break."""

_SILENCE_DBOV = 120.0
_LATENCIES_MAX = 1000
_LATENCY_EVERY_S = 1.0
_LATENCY_PLAUSIBLE_S = 2.0


@dataclass(frozen=True, slots=True)
class PlayoutStats:
    """One slot. Counts are of packets, except `concealed` (10 ms frames).

    `received` is all that came, copies included; `recovered` are the packets that
    were lost and played all the same, from a copy.

    `level_dbov` is the loudness of what plays now: 0 (loudest) .. 127 (silence).
    The latencies go from the far microphone to this loudspeaker, over the last 10 s,
    anew once a second; None unless the far wall clock agrees with ours to within 0 to
    2 s.
    `first_sound_at` is the `time.monotonic()` at which the first packet plays that is
    not digital silence.
    `rendered` counts the 10 ms frames that came out, guesses included, but not the
    noise that stands in for sound in a long gap. A break is a
    stop of 200 ms or more in sound that had not fallen silent; `break_frames` are the
    10 ms frames missing in breaks, from the first frame without sound on.
    """

    received: int = 0
    played: int = 0
    concealed: int = 0
    late: int = 0
    dropped: int = 0
    recovered: int = 0
    delay_ms: float = 0.0
    level_dbov: float = SILENT_DBOV
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    first_sound_at: float | None = None
    rendered: int = 0
    breaks: int = 0
    break_frames: int = 0
    is_broken: bool = False


class Playout:
    """Mixes the slots. Any thread may call anything.

    `put` takes no lock, so that the loop never waits for a decoder; decoding is done
    by `render`, in the sound card's thread, under the one lock.
    """

    def __init__(self, *, first_wait_ms: int = 10) -> None:
        """`first_wait_ms` is as for `ReceiveBuffer`."""
        self._first_wait_ms = first_wait_ms
        self._lock = threading.Lock()
        self._inbox: deque[tuple[int, Packet, float]] = deque(maxlen=INBOX_PACKETS_MAX)
        self._slots: dict[int, _Slot] = {}
        self._gains: dict[int, float] = {}
        self._ducking = Ducking()
        self._mixer = Mixer()
        self._waits: dict[int, tuple[float, float]] = {}
        self._since: dict[int, int] = {}

    def put(self, slot: int, packet: Packet, arrival: float) -> None:
        """Take a packet that arrived at `arrival` (monotonic). Never blocks.

        While no card calls for sound, the oldest packets give way.
        """
        self._inbox.append((slot, packet, arrival))

    def render(self, plays_at: float) -> Frame:
        """The next 10 ms of all slots, to leave the loudspeaker at `plays_at`.

        Hot path: one decode for each slot that talks.
        """
        now = time.monotonic()
        wall_s = time.time() + (plays_at - now)
        with self._lock:
            self._sort_inbox()
            for slot in self._slots.values():
                slot.pull(now, plays_at, wall_s)
            if self._ducking.is_needed:
                self._duck()
            frames = []
            for number, slot in self._slots.items():
                gain = self._gains.get(number, 1.0) * self._ducking.gain(number)
                frame = slot.leveled(gain)
                if frame is not None:
                    frames.append(frame)
            return self._mixer.mix(frames)

    def set_gain(self, slot: int, gain: float) -> None:
        """Play the slot's stream times `gain`, until `reset`; 1.0 is as it is."""
        with self._lock:
            self._gains[slot] = gain

    def set_priority(self, slot: int, priority: int) -> None:
        """While the slot's stream talks, lower ones are lowered, until `reset`."""
        with self._lock:
            self._ducking.set_priority(slot, priority)

    def set_wait(self, slot: int, least_s: float, most_s: float) -> None:
        """Let the slot's stream wait this long before it plays, until `reset`."""
        with self._lock:
            self._waits[slot] = least_s, most_s
            known = self._slots.get(slot)
            if known is not None:
                known.buffer.bound(least_s, most_s)

    def reset(self, slot: int, since: int | None = None) -> None:
        """Forget the slot's stream and what was set for it, and free its decoder.

        `since` is the sequence number of the next stream's first packet, if that is
        known: those of it that are here already are kept, earlier ones never played.
        """
        with self._lock:
            self._sort_inbox()
            kept = []
            if since is not None and slot in self._slots:
                kept = self._slots[slot].buffer.waiting_since(since)
            self._forget(slot)
            self._gains.pop(slot, None)
            self._ducking.forget(slot)
            self._waits.pop(slot, None)
            self._since.pop(slot, None)
            if since is not None:
                self._since[slot] = since
            self._inbox.extend((slot, *each) for each in kept)

    def renumber(self) -> None:
        """Another connection carries the slots: its numbers begin elsewhere."""
        with self._lock:
            self._sort_inbox()
            self._since.clear()

    def clear(self) -> None:
        """Forget all slots."""
        with self._lock:
            self._inbox.clear()
            for slot in list(self._slots):
                self._forget(slot)
            self._gains.clear()
            self._ducking.clear()
            self._waits.clear()
            self._since.clear()

    def stats(self, slot: int) -> PlayoutStats:
        """How the slot fares; all zero for one on which nothing came."""
        with self._lock:
            self._sort_inbox()
            known = self._slots.get(slot)
            return PlayoutStats() if known is None else known.stats()

    def take_loudest_dbov(self, slot: int) -> float:
        """The loudest level the slot played since this was last asked."""
        with self._lock:
            known = self._slots.get(slot)
            return SILENT_DBOV if known is None else known.take_loudest_dbov()

    def newest(self, slot: int) -> Frame:
        """The last 10 ms of the slot's own, before its gain; silence without."""
        with self._lock:
            known = self._slots.get(slot)
            return SILENCE if known is None else known.newest

    def expect_silence(self, slot: int) -> None:
        """The slot's stream stopped on purpose: that nothing comes is no break."""
        with self._lock:
            known = self._slots.get(slot)
            if known is not None:
                known.expect_silence()

    def _sort_inbox(self) -> None:
        inbox = self._inbox
        while inbox:
            number, packet, arrival = inbox.popleft()
            if number in self._since and self._is_before(number, packet):
                continue
            slot = self._slots.get(number)
            if slot is None:
                slot = self._slots[number] = _Slot(self._first_wait_ms)
                if number in self._waits:
                    slot.buffer.bound(*self._waits[number])
            slot.buffer.put(packet, arrival)

    def _duck(self) -> None:
        for number, slot in self._slots.items():
            self._ducking.hear(number, slot.level_dbov)
        self._ducking.step()

    def _is_before(self, number: int, packet: Packet) -> bool:
        """Whether it is of the stream that the slot carried before."""
        ahead = sequence_ahead(packet.sequence, self._since[number])
        if abs(ahead) >= STRAGGLERS_PACKETS:
            del self._since[number]
            return False
        return ahead < 0

    def _forget(self, number: int) -> None:
        slot = self._slots.pop(number, None)
        if slot is not None:
            slot.decoder.close()


class _Slot:
    """A stream's buffer and decoder, and how late its sound is."""

    def __init__(self, first_wait_ms: int) -> None:
        self.decoder = Decoder()
        self.buffer = ReceiveBuffer(self.decoder, first_wait_ms=first_wait_ms)
        self.newest: Frame = SILENCE
        self._pulled: Frame | None = None
        self._gain: float | None = None
        self.level_dbov = SILENT_DBOV
        self._first_sound_at: float | None = None
        self._latencies: deque[tuple[float, float]] = deque(maxlen=_LATENCIES_MAX)
        self._latency_ms: tuple[float, float] | None = None
        self._latency_at = 0.0
        self._plays_at = 0.0
        self._loudest_dbov = SILENT_DBOV
        self._last_dbov = SILENT_DBOV
        self._rendered = 0
        self._dry_frames = 0
        self._breaks = 0
        self._break_frames = 0
        self._is_broken = False

    def leveled(self, gain: float) -> Frame | None:
        """What was pulled last at this gain, from that of the frame before on."""
        before, self._gain = self._gain, gain
        if self._pulled is None:
            return None
        return ramped(self._pulled, gain if before is None else before, gain)

    def pull(self, now: float, plays_at: float, wall_s: float) -> None:
        """The next frame, for `leveled`; None while there is nothing to play."""
        self._pulled = frame = self.buffer.pull(now)
        self._plays_at = plays_at
        self.newest = frame or SILENCE
        if frame is None or self.buffer.is_noise:
            self.level_dbov = SILENT_DBOV
            self._note_dry()
            return
        self._rendered += 1
        if self.buffer.began is not None:
            packet, offset_s = self.buffer.began
            level = packet.level
            self.level_dbov = rms_dbov(frame) if level is None else level
            self._note_sound()
            self._note_latency(packet, plays_at, wall_s + offset_s)

    def stats(self) -> PlayoutStats:
        counted = self.buffer.stats
        p50_ms, p95_ms = self._told_latency_ms() or (None, None)
        return PlayoutStats(
            received=counted.received,
            played=counted.played,
            concealed=counted.concealed,
            late=counted.late,
            dropped=counted.dropped,
            recovered=counted.recovered,
            delay_ms=counted.delay_ms,
            level_dbov=self.level_dbov,
            latency_p50_ms=p50_ms,
            latency_p95_ms=p95_ms,
            first_sound_at=self._first_sound_at,
            rendered=self._rendered,
            breaks=self._breaks,
            break_frames=self._break_frames,
            is_broken=self._is_broken,
        )

    def take_loudest_dbov(self) -> float:
        loudest, self._loudest_dbov = self._loudest_dbov, SILENT_DBOV
        return loudest

    def expect_silence(self) -> None:
        self.buffer.end()
        self._last_dbov = SILENT_DBOV
        self._is_broken = False

    def _note_sound(self) -> None:
        """A packet was played: whatever was broken is whole."""
        self._last_dbov = self.level_dbov
        if self._first_sound_at is None and self.level_dbov < _SILENCE_DBOV:
            self._first_sound_at = self._plays_at
        self._loudest_dbov = min(self._loudest_dbov, self.level_dbov)
        self._dry_frames = 0
        self._is_broken = False

    def _note_dry(self) -> None:
        """Nothing to play. After silence that is a pause; in mid-sound a break."""
        if self._last_dbov >= _SILENCE_DBOV:
            return
        self._dry_frames += 1
        if self._is_broken:
            self._break_frames += 1
        elif self._dry_frames == BREAK_FRAMES:
            self._is_broken = True
            self._breaks += 1
            self._break_frames += BREAK_FRAMES

    def _told_latency_ms(self) -> tuple[float, float] | None:
        """Sorted once a second: lights and meters look ten times as often, and the
        loudspeaker's thread waits meanwhile."""
        since_s = self._plays_at - self._latency_at
        if self._latency_ms is None or since_s >= _LATENCY_EVERY_S:
            recent = sorted(
                latency_s
                for played_at, latency_s in self._latencies
                if self._plays_at - played_at <= LATENCY_WINDOW_S
            )
            self._latency_at = self._plays_at
            self._latency_ms = None
            if recent:
                p50_ms, p95_ms = (_percentile_ms(recent, p) for p in (0.50, 0.95))
                self._latency_ms = p50_ms, p95_ms
        return self._latency_ms

    def _note_latency(self, packet: Packet, plays_at: float, wall_s: float) -> None:
        if packet.sent_at is None:
            return
        latency_s = age_s(packet.sent_at, wall_s)
        if 0.0 <= latency_s <= _LATENCY_PLAUSIBLE_S:
            self._latencies.append((plays_at, latency_s))


def _percentile_ms(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000
