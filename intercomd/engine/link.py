"""The shell of `ClientSession`: one signalling and one media connection.

It performs what the machine asks for and tells it what happened. It takes no
decision of its own.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from intercomd.domain.errors import IntercomError
from intercomd.domain.room import RoomStreamListType, Stream
from intercomd.domain.sound import PUBLISH_CHANNELS
from intercomd.engine.episode import Episode
from intercomd.engine.signalling import Signalling
from intercomd.media.packet import Packet
from intercomd.media.peer import ClientPeer, PeerState
from intercomd.media.playout import Playout
from intercomd.media.session_stats import PeerStats, ReceiveSlotStats, SendStats
from intercomd.protocol.client_events import (
    AcceptMedia,
    BindSlot,
    CloseMedia,
    Connect,
    ConnectionLost,
    Disconnect,
    GateMicrophone,
    Input,
    MediaChanged,
    MediaOffered,
    MediaSilent,
    MigrateMedia,
    OpenMedia,
    Output,
    ProbeConnection,
    Received,
    TimePassed,
    Told,
    Transmit,
)
from intercomd.protocol.client_session import ClientSession
from intercomd.protocol.messages import LoggedIn, ServerMessage

_log = logging.getLogger(__name__)


class Link:
    """Runs a session's machine over real connections.

    All methods but `send` belong to the event loop's thread.
    """

    def __init__(
        self,
        session: ClientSession,
        *,
        url: str,
        fingerprint: str = "",
        playout: Playout,
        receive_slots: int,
        on_event: Callable[[Told], None],
        on_microphone: Callable[[int, bool], None],
        on_bound: Callable[[str], None],
        spawn: Callable[[Coroutine[Any, Any, object]], None],
    ) -> None:
        """`fingerprint` is of the one certificate to trust, "" verifies it;
        `spawn` starts a task of the engine; `on_microphone` says of which
        send slot frames are wanted, `on_bound` that a stream got a slot."""
        self.slots: dict[str, int] = {}
        self._session = session
        self._url = url
        self._fingerprint = fingerprint
        self._playout = playout
        self._receive_slots = receive_slots
        self._on_event = on_event
        self._on_microphone = on_microphone
        self._on_bound = on_bound
        self._spawn = spawn
        self._signalling: Signalling | None = None
        self._peer: ClientPeer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._outputs: deque[Output] = deque()
        self._is_performing = False
        self._unconnected = Episode(_log, logging.WARNING)
        self._is_unanswered = False  # the last attempt neither worked nor failed
        self._no_media = Episode(_log, logging.WARNING)

    def handle(self, event: Input) -> None:
        """Tell the machine what happened or is wished, and do what it says.

        Raises the `IntercomError` of a wish that cannot be granted. May be called
        again from within an event callback: what follows from that is done after
        what is being done.
        """
        try:
            self._outputs += self._session.handle(event, time.monotonic())
            self._perform_all()
        finally:
            self._arm_timer()

    def send(self, slot: int, packet: Packet) -> bool:
        """Send a packet out of a send slot, from any thread; False while there is no
        way to."""
        peer = self._peer
        return peer is not None and peer.send(slot, packet)

    @property
    def room_id(self) -> str | None:
        """The room that is, or is to be, logged in to."""
        return self._session.room_id

    def send_stats(self, slot: int) -> SendStats:
        """A send slot's figures; all zero while there is no media connection."""
        return self._peer.send_stats(slot) if self._peer else SendStats()

    def receive_stats(self, slot: int) -> ReceiveSlotStats:
        """A receive slot's figures; all zero while there is no media connection."""
        return self._peer.receive_stats(slot) if self._peer else ReceiveSlotStats()

    @property
    def media_stats(self) -> PeerStats | None:
        """The figures of the media connection, None while there is none."""
        return self._peer.stats() if self._peer else None

    @property
    def is_media_up(self) -> bool:
        """Whether the server is heard over the media connection."""
        return self._peer is not None and self._peer.state is PeerState.CONNECTED

    def room_streams(
        self, room_id: str, list_type: RoomStreamListType
    ) -> tuple[Stream, ...]:
        """The room's streams; raise `RoomIdIncorrect` when not in this room."""
        return self._session.room_streams(room_id, list_type)

    async def close(self) -> None:
        """Drop both connections, without telling the server."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._signalling = None
        if self._peer is not None:
            peer, self._peer = self._peer, None
            await peer.close()

    def _perform_all(self) -> None:
        if self._is_performing:
            return
        self._is_performing = True
        try:
            while self._outputs:
                self._perform(self._outputs.popleft())
        finally:
            self._is_performing = False

    def _perform(self, output: Output) -> None:
        match output:
            case Connect():
                self._connect()
            case Disconnect():
                if self._signalling is not None:
                    self._signalling.close()
                    self._signalling = None
            case Transmit(message):
                if self._signalling is not None:
                    self._signalling.send(message)
            case OpenMedia():
                self._open_media()
            case MigrateMedia():
                if self._peer is not None:
                    self._spawn(self._migrate_media(self._peer))
            case ProbeConnection():
                if self._signalling is not None:
                    self._spawn(self._signalling.probe())
            case AcceptMedia(sdp):
                if self._peer is not None:
                    self._spawn(self._accept_media(self._peer, sdp))
            case CloseMedia():
                self._replace_peer(None)
            case BindSlot():
                self._bind(output)
            case GateMicrophone(is_open, slot):
                self._on_microphone(slot, is_open)
            case _:
                self._on_event(output)

    def _arm_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._session.deadline
        if deadline is not None:
            # The loop's clock is time.monotonic too, but need not be.
            delay_s = max(0.0, deadline - time.monotonic())
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay_s, self.handle, TimePassed())

    # Signalling

    def _connect(self) -> None:
        if self._is_unanswered:
            self._say_unconnected("no answer in time")
        self._is_unanswered = True
        signalling = Signalling(
            self._url,
            lambda m: self._received(signalling, m),
            fingerprint=self._fingerprint,
        )
        self._signalling = signalling
        self._spawn(self._run_signalling(signalling))

    def _received(self, signalling: Signalling, message: ServerMessage) -> None:
        if signalling is self._signalling:
            if isinstance(message, LoggedIn):
                self._is_unanswered = False
                self._unconnected.over()
            self.handle(Received(message))

    async def _run_signalling(self, signalling: Signalling) -> None:
        try:
            await signalling.run()
        finally:
            if signalling is self._signalling:
                self._signalling = None
                self._say_unconnected(signalling.failure or "closed by the server")
                self.handle(ConnectionLost())

    def _say_unconnected(self, reason: str) -> None:
        self._is_unanswered = False
        self._unconnected.say("no connection to %s: %s; retrying", self._url, reason)

    # Media

    def _open_media(self) -> None:
        if self._peer is not None and self._peer.state is PeerState.CONNECTING:
            self._say_no_media("none came up in time: is UDP blocked?")
        local = self._signalling.local_address if self._signalling else None
        peer = ClientPeer(
            on_packet=self._playout.put,
            on_state=lambda state: self._media_changed(peer, state),
            send_slots=len(PUBLISH_CHANNELS),
            receive_slots=self._receive_slots,
            addresses=[local] if local else [],
        )
        self._replace_peer(peer)
        self._spawn(self._offer_media(peer))

    async def _offer_media(self, peer: ClientPeer) -> None:
        try:
            sdp = await peer.offer()
        except IntercomError as error:
            self._media_failed(peer, f"no offer: {error}")
            return
        if peer is self._peer:
            self.handle(MediaOffered(sdp))

    async def _migrate_media(self, peer: ClientPeer) -> None:
        if await peer.migrate() and peer is self._peer:
            _log.info("media carries on over another path")
            if self.is_media_up:  # it never was silent: it was told to migrate
                self.handle(MediaChanged(is_up=True))

    async def _accept_media(self, peer: ClientPeer, sdp: str) -> None:
        try:
            await peer.accept(sdp)
        except IntercomError as error:
            self._media_failed(peer, f"answer refused: {error}")

    def _media_failed(self, peer: ClientPeer, reason: str) -> None:
        if peer is not self._peer:
            return
        self._say_no_media(reason)
        self.handle(MediaChanged(is_up=False))

    def _say_no_media(self, reason: str) -> None:
        self._no_media.say("no media connection: %s; retrying", reason)

    def _media_changed(self, peer: ClientPeer, state: PeerState) -> None:
        if peer is not self._peer:
            return
        match state:
            case PeerState.CONNECTED:
                self._no_media.over()
                self.handle(MediaChanged(is_up=True))
            case PeerState.SILENT:
                _log.info("media path silent; looking for another")
                self.handle(MediaSilent())
            case PeerState.FAILED | PeerState.CLOSED:
                self._media_failed(peer, f"the connection {state.value}")
            case PeerState.CONNECTING:
                pass

    def _replace_peer(self, peer: ClientPeer | None) -> None:
        old, self._peer = self._peer, peer
        self._playout.renumber()
        if old is not None:
            self._spawn(old.close())

    def _bind(self, bind: BindSlot) -> None:
        self._playout.reset(bind.slot, bind.sequence)
        self.slots = {s: n for s, n in self.slots.items() if n != bind.slot}
        if bind.stream_id is not None:
            self.slots[bind.stream_id] = bind.slot
            self._on_bound(bind.stream_id)
