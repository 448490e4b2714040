"""Peer connections with a fixed pool of slots: no renegotiation, ever.

A slot is one m-line in one direction, numbered in m-line order. What the slots
carry, and for whom, is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Sequence

from intercomd.domain.errors import MediaRefused
from intercomd.media import sdp
from intercomd.media.packet import Packet
from intercomd.media.seam import PeerState, Pipe
from intercomd.media.session import OnPacket, Session
from intercomd.media.session_stats import PeerStats, ReceiveSlotStats, SendStats
from intercomd.media.slot_format import SlotFormat

__all__ = ["ClientPeer", "OnState", "PeerState", "ServerPeer"]

CONNECT_LIMIT_S = 15.0

OnState = Callable[[PeerState], None]
"""Takes each new state once, on the loop."""


class _Peer:
    """What both ends share: a pipe, a session on it, and the session's timer.

    What the session knows of what it sent is guarded: packets come from threads.
    """

    def __init__(
        self, *, on_packet: OnPacket, on_state: OnState, addresses: Sequence[str] = ()
    ) -> None:
        self._on_packet = on_packet
        self._on_state = on_state
        self._state = PeerState.CONNECTING
        self._pipe = Pipe(
            on_rtp=self._rtp_received,
            on_rtcp=self._rtcp_received,
            on_state=self._enter,
            addresses=addresses,
        )
        self._session: Session | None = None
        self._sending = threading.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def state(self) -> PeerState:
        return self._state

    def send(self, slot: int, packet: Packet) -> bool:
        """Send at once; False, and never an error, while it cannot be sent.

        From any thread; all else is the loop's. `slot` is one of the send slots
        (IndexError if not). To its receiver a slot is one stream for life: numbers
        may leave gaps, not start anew.
        """
        if self._session is None or self._state not in _USABLE:
            return False
        with self._sending:
            return self._session.send(slot, packet, time.monotonic())

    def stats(self) -> PeerStats:
        """The counters as they are now; all zero before the answer."""
        if self._session is None:
            return PeerStats()
        with self._sending:
            return self._session.stats()

    def send_stats(self, slot: int) -> SendStats:
        """One send slot's figures; all zero before the answer."""
        if self._session is None:
            return SendStats()
        with self._sending:
            return self._session.send_stats(slot)

    def receive_stats(self, slot: int) -> ReceiveSlotStats:
        """One receive slot's figures; all zero before the answer."""
        if self._session is None:
            return ReceiveSlotStats()
        return self._session.receive_stats(slot)

    async def close(self) -> None:
        """End it and tell the other side; prompt and idempotent."""
        self._enter(PeerState.CLOSED)
        if self._closing is None:
            self._closing = asyncio.create_task(self._pipe.close())
        # A caller that gives up must not leave the pipe half closed.
        await asyncio.shield(self._closing)

    def _begin(self, own: sdp.Description, theirs: sdp.Description) -> None:
        """Both sides have spoken: number the slots and watch the clock."""
        now = time.monotonic()
        pairs = list(zip(own.media, theirs.media, strict=True))
        self._session = Session(
            send_slots=[
                _slot_format(mine.ssrc, mine, other)
                for mine, other in pairs
                if mine.direction.sends and other.direction.receives
            ],
            receive_slots=[
                _slot_format(other.ssrc, mine, other)
                for mine, other in pairs
                if mine.direction.receives and other.direction.sends
            ],
            extensions=own.media[0].extensions & theirs.media[0].extensions,
            transmit=self._pipe.send,
            on_packet=self._on_packet,
            cname=uuid.uuid4().hex,
            wall_offset_s=time.time() - now,
            now=now,
        )
        if self._state is PeerState.CONNECTING:
            loop = asyncio.get_running_loop()
            self._limit = loop.call_later(CONNECT_LIMIT_S, self._give_up)
        self._set_timer()

    def _rtp_received(self, datagram: bytes, arrival: float) -> None:
        if self._session is None or self._state is PeerState.CLOSED:
            return
        before = self._session.deadline
        self._session.rtp_received(datagram, arrival)
        self._heard()
        if self._session.deadline < before:
            self._set_timer()

    def _rtcp_received(self, datagram: bytes, arrival: float) -> None:
        if self._session is not None and self._state is not PeerState.CLOSED:
            with self._sending:
                self._session.rtcp_received(datagram, arrival)
            self._heard()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._session is None or self._state in _FINAL:
            return
        delay = max(0.0, self._session.deadline - time.monotonic())
        self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        assert self._session is not None, "the timer is set with the session"
        now = time.monotonic()
        with self._sending:
            self._session.tick(now)
        if self._state is PeerState.CONNECTED and self._session.is_silent(now):
            self._enter(PeerState.SILENT)
        self._set_timer()

    def _heard(self) -> None:
        if self._state is PeerState.SILENT:
            self._enter(PeerState.CONNECTED)

    def _give_up(self) -> None:
        if self._state is PeerState.CONNECTING:
            self._enter(PeerState.FAILED)

    def _enter(self, state: PeerState) -> None:
        if state is self._state or self._state is PeerState.CLOSED:
            return
        if self._state is PeerState.FAILED and state is not PeerState.CLOSED:
            return
        self._state = state
        if state is not PeerState.CONNECTING and self._limit is not None:
            self._limit.cancel()
        if state in _FINAL and self._timer is not None:
            self._timer.cancel()
        self._on_state(state)


