"""aiortc reduced to a pipe for encrypted RTP. ALL its private surface is used here
and in `seam_parts`.

Used of it: ICE, DTLS and SRTP. Not used: its tracks, encoders, decoders, jitter
buffer, RTCP and the tasks and threads behind them.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from enum import Enum
from typing import cast

import pylibsrtp
from aioice import Connection
from aioice.ice import CandidatePair, StunProtocol
from aioice.stun import Message
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCSessionDescription
from aiortc.exceptions import InvalidStateError, OperationError
from aiortc.rtcdtlstransport import RTCDtlsTransport

from intercomd.domain.errors import MediaRefused
from intercomd.media.expedited import expedite
from intercomd.media.sdp import Direction
from intercomd.media.seam_parts import PeerConnection, chosen_addresses, install

MIGRATION_LIMIT_S = 1.0

_DATAGRAM_BYTES_MAX = 1500
_HANDSHAKE_DATAGRAMS_MAX = 64
_REMOTE_ADDRESSES_MAX = 64
_STREAMS_MAX = 64
_DTLS = range(20, 64)
_RTP = range(128, 192)
_RTCP_TYPES = range(192, 224)

_TakeCheck = Callable[[Message, tuple[str, int], StunProtocol], None]

OnDatagram = Callable[[bytes, float], None]
"""Takes a decrypted datagram and the `time.monotonic()` of its arrival."""


class PeerState(Enum):
    """How far the connection has come. FAILED and CLOSED are final.

    SILENT is connected, but the other end is not heard of any more.
    """

    CONNECTING = "connecting"
    CONNECTED = "connected"
    SILENT = "silent"
    FAILED = "failed"
    CLOSED = "closed"


class Pipe:
    """One aiortc peer connection whose media goes past aiortc's own machinery.

    Callbacks run on the loop, synchronously. Nothing is opened before `offer` or
    `answer`. `rejected` counts datagrams that were forged, replayed or of no key.
    """

    def __init__(
        self,
        *,
        on_rtp: OnDatagram,
        on_rtcp: OnDatagram,
        on_state: Callable[[PeerState], None],
        addresses: Sequence[str] = (),
    ) -> None:
        """`addresses` are the local ones to use, instead of all but loopback."""
        install()
        self.rejected = 0
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp
        self._on_state = on_state
        self._addresses = tuple(dict.fromkeys(addresses))
        self._peer = PeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._peer.on("connectionstatechange", self._state_changed)
        self._transport: RTCDtlsTransport | None = None
        self._queue_handshake: Callable[[bytes, int], None] = _ignore
        self._handshake_depth: Callable[[], int] = int
        self._ssrcs: set[bytes] = set()
        self._take_check: _TakeCheck | None = None
        self._query_consent: Callable[[], Awaitable[None]] | None = None
        self._step: asyncio.Task[None] | None = None
        self._sending = threading.Lock()
        self._way: _Way | None = None
        self._is_closed = False
        self._migrations: set[asyncio.Task[bool]] = set()

    async def offer(self, directions: Sequence[Direction]) -> str:
        """The offer with one m-line for each direction, all candidates included.

        Raises MediaRefused once closed.
        """
        await self._finish(self._make_offer(directions))
        return str(self._peer.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        """Take a checked answer; raises MediaRefused where it does not fit."""
        description = RTCSessionDescription(answer, "answer")
        await self._finish(self._peer.setRemoteDescription(description))

    async def answer(self, offer: str, directions: Sequence[Direction]) -> str:
        """The answer to a checked offer, all candidates included.

        `directions` are ours, one for each m-line. Raises MediaRefused if the offer
        is of no use, or once closed.
        """
        await self._finish(self._make_answer(offer, directions))
        return str(self._peer.localDescription.sdp)

    def send(self, datagram: bytes) -> bool:
        """Encrypt and send RTP or RTCP at once. Never raises; from any thread.

        False while not connected or when the datagram cannot be sent: one for which
        the socket has no room now is of no use later. So it goes past asyncio's
        transport, which would keep it, and past aiortc's coroutines around that.
        """
        if self._transport is None:
            return False
        outbound = cast("pylibsrtp.Session | None", self._transport._tx_srtp)
        with self._sending:
            way = self._way_of(self._transport.transport._connection)
            if self._is_closed or outbound is None or way is None:
                return False
            is_rtcp = datagram[1] in _RTCP_TYPES
            protect = outbound.protect_rtcp if is_rtcp else outbound.protect
            try:
                return way.send(protect(datagram))
            except (OSError, pylibsrtp.Error, ValueError):
                return False

    def _way_of(self, connection: Connection) -> _Way | None:
        """Where the nominated pair of candidates leads, None before there is one."""
        pair = connection._nominated.get(1)
        if self._way is None or self._way.pair is not pair:
            self._way = None if pair is None else _Way(pair)
        return self._way

    async def migrate(self) -> bool:
        """Carry on over a new socket, on the address that now leads to the other end.

        Only the end that offered may. Encryption and slots stay as they are; the
        other end follows the nomination by itself. False if no way was found
        within `MIGRATION_LIMIT_S`, or closed meanwhile; then all is as it was.
        """
        if self._transport is None or self._is_closed:
            return False
        connection: Connection = self._transport.transport._connection
        migration = asyncio.create_task(_migrate(connection))
        self._migrations.add(migration)
        migration.add_done_callback(self._migrations.discard)
        await asyncio.wait([migration])
        return not migration.cancelled() and migration.result()

    async def close(self) -> None:
        """Tell the other side and free sockets and tasks; idempotent."""
        with self._sending:  # so that nobody is still about to use them
            self._is_closed = True
        self._end_migrations()
        await asyncio.gather(*self._migrations, return_exceptions=True)
        if self._step is not None:
            await asyncio.gather(self._step, return_exceptions=True)
        await self._peer.close()

    async def _finish(self, step: Coroutine[None, None, None]) -> None:
        """See a step through even if its caller gives up, or it would leak sockets."""
        self._step = asyncio.create_task(step)
        try:
            await asyncio.shield(self._step)
        except (ValueError, OperationError, InvalidStateError) as error:
            raise MediaRefused(str(error)) from error

    async def _make_offer(self, directions: Sequence[Direction]) -> None:
        for direction in directions:
            self._peer.addTransceiver("audio", direction=direction.value)
        self._tap()
        chosen_addresses.set(self._addresses)
        await self._peer.setLocalDescription(await self._peer.createOffer())
        self._expedite()

    async def _make_answer(self, offer: str, directions: Sequence[Direction]) -> None:
        await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        pairs = zip(self._peer.getTransceivers(), directions, strict=True)
        for transceiver, direction in pairs:
            transceiver.direction = direction.value
        self._tap()
        chosen_addresses.set(self._addresses)
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        self._expedite()

    def _tap(self) -> None:
        """Take media off the socket before aiortc queues it."""
        self._transport = self._peer.getTransceivers()[0].receiver.transport
        connection: Connection = self._transport.transport._connection
        self._queue_handshake = connection.data_received
        self._handshake_depth = connection._queue.qsize
        connection.data_received = self._datagram  # type: ignore[method-assign]
        self._take_check = connection.request_received
        connection.request_received = self._check  # type: ignore[method-assign]
        self._query_consent = connection.query_consent
        connection.query_consent = self._consent  # type: ignore[method-assign]

    def _expedite(self) -> None:
        """Mark what leaves by the sockets that were opened for the description."""
        assert self._transport is not None
        _expedite_all(self._transport.transport._connection._protocols)

    def _datagram(self, data: bytes, component: int) -> None:
        """One UDP datagram that is not STUN, from anyone at all.

        aiortc 1.16 dies of an empty one and of one above 1,500 bytes, and queues
        without bound: neither gets that far. Hot path.
        """
        if not 0 < len(data) <= _DATAGRAM_BYTES_MAX:
            return
        if data[0] in _RTP:
            self._media(data)
        elif data[0] in _DTLS and self._handshake_depth() < _HANDSHAKE_DATAGRAMS_MAX:
            self._queue_handshake(data, component)

    def _check(
        self, message: Message, addr: tuple[str, int], protocol: StunProtocol
    ) -> None:
        """One STUN request, from anyone at all.

        aioice 0.13 keeps, pairs, sorts and checks every address that knows the
        password, without bound, and reads a priority that may not be there.
        """
        assert self._take_check is not None
        if "PRIORITY" in message.attributes and _has_room(protocol.receiver, addr):
            self._take_check(message, addr, protocol)

    def _media(self, datagram: bytes) -> None:
        assert self._transport is not None
        inbound = cast("pylibsrtp.Session | None", self._transport._rx_srtp)
        if inbound is None or len(datagram) < 12:
            return
        arrival = time.monotonic()
        is_rtcp = datagram[1] in _RTCP_TYPES
        ssrc = datagram[4:8] if is_rtcp else datagram[8:12]
        if ssrc not in self._ssrcs and len(self._ssrcs) >= _STREAMS_MAX:
            return  # libsrtp keeps something of every one that is encrypted right
        unprotect = inbound.unprotect_rtcp if is_rtcp else inbound.unprotect
        try:
            plain = unprotect(datagram)
        except pylibsrtp.Error:
            self.rejected += 1
            return
        self._ssrcs.add(ssrc)
        if is_rtcp:
            self._on_rtcp(plain, arrival)
        else:
            self._on_rtp(plain, arrival)

    async def _consent(self) -> None:
        """aioice 0.13 closed while it connects would ask for consent for ever."""
        assert self._query_consent is not None
        if not self._is_closed:
            await self._query_consent()

    def _state_changed(self) -> None:
        match self._peer.connectionState:
            case "new":
                return
            case state:
                if state == "closed":
                    self._end_migrations()
                self._on_state(PeerState(state))

    def _end_migrations(self) -> None:
        """Their checks would be repeated on sockets that are closed."""
        for migration in self._migrations:
            migration.cancel()


def _has_room(connection: Connection, address: tuple[str, int]) -> bool:
    """Whether checks from this address may be taken: it is known, or few others are."""
    known = connection._remote_candidates
    return len(known) < _REMOTE_ADDRESSES_MAX or any(
        (each._network_host, each.port) == address for each in known
    )


class _Way:
    """The socket and the address that a pair of candidates stands for."""

    def __init__(self, pair: CandidatePair) -> None:
        self.pair = pair
        self._address = pair.remote_addr
        opened = pair.protocol.transport.get_extra_info("socket")
        self._socket: socket.socket = opened._sock

    def send(self, datagram: bytes) -> bool:
        """Whether the socket, which never blocks, took it; raises OSError."""
        return self._socket.sendto(datagram, self._address) == len(datagram)


async def _migrate(connection: Connection) -> bool:
    old = list(connection._protocols)
    remote = connection.remote_candidates
    addresses = {_local_address_to(each.host) for each in remote} - {None}
    await connection.get_component_candidates(1, sorted(filter(None, addresses)))
    new = [each for each in connection._protocols if each not in old]
    _expedite_all(new)
    pairs = [
        CandidatePair(protocol, candidate)
        for protocol in new
        for candidate in remote
        if protocol.local_candidate.can_pair_with(candidate)
    ]
    if await _nominate(connection, pairs):
        await _let_go(connection, old)
        return True
    await _let_go(connection, new)
    return False


async def _nominate(connection: Connection, pairs: list[CandidatePair]) -> bool:
    """Check all pairs at once; true as soon as one of them carries the media."""
    connection._check_list += pairs
    checks = [asyncio.create_task(connection.check_start(pair)) for pair in pairs]
    try:
        async with asyncio.timeout(MIGRATION_LIMIT_S):
            for check in asyncio.as_completed(checks):
                await check
                if connection._nominated.get(1) in pairs:
                    return True
    except (TimeoutError, OSError):
        pass
    finally:
        for check in checks:
            check.cancel()
        await asyncio.gather(*checks, return_exceptions=True)
        carrying = connection._nominated.get(1)
        for pair in pairs:
            if pair is not carrying:
                connection._check_list.remove(pair)
    return False


def _expedite_all(protocols: Sequence[StunProtocol]) -> None:
    for protocol in protocols:
        opened = protocol.transport.get_extra_info("socket")
        if opened is not None:
            expedite(opened)


async def _let_go(connection: Connection, protocols: list[StunProtocol]) -> None:
    for protocol in protocols:
        if protocol in connection._protocols:  # not if the other end closed meanwhile
            connection._protocols.remove(protocol)
        await protocol.close()


def _local_address_to(host: str) -> str | None:
    """The local address that packets to `host` would leave from, if any would."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))  # sends nothing: UDP only looks up the route
        except OSError:
            return None
        address: str = probe.getsockname()[0]
        return address


def _ignore(datagram: bytes, component: int) -> None:
    """Nothing is tapped yet."""
