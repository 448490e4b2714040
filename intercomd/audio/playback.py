"""A loudspeaker on an ALSA card, from opening to unplugging and back.

It does not know where the sound comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

from intercomd.audio.card import Card, Direction, Wanted
from intercomd.audio.presence import Presence
from intercomd.audio.thread import AudioThread
from intercomd.domain.audio import (
    FRAME_S,
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    SILENCE,
    AudioCounters,
    Deliver,
    Pull,
)
from intercomd.domain.errors import DeviceUnavailable

# Measured with tests/bench/loop.py. The period is half a frame, since PulseAudio
# and many USB cards move their pointer by whole periods; the buffer is only room,
# for what is kept in it is the fill.
_WANTED = Wanted(period_samples=FRAME_SAMPLES // 2, periods=8)
_FILL_SAMPLES = FRAME_SAMPLES * 3 // 4
_FILL_STEP_SAMPLES = FRAME_SAMPLES // 4
_FILL_LESS_AFTER_S = 30.0
_REOPEN_AFTER_S = 0.5
_STALLED_AFTER_S = 0.5
_NAP_S = 0.001


class AlsaPlayback:
    """An `AudioSink`: plays what it pulls on an ALSA device.

    `on_state(is_open, text)` is called from this part's thread whenever the card
    has come or gone; `text` says what and, if gone, what to do. While it is gone,
    frames are still pulled in real time, so that what waits to be played drains.

    `on_played` takes what was given to the card, and when it leaves the loudspeaker;
    it is called from this part's thread and must not block.

    Latency: the next frame is pulled when no more than the fill waits in the
    card. The fill begins at 7.5 ms, enough for an interpreter lock held for 5 ms;
    every underrun adds 2.5 ms, up to the card's buffer, and every 30 s without one
    take 2.5 ms away again.
    """

    def __init__(
        self,
        device: str,
        pull: Pull,
        *,
        on_state: Callable[[bool, str], None] | None = None,
        on_played: Deliver | None = None,
    ) -> None:
        self.counters = AudioCounters()
        self._device = device
        self._pull = pull
        self._on_played = on_played
        self._on_state = on_state
        self._presence = self._look_for(device)
        self._thread = AudioThread(f"playback {device}", self._work)

    @property
    def is_open(self) -> bool:
        return self._presence.is_open

    def use(self, device: str) -> None:
        """Close the card and open this one instead. Callable from any thread; done
        within 0.6 s."""
        self._device = device

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
            self._play_on(self._device)

    def _play_on(self, device: str) -> None:
        """Look for this card and play, until another is wanted."""
        self._presence = self._look_for(device)
        while self._is_wanted(device):
            try:
                card = Card(device, Direction.PLAYBACK, _WANTED)
            except DeviceUnavailable as error:
                self._presence.gone(error)
            else:
                self._play_until_gone(card)
            if self._is_wanted(device) and self._pull_without_card():
                self.counters.reopens += 1
        self._presence.left()

    def _is_wanted(self, device: str) -> bool:
        return self._device == device and not self._thread.stopping.is_set()

    def _look_for(self, device: str) -> Presence:
        return Presence(f"loudspeaker {device}", "aplay -L", self._on_state)

    def _play_until_gone(self, card: Card) -> None:
        self._presence.came()
        try:
            self._play(card)
        except DeviceUnavailable as error:
            self._presence.gone(error)
        finally:
            card.close()

    def _play(self, card: Card) -> None:
        """Keep the card filled until told to stop. No logging in here."""
        most = card.buffer_samples - FRAME_SAMPLES
        fill = min(_FILL_SAMPLES, most)
        _prime(card, fill)
        played_at = changed_at = monotonic()
        stopping, name = self._thread.stopping, card.name
        while self._device == name and not stopping.is_set():
            queued = _queued(card)
            if queued is None:
                self.counters.xruns += 1
                fill = min(fill + _FILL_STEP_SAMPLES, most)
                changed_at = monotonic()
                card.restart()
                _prime(card, fill)
                stopping.wait(_NAP_S)
            elif queued <= fill:
                played_at = monotonic()
                self._write(card, played_at + queued / SAMPLE_RATE_HZ)
                self.counters.frames += 1
                if played_at - changed_at > _FILL_LESS_AFTER_S:
                    fill = max(_FILL_SAMPLES, fill - _FILL_STEP_SAMPLES)
                    changed_at = played_at
            elif monotonic() - played_at > _STALLED_AFTER_S:
                raise DeviceUnavailable(f"{card.name}: took nothing for 500 ms")
            else:
                # Early by a nap: a card that reports its position in steps is
                # then met just after a step, not ever later after it.
                until_due_s = (queued - fill) / SAMPLE_RATE_HZ
                stopping.wait(max(_NAP_S, until_due_s - _NAP_S))

    def _write(self, card: Card, plays_at: float) -> None:
        frame = self._pull(plays_at)
        card.write(frame)
        if self._on_played is not None:
            self._on_played(frame, plays_at)

    def _pull_without_card(self) -> bool:
        """Pull in real time until the next look for the card; False when stopping."""
        due = monotonic()
        until = due + _REOPEN_AFTER_S
        while not self._thread.stopping.wait(max(0.0, due - monotonic())):
            if due >= until:
                return True
            self._pull(due)
            due += FRAME_S
        return False


def _queued(card: Card) -> int | None:
    """Samples waiting to be played; None when they ran out."""
    room = card.available()
    if room is None or room >= card.buffer_samples:
        return None
    return card.buffer_samples - room


def _prime(card: Card, samples: int) -> None:
    """Fill a card that rests with silence; the first sample starts it."""
    card.write(SILENCE * (1 + samples // FRAME_SAMPLES))
