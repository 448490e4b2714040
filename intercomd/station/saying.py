"""What is said in the microphone's place: somebody's frames, by the microphone's clock.

It knows no file and no key.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterable, Iterator

from intercomd.domain.audio import FRAME_S, SILENCE, Deliver, Frame
from intercomd.domain.errors import ControlRefused

_AHEAD_FRAMES = 50
_LOOK_S = 0.05
_STALLED_AFTER_S = 5.0


class Saying:
    """Stands between a microphone and who takes its frames.

    `capture` belongs to the microphone's thread, all else to the event loop's.
    """

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._frames: deque[Frame] | None = None

    def capture(self, frame: Frame, captured_at: float) -> None:
        """A `Deliver`. Hot path: one comparison while nothing is said."""
        frames = self._frames
        if frames is not None:
            try:
                frame = frames.popleft()
            except IndexError:  # whoever brings them is late
                frame = SILENCE
        self._deliver(frame, captured_at)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Deliver silence, or what is `put`, instead of what the microphone hears.

        Raises `ControlRefused` while somebody else's turn lasts.
        """
        if self._frames is not None:
            raise ControlRefused("something is being said already: try again later")
        self._frames = deque()
        try:
            yield
        finally:
            self._frames = None

    async def put(self, frames: AsyncIterable[Frame]) -> None:
        """Return once the last of these was delivered; raises `ControlRefused` if no
        microphone takes them any more."""
        async for frame in frames:
            await self._wait_for_room(_AHEAD_FRAMES)
            self._put(frame)
        await self._wait_for_room(1)

    async def silence(self, seconds: float) -> None:
        """Deliver so much silence, in the manner of `put`."""
        for _ in range(round(seconds / FRAME_S)):
            self._put(SILENCE)
        await self._wait_for_room(1)

    def _put(self, frame: Frame) -> None:
        assert self._frames is not None, "it is somebody's turn"
        self._frames.append(frame)

    async def _wait_for_room(self, frames_max: int) -> None:
        assert self._frames is not None, "it is somebody's turn"
        waiting, looks = len(self._frames), 0
        while len(self._frames) >= frames_max:
            await asyncio.sleep(_LOOK_S)
            looks = looks + 1 if len(self._frames) == waiting else 0
            waiting = len(self._frames)
            if looks * _LOOK_S >= _STALLED_AFTER_S:
                raise ControlRefused(
                    "the microphone gives no sound, by whose clock it would be said: "
                    "see 'intercomd doctor'"
                )
