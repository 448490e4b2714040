"""What a test delivers to and pulls from: it keeps the frames and waits for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from time import monotonic

import numpy as np

from intercomd.domain.audio import FRAME_SAMPLES, SILENCE, Frame

_WITHIN_S = 5.0


class Ear:
    """A `Deliver` that keeps each frame with its time, safe across threads."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.captured_at: list[float] = []
        self.delivered_at: list[float] = []
        self._changed = threading.Condition()

    def __call__(self, frame: Frame, captured_at: float) -> None:
        with self._changed:
            self.frames.append(frame)
            self.captured_at.append(captured_at)
            self.delivered_at.append(monotonic())
            self._changed.notify_all()

    async def hears(self, frames: int) -> None:
        """Wait until there are that many frames."""
        await _until(self._changed, lambda: len(self.frames) >= frames)


class Mouth:
    """A `Pull` that says what it is given, then silence, and keeps the times."""

    def __init__(self, frames: list[Frame] | None = None) -> None:
        self.plays_at: list[float] = []
        self.pulled_at: list[float] = []
        self._frames = frames or []
        self._changed = threading.Condition()

    def __call__(self, plays_at: float) -> Frame:
        with self._changed:
            said = len(self.plays_at)
            self.plays_at.append(plays_at)
            self.pulled_at.append(monotonic())
            self._changed.notify_all()
        return self._frames[said] if said < len(self._frames) else SILENCE

    async def said(self, frames: int) -> None:
        """Wait until that many frames were pulled."""
        await _until(self._changed, lambda: len(self.plays_at) >= frames)


class States:
    """An `on_state` that keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[bool] = []
        self.texts: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, is_open: bool, text: str) -> None:
        with self._changed:
            self.seen.append(is_open)
            self.texts.append(text)
            self._changed.notify_all()

    async def are(self, *seen: bool) -> None:
        """Wait until exactly these states were told, in this order."""
        await _until(self._changed, lambda: self.seen == list(seen))


def tone(*, amplitude: float = 0.3, hertz: float = 500.0) -> Frame:
    """A frame of a tone that goes on seamlessly from frame to frame."""
    phase = np.arange(FRAME_SAMPLES) * 2 * np.pi * hertz / 48_000
    return (amplitude * 32767 * np.sin(phase)).astype("<i2").tobytes()


async def _until(changed: threading.Condition, done: Callable[[], bool]) -> None:
    def wait() -> bool:
        with changed:
            return changed.wait_for(done, _WITHIN_S)

    assert await asyncio.to_thread(wait), "it did not happen within 5 s"
