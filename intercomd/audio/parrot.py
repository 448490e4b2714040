"""A station's sound without a card: it says back what it heard.

It does not know that a call exists; a demo or a sound check does.
"""

from __future__ import annotations

from collections import deque
from types import TracebackType
from typing import Self

from intercomd.audio.pace import every_frame
from intercomd.audio.thread import AudioThread
from intercomd.audio.voice_gate import VoiceGate
from intercomd.domain.audio import FRAME_S, AudioCounters, Deliver, Frame, Pull

_LONGEST_S = 10.0
_ONSET_S = 0.1


class ParrotMemory:
    """What the parrot heard and has still to say. Pure: time is an argument.

    It listens until a talker has paused for `pause_s`, then answers with the last
    10 s at most, from 0.1 s before the voice began to half the pause. While it
    answers it hears nothing, so that two parrots do not talk for ever.
    """

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._heard: deque[Frame] = deque(maxlen=round(_LONGEST_S / FRAME_S))
        self._onset: deque[Frame] = deque(maxlen=round(_ONSET_S / FRAME_S))
        self._answer: deque[Frame] = deque()
        self._gate = VoiceGate(pause_s)

    def exchange(self, heard: Frame, now: float) -> Frame | None:
        """Take the frame of this 10 ms; the frame to say, if it is answering."""
        if self._answer:
            return self._answer.popleft()
        if self._gate.hears_voice(heard, now):
            self._heard.extend(self._onset)
            self._heard.append(heard)
            self._onset.clear()
        elif self._heard:
            self._begin_answer()
        else:
            self._onset.append(heard)
        return None

    def _begin_answer(self) -> None:
        half_pause = round(self._pause_s / FRAME_S / 2)
        self._answer.extend(list(self._heard)[:-half_pause])
        self._heard.clear()
        self._gate = VoiceGate(self._pause_s)


class Parrot:
    """An `AudioSink` and an `AudioSource` in one, as `ParrotMemory` says.

    Unlike a microphone it delivers frames only while it answers.
    """

    def __init__(self, deliver: Deliver, pull: Pull, *, pause_s: float = 0.6) -> None:
        self.counters = AudioCounters()
        self._deliver = deliver
        self._pull = pull
        self._memory = ParrotMemory(pause_s)
        self._is_open = False
        self._thread = AudioThread("parrot", self._work)

    @property
    def is_open(self) -> bool:
        return self._is_open

    async def __aenter__(self) -> Self:
        self._thread.start()
        self._is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._thread.stop()
        self._is_open = False

    def _work(self) -> None:
        for due in every_frame(self._thread.stopping):
            said = self._memory.exchange(self._pull(due), due)
            self.counters.frames += 1
            if said is not None:
                self._deliver(said, due - FRAME_S)