def _slot_format(ssrc: int | None, mine: sdp.Media, other: sdp.Media) -> SlotFormat:
    """What both know; a payload type is the same on either side."""
    return SlotFormat(
        ssrc,
        mine.payload_type,
        nack=mine.nack and other.nack,
        red=mine.red if mine.red == other.red else None,
    )


_FINAL = (PeerState.FAILED, PeerState.CLOSED)
_USABLE = (PeerState.CONNECTED, PeerState.SILENT)


class ClientPeer(_Peer):
    """The end that offers: `send_slots` m-lines to send, then those to receive."""

    def __init__(
        self,
        *,
        on_packet: OnPacket,
        on_state: OnState,
        send_slots: int = 1,
        receive_slots: int = 8,
        addresses: Sequence[str] = (),
    ) -> None:
        """`addresses` are the local ones to use, instead of all but loopback."""
        super().__init__(on_packet=on_packet, on_state=on_state, addresses=addresses)
        self._directions = [sdp.Direction.SENDONLY] * send_slots
        self._directions += [sdp.Direction.RECVONLY] * receive_slots
        self._offer: sdp.Description | None = None

    async def offer(self) -> str:
        """The offer as SDP, complete: all candidates are in it."""
        text = await self._pipe.offer(self._directions)
        self._offer = sdp.parse(text)
        return text

    async def accept(self, answer: str) -> None:
        """Take the answer and connect; raises MediaRefused if it is none."""
        assert self._offer is not None, "there is no answer before an offer"
        theirs = sdp.parse(answer)
        if [media.mid for media in theirs.media] != [
            media.mid for media in self._offer.media
        ]:
            raise MediaRefused("the answer is not to this offer")
        await self._pipe.accept(str(theirs))
        self._begin(self._offer, theirs)

    async def migrate(self) -> bool:
        """Carry on over a new socket and whatever address leads to the server now.

        For a path that fell SILENT: no signalling, same encryption, same slots. True
        once the new path carries; False if none was found within a second.
        """
        return await self._pipe.migrate()


class ServerPeer(_Peer):
    """The end that answers: it sends and receives on whatever m-lines are offered."""

    def __init__(
        self, *, on_packet: OnPacket, on_state: OnState, addresses: Sequence[str] = ()
    ) -> None:
        """`addresses` are the local ones to use, instead of all but loopback."""
        super().__init__(on_packet=on_packet, on_state=on_state, addresses=addresses)
        self._send_slots = 0
        self._receive_slots = 0

    @property
    def send_slots(self) -> int:
        """How many slots the offer lets us send on; 0 before it."""
        return self._send_slots

    @property
    def receive_slots(self) -> int:
        """How many slots the offer sends on; 0 before it."""
        return self._receive_slots

    async def answer(self, offer: str) -> str:
        """The answer as SDP, complete, and connect; raises MediaRefused.

        After MediaRefused the peer is closed and of no more use.
        """
        try:
            theirs = sdp.parse(offer)
            directions = [media.direction.mirrored for media in theirs.media]
            text = await self._pipe.answer(str(theirs), directions)
        except MediaRefused:
            await self.close()
            raise
        self._send_slots = sum(media.direction.receives for media in theirs.media)
        self._receive_slots = sum(media.direction.sends for media in theirs.media)
        self._begin(sdp.parse(text), theirs)
        return text
