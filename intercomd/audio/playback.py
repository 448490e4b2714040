"""A loudspeaker on an ALSA card, from opening to unplugging and back.

It does not know where the sound comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from intercomd.audio.card import Card, Wanted
from intercomd.audio.card_search import SYSFS
from intercomd.audio.conversion import ToCard
from intercomd.audio.direction import Direction
from intercomd.audio.due import NAP_S, Due
from intercomd.audio.fill import Fill
from intercomd.audio.lookout import LOOK_AGAIN_S, Lookout, Wish
from intercomd.audio.presence import Presence
from intercomd.audio.thread import AudioThread
from intercomd.domain.audio import (
    FRAME_MS,
    FRAME_S,
    FRAME_SAMPLES,
    AudioCounters,
    Deliver,
    Pull,
)
from intercomd.domain.errors import DeviceUnavailable

# Measured with tests/bench/loop.py. The period is half a frame, since PulseAudio
# and many USB cards move their pointer by whole periods; the buffer is only room,
# for what is kept in it is the fill.
_WANTED = Wanted(period_samples=FRAME_SAMPLES // 2, periods=8)
_STALLED_AFTER_S = 0.5
_STANDS_STILL_S = 0.1


class AlsaPlayback:
    """An `AudioSink`: plays what it pulls on an ALSA device.

    `on_state(is_open, text)` is called from this part's thread whenever the card
    has come or gone; `text` says what and, if gone, what to do. While it is gone,
    frames are still pulled in real time, so that what waits to be played drains.

    `on_played` takes what was given to the card, and when it leaves the loudspeaker;
    it is called from this part's thread and must not block.

    Clock: frames are pulled by the card's own clock, which is neither the machine's nor
    the microphone's. Who supplies them absorbs the difference; who compares `on_played`
    with a microphone's times (an echo filter) has to follow it.

    Latency: the next frame is pulled when no more than the `Fill` waits in the card,
    7.5 ms unless it ran dry.
    """

    def __init__(
        self,
        wish: Wish,
        pull: Pull,
        *,
        on_state: Callable[[bool, str], None] | None = None,
        on_played: Deliver | None = None,
        levels: Mapping[str, int] | None = None,
        sysfs: Path = SYSFS,
    ) -> None:
        """`levels` are percents by the names of mixer controls, set at each opening;
        `sysfs` is where the kernel lists its cards."""
        self.counters = AudioCounters()
        self._wish = wish
        self._pull = pull
        self._on_played = on_played
        self._on_state = on_state
        self._levels = levels
        self._sysfs = sysfs
        self._lookout = self._look_for(wish)
        self._presence = self._await(self._lookout)
        self._thread = AudioThread(f"playback {self._lookout}", self._work)

    @property
    def is_open(self) -> bool:
        return self._presence.is_open

    def use(self, wish: Wish) -> None:
        """Close the card and open this one instead. Callable from any thread; done
        within 0.6 s."""
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
            self._play_on(self._wish)

    def _play_on(self, wish: Wish) -> None:
        """Look for this card and play, until another is wanted."""
        self._lookout = self._look_for(wish)
        self._presence = self._await(self._lookout)
        while self._is_wanted(wish):
            try:
                card = self._lookout.open()
            except DeviceUnavailable as error:
                self._presence.gone(error)
                self._pull_without_card()
            else:
                self._play_until_gone(card, wish)
            if self._is_wanted(wish):
                self.counters.reopens += 1
        self._presence.left()

    def _is_wanted(self, wish: Wish) -> bool:
        return self._wish is wish and not self._thread.stopping.is_set()

    def _look_for(self, wish: Wish) -> Lookout:
        return Lookout(wish, Direction.PLAYBACK, _WANTED, self._sysfs, self._levels)

    def _await(self, lookout: Lookout) -> Presence:
        return Presence(f"loudspeaker {lookout}", "aplay -L", self._on_state)

    def _play_until_gone(self, card: Card, wish: Wish) -> None:
        try:
            self._play(card, wish)
        except DeviceUnavailable as error:
            if not self._presence.is_open:  # nor was it: no haste to open it again
                self._pull_without_card()
            self._presence.gone(error)
        finally:
            card.close()

    def _play(self, card: Card, wish: Wish) -> None:
        """Keep the card filled until told to stop. No logging and no search in here,
        but for the first frame, with which the card is there."""
        conversion = ToCard(card.layout)
        most_s = card.buffer_samples / card.layout.rate_hz - FRAME_S
        now = played_at = looked_at = drained_until = monotonic()
        fill, due = Fill(most_s, now), Due(now)
        _prime(card, fill)
        stopping = self._thread.stopping
        while self._wish is wish and not stopping.is_set():
            sleep(max(0.0, due.at - monotonic()))
            queued_s = _queued_s(card)
            now = monotonic()
            if now - played_at > _STALLED_AFTER_S:
                raise DeviceUnavailable(f"{card.name}: took nothing for 500 ms")
            if queued_s is None:
                self.counters.xruns += 1
                fill.underran(now)
                card.restart()
                _prime(card, fill)
                due.early(NAP_S, now)
            elif queued_s <= fill.now_s:
                played_at = now
                self._write(card, conversion, now + queued_s)
                self._presence.came(card.told)
                fill.pulled(queued_s, now)
                due.met(now)
            else:
                due.early(queued_s - fill.now_s, now)
                drained_until = self._drain(max(drained_until, played_at))
            if played_at - looked_at > LOOK_AGAIN_S:
                looked_at = played_at
                if self._lookout.is_better_there():
                    return

    def _write(self, card: Card, conversion: ToCard, begins_at: float) -> None:
        plays_at = begins_at + conversion.lag_s
        frame = self._pull(plays_at)
        card.write(conversion.convert(frame))
        self.counters.frames += 1
        if self._on_played is not None:
            self._on_played(frame, plays_at)

    def _drain(self, until: float) -> float:
        """Pull what a card that stands still should have taken since `until`."""
        now = monotonic()
        if now - until > _STANDS_STILL_S:
            while until < now:
                self._pull(until)
                until += FRAME_S
        return until

    def _pull_without_card(self) -> None:
        """Pull in real time until the next look for the card."""
        due = monotonic()
        until = due + LOOK_AGAIN_S
        while due < until and not self._thread.stopping.wait(max(0, due - monotonic())):
            self._pull(due)
            due += FRAME_S


def _queued_s(card: Card) -> float | None:
    """What waits to be played; None when it ran out."""
    room = card.available()
    if room is None or room >= card.buffer_samples:
        return None
    return (card.buffer_samples - room) / card.layout.rate_hz


def _prime(card: Card, fill: Fill) -> None:
    """Fill a card that rests with silence; the first sample starts it."""
    frames = 1 + int(fill.now_s / FRAME_S)
    samples = frames * card.layout.rate_hz * FRAME_MS // 1000
    card.write(bytes(samples * card.layout.sample_bytes))
