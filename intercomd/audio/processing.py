"""The microphone's processing: between its card and whoever takes the frames."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Self

from intercomd.audio.chain import Chain
from intercomd.audio.echo_filter import EchoFilter
from intercomd.audio.far_end import FarEnd
from intercomd.domain.audio import Deliver, Frame
from intercomd.domain.errors import LibraryMissing
from intercomd.domain.processing import UNPROCESSED, ProcessingSettings

_log = logging.getLogger(__name__)


class Processing:
    """Processes what is delivered to `capture`, and delivers it on.

    Enter it before the card is opened: libraries are loaded then, and in a thread of
    its own, so that the loop goes on. Without anything to do, frames pass untouched.

    far_end  to be told what the loudspeaker plays
    """

    def __init__(self, settings: ProcessingSettings, deliver: Deliver) -> None:
        self.far_end = FarEnd()
        self._wanted = settings
        self._deliver = deliver
        self._echo_filter = _echo_filter()
        self._chain: Chain | None = None
        self._changes = 0
        self._changing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._change()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._changing is not None:
            await self._changing

    @property
    def settings(self) -> ProcessingSettings:
        """How frames are processed now; those wanted last may not be ready yet."""
        return UNPROCESSED if self._chain is None else self._chain.settings

    @property
    def delay_s(self) -> float:
        """How much later the sound comes out than without processing."""
        return 0.0 if self._chain is None else self._chain.delay_s

    def use(self, settings: ProcessingSettings) -> None:
        """Process so from soon on; until then as before. On the loop, while entered."""
        self._wanted = settings
        if self._changing is None or self._changing.done():
            self._changing = asyncio.create_task(self._change())

    def capture(self, frame: Frame, captured_at: float) -> None:
        """A `Deliver`. Hot path, in the card's thread."""
        chain = self._chain
        if chain is None:
            self._deliver(frame, captured_at)
            return
        far = self.far_end.take(captured_at)
        if self.far_end.changes != self._changes:
            self._changes = self.far_end.changes
            if self._echo_filter is not None:
                self._echo_filter.doubt()
        self._deliver(chain.process(frame, far), captured_at - chain.delay_s)

    async def _change(self) -> None:
        """Make what is wanted, and again as long as something else is by then."""
        settings: ProcessingSettings | None = None
        while settings != self._wanted:
            settings = self._wanted
            chain = None
            if settings.is_on:
                chain = await asyncio.to_thread(Chain, settings, self._echo_filter)
            self._chain = chain
        _say(settings, self._chain)


def _echo_filter() -> EchoFilter | None:
    try:
        return EchoFilter()
    except LibraryMissing as missing:
        _log.warning("an echo is ducked instead of taken out: %s", missing.detail)
        return None


def _say(settings: ProcessingSettings | None, chain: Chain | None) -> None:
    if settings is None or chain is None:
        _log.info("microphone unprocessed")
        return
    _log.info(
        "microphone processed echo=%s noise=%s gain=%s high_pass=%s delay_ms=%.1f",
        settings.echo_mode.value if settings.echo else "off",
        settings.noise_mode.value if settings.noise else "off",
        "on" if settings.gain else "off",
        "on" if settings.high_pass else "off",
        1000 * chain.delay_s,
    )
