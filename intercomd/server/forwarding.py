"""Encoded packets from send slots to receive slots; nothing is ever decoded.

It keeps the media connections and the routes between them. Who may hear whom is
decided in `protocol.rooms`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from intercomd.domain.errors import MediaRefused
from intercomd.media import sdp
from intercomd.media.packet import Packet
from intercomd.media.peer import PeerState, ServerPeer
from intercomd.protocol.room_events import Route, SessionId, Unroute
from intercomd.server.metrics import Metrics
from intercomd.server.renumbering import Renumbering
from intercomd.server.talker import Talker

Slot = tuple[SessionId, int]


@dataclass(slots=True)
class _Target:
    session: SessionId
    slot: int
    numbers: Renumbering
    source: Slot | None = None


class Forwarding:
    """The media connections of all sessions, and what goes where between them."""

    def __init__(
        self,
        *,
        on_media: Callable[[SessionId, int | None], None],
        on_talk: Callable[[], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        metrics: Metrics,
    ) -> None:
        """`on_media` hears how many slots a session's connection sends to when it
        comes up, and None when it goes; `on_talk` is called when a stream begins to
        talk, before its packet is forwarded; `spawn` runs what nobody waits for."""
        self._on_media = on_media
        self._on_talk = on_talk
        self._spawn = spawn
        self._metrics = metrics
        self._peers: dict[SessionId, ServerPeer] = {}
        self._targets: dict[Slot, _Target] = {}
        self._routes: dict[Slot, list[_Target]] = {}
        self._talkers: dict[Slot, Talker] = {}

    async def answer(
        self, session: SessionId, offer: str, addresses: Sequence[str]
    ) -> str:
        """Open a session's media connection, in place of its last one.

        Raises `MediaRefused`, also when the session or this connection is over
        before the answer is made. An offer that is no use changes nothing; after it
        was taken the last connection is closed all the same.
        """
        sdp.parse(offer)
        self.drop_peer(session)
        peer = ServerPeer(
            on_packet=lambda slot, packet, at: self._forward(
                peer, (session, slot), packet, at
            ),
            on_state=lambda state: self._changed(session, peer, state),
            addresses=addresses,
        )
        self._peers[session] = peer
        answer = await peer.answer(offer)
        if self._peers.get(session) is not peer:
            raise MediaRefused("the session went on without it")
        return answer

    def route(self, route: Route) -> None:
        """Forward from one slot to another from the next packet on."""
        target = self._target((route.target, route.target_slot))
        self._detach(target)
        target.source = (route.source, route.source_slot)
        target.numbers.begin()
        self._routes.setdefault(target.source, []).append(target)

    def unroute(self, unroute: Unroute) -> None:
        """Forward nothing to this slot any more."""
        target = self._targets.get((unroute.target, unroute.target_slot))
        if target is not None:
            self._detach(target)

    def next_sequence(self, session: SessionId, slot: int) -> int:
        """The number of the first packet that will come in this slot next."""
        return self._target((session, slot)).numbers.next_sequence

    def talking(self, now: float) -> dict[Slot, float]:
        """Who talks, and how loud in -dBov."""
        return {
            slot: talker.level_dbov(now)
            for slot, talker in self._talkers.items()
            if talker.talks(now)
        }

    def drop_peer(self, session: SessionId) -> None:
        """End a session's media connection; its routes stay for the next one."""
        peer = self._peers.pop(session, None)
        if peer is None:
            return
        self._renumber(session)
        self._on_media(session, None)
        self._spawn(peer.close())

    def forget(self, session: SessionId) -> None:
        """The session is over: end its connection, drop its slots."""
        for key in [key for key in self._targets if key[0] == session]:
            self._detach(self._targets.pop(key))
        for source in [source for source in self._talkers if source[0] == session]:
            del self._talkers[source]
        self.drop_peer(session)

    async def close(self) -> None:
        """Close every connection."""
        peers, self._peers = self._peers, {}
        await asyncio.gather(*(peer.close() for peer in peers.values()))

    def _forward(
        self, sender: ServerPeer, source: Slot, packet: Packet, arrived_at: float
    ) -> None:
        """Hot path, once a packet: no logging, one new packet a listener."""
        self._metrics.packets_in += 1
        if self._peers.get(source[0]) is not sender:
            return  # its session is over, or has another connection
        talker = self._talkers.get(source)
        if talker is None:
            talker = self._talkers[source] = Talker()
        if not packet.is_redundant and talker.hear(packet.level, arrived_at):
            self._on_talk()
        for target in self._routes.get(source, ()):
            peer = self._peers.get(target.session)
            if peer is None or target.slot >= peer.send_slots:
                continue  # not connected, or asked for a slot it did not offer
            numbered = target.numbers.renumber(packet, arrived_at)
            if numbered is not None and peer.send(target.slot, numbered):
                self._metrics.packets_out += 1

    def _renumber(self, session: SessionId) -> None:
        """The next connection's sender and receiver start from numbers of their own."""
        for source, targets in self._routes.items():
            if source[0] == session:
                for target in targets:
                    target.numbers.begin()
        for target in self._targets.values():
            if target.session == session:
                target.numbers = _new_numbers()

    def _target(self, key: Slot) -> _Target:
        target = self._targets.get(key)
        if target is None:
            target = self._targets[key] = _Target(*key, _new_numbers())
        return target

    def _detach(self, target: _Target) -> None:
        if target.source is None:
            return
        listeners = self._routes[target.source]
        listeners.remove(target)
        if not listeners:
            del self._routes[target.source]
        target.source = None

    def _changed(self, session: SessionId, peer: ServerPeer, state: PeerState) -> None:
        if self._peers.get(session) is not peer:
            return
        match state:
            case PeerState.CONNECTED:
                self._on_media(session, peer.send_slots)
            case PeerState.FAILED | PeerState.CLOSED:
                self.drop_peer(session)
            case PeerState.SILENT:
                self._on_media(session, None)
            case PeerState.CONNECTING:
                pass


def _new_numbers() -> Renumbering:
    # The lower half: a wrap early in the life of a stream can desynchronise SRTP.
    return Renumbering(
        sequence=random.randrange(1 << 15),
        timestamp=random.randrange(1 << 31),
    )
