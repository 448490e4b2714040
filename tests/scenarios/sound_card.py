"""A sound card for an engine: a tone into it, and a meter on what comes out."""

from __future__ import annotations

import asyncio
import contextlib
import time
from types import TracebackType
from typing import Self

import numpy as np

from intercomd.domain.audio import FRAME_S, FRAME_SAMPLES, SILENCE, Frame
from intercomd.engine import Engine
from intercomd.media.level import SILENT_DBOV, rms_dbov
from tests.engine.events import until

_ROUND_S = 0.1


def tone(hz: int = 500, amplitude: float = 0.25) -> list[Frame]:
    """100 ms of a sine, to be repeated; `hz` is a multiple of 10."""
    time_s = np.arange(10 * FRAME_SAMPLES) / 48_000
    pcm = (amplitude * 32767 * np.sin(2 * np.pi * hz * time_s)).astype("<i2").tobytes()
    return [pcm[at : at + len(SILENCE)] for at in range(0, len(pcm), len(SILENCE))]


class SoundCard:
    """Captures and renders every 10 ms while it is entered.

    heard  the frames rendered so far
    """

    def __init__(self, engine: Engine, says: list[Frame] | None = None) -> None:
        """`says` is captured over and over; without it there is no microphone."""
        self.heard: list[Frame] = []
        self.says = says
        self.aux: list[Frame] | None = None
        self._engine = engine
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    @property
    def level_dbov(self) -> float:
        """The level of the last 100 ms heard."""
        recent = b"".join(self.heard[-10:])
        return rms_dbov(recent) if recent else SILENT_DBOV

    @property
    def loudest_hz(self) -> int:
        """The loudest frequency of the last 100 ms heard, 0 in silence."""
        sound = np.frombuffer(b"".join(self.heard[-10:]), np.int16)
        if not sound.any():
            return 0
        return int(np.abs(np.fft.rfft(sound)).argmax() / _ROUND_S)

    async def hears(self, hz: int) -> None:
        """Wait until this frequency is the loudest; 0 is silence."""
        await until(lambda: self.loudest_hz == hz, f"hearing {hz} Hz")

    async def settles_at(self, dbov: float) -> None:
        """Wait until the last 100 ms are so loud, within 1 dB."""
        await until(lambda: abs(self.level_dbov - dbov) < 1, f"hearing {dbov} dBov")

    async def _run(self) -> None:
        due = time.monotonic()
        index = 0
        while True:
            if self.says is not None:
                self._engine.capture(self.says[index % len(self.says)], due)
            if self.aux is not None:
                self._engine.capture_aux(self.aux[index % len(self.aux)], due)
            self.heard.append(self._engine.render(due))
            index += 1
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
