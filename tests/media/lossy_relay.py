"""A UDP relay on loopback between two peers, which loses what it is told to lose."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, cast

_CANDIDATE = re.compile(r"(a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1) (\d+) ")

IsLost = Callable[[bytes], bool]


def is_sound(datagram: bytes) -> bool:
    """Whether it is SRTP, as against STUN, DTLS and SRTCP."""
    return 128 <= datagram[0] < 192 and not 192 <= datagram[1] < 224


class _Side(asyncio.DatagramProtocol):
    """One socket: what arrives here leaves from the other one."""

    transport: asyncio.DatagramTransport
    other: _Side
    port_beyond = 0

    def __init__(self, relay: LossyRelay) -> None:
        self._relay = relay

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if not self._relay.is_lost(data):
            self.other.transport.sendto(data, ("127.0.0.1", self.other.port_beyond))

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])


class LossyRelay:
    """Give each side's description through `offer` and `answer`, and set `is_lost`."""

    def __init__(self) -> None:
        self.is_lost: IsLost = lambda _: False
        self._near, self._far = _Side(self), _Side(self)
        self._near.other, self._far.other = self._far, self._near

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for side in (self._near, self._far):
            await loop.create_datagram_endpoint(
                lambda side=side: side,  # type: ignore[misc]
                local_addr=("127.0.0.1", 0),
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._near.transport.close()
        self._far.transport.close()

    def offer(self, text: str) -> str:
        """The offer with the relay's address in place of the offerer's."""
        return self._through(text, beyond=self._near, to=self._far)

    def answer(self, text: str) -> str:
        """The answer with the relay's address in place of the answerer's."""
        return self._through(text, beyond=self._far, to=self._near)

    def _through(self, text: str, *, beyond: _Side, to: _Side) -> str:
        match = _CANDIDATE.search(text)
        assert match is not None, "no loopback candidate"
        beyond.port_beyond = int(match[2])
        return _CANDIDATE.sub(rf"\1 {to.port} ", text)
