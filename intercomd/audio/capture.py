"""A microphone on an ALSA card, from opening to unplugging and back.

It does not know what becomes of the sound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from intercomd.audio.card import Card, Wanted
from intercomd.audio.card_search import SYSFS
from intercomd.audio.conversion import FromCard
from intercomd.audio.direction import Direction
from intercomd.audio.lookout import LOOK_AGAIN_S, Lookout, Wish
from intercomd.audio.presence import Presence
from intercomd.audio.thread import AudioThread
from intercomd.domain.audio import (
    FRAME_BYTES,
    FRAME_MS,
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    AudioCounters,
    Deliver,
    Frame,
)
from intercomd.domain.errors import DeviceUnavailable

_WANTED = Wanted(period_samples=FRAME_SAMPLES, periods=4)
_STALLED_AFTER_S = 0.5
_BACKLOG_FRAMES = 3
_WAIT_S = 0.1
_NAP_S = 0.001
_MOST_PERIODS = 1000


class AlsaCapture:
    """An `AudioSource`: frames of an ALSA device, delivered as they are captured.

    `on_state(is_open, text)` is called from this part's thread whenever the card
    has come or gone; `text` says what and, if gone, what to do. While it is gone
    nothing is delivered.

    Latency: a frame is delivered as soon as its last sample can be read. What
    piled up before the first read, and any later backlog above three frames, is
    thrown away; the latter counts as an xrun, as PulseAudio reports none.
    """

    def __init__(
        self,
        wish: Wish,
        deliver: Deliver,
        *,
        on_state: Callable[[bool, str], None] | None = None,
        levels: Mapping[str, int] | None = None,
        sysfs: Path = SYSFS,
    ) -> None:
        """`levels` are percents by the names of mixer controls, set at each opening;
        `sysfs` is where the kernel lists its cards."""
        self.counters = AudioCounters()
        self._wish: Wish | None = wish
        self._deliver = deliver
        self._on_state = on_state
        self._levels = levels
        self._sysfs = sysfs
        self._lookout = self._look_for(wish)
        self._presence = self._await(self._lookout)
        self._thread = AudioThread(f"capture {self._lookout}", self._work)

    @property
    def is_open(self) -> bool:
        return self._presence.is_open

    def use(self, wish: Wish | None) -> None:
        """Close the card and open this one instead; with None leave it closed.

        Callable from any thread; done within 0.6 s.
        """
        self._wish = wish

    async def __aenter__(self) -> Self:
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._thread.stop()

    def _work(self) -> None:
        while not self._thread.stopping.is_set():
            wish = self._wish
            if wish is not None:
                self._capture_from(wish)
            while self._wish is None and not self._thread.stopping.wait(_WAIT_S):
                pass

    def _capture_from(self, wish: Wish) -> None:
        """Look for this card and capture, until another is wanted or none."""
        self._lookout = self._look_for(wish)
        self._presence = self._await(self._lookout)
        while self._is_wanted(wish):
            try:
                card = self._lookout.open()
            except DeviceUnavailable as error:
                self._presence.gone(error)
                self._thread.stopping.wait(LOOK_AGAIN_S)
            else:
                self._capture_until_gone(card, wish)
            if self._is_wanted(wish):
                self.counters.reopens += 1
        self._presence.left()

    def _is_wanted(self, wish: Wish) -> bool:
        return self._wish is wish and not self._thread.stopping.is_set()

    def _look_for(self, wish: Wish) -> Lookout:
        return Lookout(wish, Direction.CAPTURE, _WANTED, self._sysfs, self._levels)

    def _await(self, lookout: Lookout) -> Presence:
        return Presence(f"microphone {lookout}", "arecord -L", self._on_state)

    def _capture_until_gone(self, card: Card, wish: Wish) -> None:
        try:
            self._capture(card, wish)
        except DeviceUnavailable as error:
            if not self._presence.is_open:  # nor was it: no haste to open it again
                self._thread.stopping.wait(LOOK_AGAIN_S)
            self._presence.gone(error)
        finally:
            card.close()

    def _capture(self, card: Card, wish: Wish) -> None:
        """Deliver frames until told to stop. No logging and no search in here, but
        for the first frame, with which the card is there."""
        stopping = self._thread.stopping
        _discard_backlog(card)
        conversion = FromCard(card.layout)
        backlog_samples = _BACKLOG_FRAMES * card.layout.rate_hz * FRAME_MS // 1000
        pending = b""
        heard_at = looked_at = monotonic()
        while self._wish is wish and not stopping.is_set():
            if monotonic() - heard_at > _STALLED_AFTER_S:
                raise DeviceUnavailable(f"{card.name}: gave nothing for 500 ms")
            waiting = card.available()
            now = monotonic()
            too_late = waiting is None or waiting > backlog_samples
            pcm = None if too_late else card.read()
            if waiting is None or pcm is None:
                self.counters.xruns += 1
                pending = b""
                conversion.begin_anew()
                _begin_anew(card, lost=waiting is None)
                stopping.wait(_NAP_S)
                continue
            waiting -= len(pcm) // card.layout.sample_bytes
            if pcm:
                heard_at = now
                self._presence.came(card.told)
                pending += conversion.convert(pcm)
                late_s = max(0, waiting) / card.layout.rate_hz
                heard_until = now - late_s - conversion.lag_s
                pending = self._deliver_whole(pending, heard_until)
            if waiting < card.period_samples:
                card.wait(_WAIT_S)
            if heard_at - looked_at > LOOK_AGAIN_S:
                looked_at = heard_at
                if self._lookout.is_better_there():
                    return

    def _deliver_whole(self, pcm: bytes, heard_until: float) -> bytes:
        """Deliver the whole frames of `pcm`, which end then; what is left over."""
        start = 0
        while len(pcm) - start >= FRAME_BYTES:
            age_s = (len(pcm) - start) // 2 / SAMPLE_RATE_HZ
            frame = pcm[start : start + FRAME_BYTES]
            self._deliver(frame, heard_until - age_s)
            self.counters.frames += 1
            self._note_movement(frame)
            start += FRAME_BYTES
        return pcm[start:]

    def _note_movement(self, frame: Frame) -> None:
        """Hot path: one comparison, which ends at the first movement."""
        if frame == frame[:2] * FRAME_SAMPLES:
            self.counters.flat_frames += 1
        else:
            self.counters.flat_frames = 0


def _begin_anew(card: Card, *, lost: bool) -> None:
    """Go on with what is said now: after an xrun, or after a backlog."""
    if lost:
        card.restart()
    _discard_backlog(card)


def _discard_backlog(card: Card) -> None:
    """Read until less than a period waits; begins the capture where it rests."""
    for _ in range(_MOST_PERIODS):
        if card.read() is None or (card.available() or 0) < card.period_samples:
            return
