"""The PCM frame, and the two seams sound crosses: AudioSource and AudioSink.

It does not know where sound comes from: cards and files live in `audio/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

SAMPLE_RATE_HZ = 48_000
FRAME_MS = 10
FRAME_SAMPLES = SAMPLE_RATE_HZ * FRAME_MS // 1000
FRAME_BYTES = 2 * FRAME_SAMPLES
FRAME_S = FRAME_MS / 1000
SILENCE = bytes(FRAME_BYTES)

Frame = bytes
"""10 ms of mono, 48 kHz, signed 16 bit little endian: exactly FRAME_BYTES."""

Deliver = Callable[[Frame, float], None]
"""Takes a captured frame and the `time.monotonic()` at which its first sample
reached the microphone. Called from the source's own thread; never blocks."""

Pull = Callable[[float], Frame]
"""Returns the next frame to play, given the `time.monotonic()` at which its
first sample will leave the loudspeaker. Called from the sink's own thread;
never blocks."""


@dataclass(slots=True)
class AudioCounters:
    """What a source or sink has seen since it was constructed.

    flat_frames  how many of a card's newest captured frames had no movement at all;
                 the others only ever grow
    """

    frames: int = 0
    xruns: int = 0
    reopens: int = 0
    flat_frames: int = 0


class AudioSource(Protocol):
    """A microphone: while entered, calls its `Deliver` once every 10 ms.

    Opening never fails for reasons of the outside world: a missing card is
    looked for until it is there, and `is_open` says whether it is.
    """

    @property
    def counters(self) -> AudioCounters: ...

    @property
    def is_open(self) -> bool: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class AudioSink(Protocol):
    """A loudspeaker: while entered, calls its `Pull` once every 10 ms.

    The same promises as `AudioSource`.
    """

    @property
    def counters(self) -> AudioCounters: ...

    @property
    def is_open(self) -> bool: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
