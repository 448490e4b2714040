"""Which of a microphone's frames go out: those of a talk, with what came just before.

Pure: it counts frames instead of looking at a clock, and knows neither keys nor
packets. One gate belongs to one channel and is driven by the card's thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from intercomd.domain.audio import FRAME_MS, Frame

CATCH_UP_FRAMES = 4
"""Frames that go out for each one that comes, until none waits: 300 ms are through
in 80 ms, and neither the encoder nor the air gets them in one burst."""

SAID_ABOVE_DB = 6.0
LOUD_DBOV = 36.0
LEAD_FRAMES = 8
"""Of a pre-roll the silence stays behind, or all that is said after it would be late
for a while. Said is what is that much louder than the quietest frame, or loud by
itself; a word may begin fainter than that, so much before it."""

Taken = tuple[Frame, float, float]
"""A frame, when it was captured (monotonic seconds), and its level in dBov."""

_NOTHING: Sequence[Taken] = ()


class TalkGate:
    """A ring of the last `pre_roll_ms` while shut; open, a short queue.

    Whatever was said in the pre-roll, or came while wanted or in the tail after it,
    comes out once and in order; nothing else does.
    """

    def __init__(self, *, pre_roll_ms: int, tail_ms: int) -> None:
        """Both in steps of 10 ms; longer by up to one step."""
        self._pre_roll = pre_roll_ms // FRAME_MS
        self._tail = tail_ms // FRAME_MS
        self._frames: deque[Taken] = deque()
        self._owed = 0
        self._tail_left = 0

    @property
    def is_passing(self) -> bool:
        """Whether anything goes out now, the tail and what is owed included."""
        return self._owed > 0 or self._tail_left > 0

    @property
    def lag_s(self) -> float:
        """How far behind the microphone the first frame may be that goes out next."""
        return self._pre_roll * FRAME_MS / 1000

    def take(
        self, frame: Frame, captured_at: float, level_dbov: float, *, is_wanted: bool
    ) -> Sequence[Taken]:
        """Take a frame; return what goes out now. Hot path: a tuple for each frame,
        a short list while open."""
        frames = self._frames
        frames.append((frame, captured_at, level_dbov))
        if is_wanted:
            if not self.is_passing:
                self._leave_silence_behind()
            self._owed = len(frames)
            self._tail_left = self._tail
        elif self._tail_left:
            self._owed += 1
            self._tail_left -= 1
        if self._owed:
            count = min(CATCH_UP_FRAMES, self._owed)
            self._owed -= count
            return [frames.popleft() for _ in range(count)]
        if len(frames) > self._pre_roll:
            frames.popleft()
        return _NOTHING

    def _leave_silence_behind(self) -> None:
        """Drop what came before anything was said, but for a short lead."""
        frames = self._frames
        quietest_dbov = max(level for _, _, level in frames)
        said_dbov = max(quietest_dbov - SAID_ABOVE_DB, LOUD_DBOV)
        newest = len(frames) - 1
        first = next(
            (n for n, (_, _, level) in enumerate(frames) if level < said_dbov), newest
        )
        for _ in range(first - LEAD_FRAMES):
            frames.popleft()

    def forget(self) -> None:
        """Shut at once and keep nothing of what came: the microphone was muted."""
        self._frames.clear()
        self._owed = self._tail_left = 0
