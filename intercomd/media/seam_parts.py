"""What takes the place of aiortc's own parts, for `seam` alone.

Measured on the pinned versions; tests/media/test_seam.py gates an upgrade.
"""

from __future__ import annotations

import inspect
import struct
from asyncio.trsock import TransportSocket
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache
from importlib.metadata import version

import aioice.ice
import aioice.stun
import aiortc.codecs
import aiortc.rtcpeerconnection
from aioice import Candidate, Connection
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpSender
from aiortc.exceptions import InvalidStateError
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport
from aiortc.rtcrtpparameters import (
    RTCRtcpFeedback,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
)

from intercomd.domain.errors import LibraryMissing
from intercomd.media.rtp import LEVEL_URI, SENT_AT_URI
from intercomd.media.sdp import OPUS_TYPE, RED_TYPE

WANTED = {"aiortc": "1.16.0", "aioice": "0.13.0"}


class PeerConnection(RTCPeerConnection):
    """Closed while it connects, aiortc 1.16 would leave an exception to nobody."""

    async def _RTCPeerConnection__connect(self) -> None:  # noqa: N802 - its name
        try:
            await super()._RTCPeerConnection__connect()  # type: ignore[misc]
        except (InvalidStateError, ConnectionError):
            if self.connectionState != "closed":
                raise


class _SilentSender(RTCRtpSender):
    """Only holds the SSRC: no task, no encoder."""

    async def send(self, parameters: RTCRtpSendParameters) -> None: ...

    async def stop(self) -> None: ...


class _SilentReceiver(RTCRtpReceiver):
    """Only holds the transport: no task, no decoder thread."""

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None: ...

    async def stop(self) -> None: ...


def self_check() -> None:
    """Raise LibraryMissing unless the libraries are those this file was made for."""
    found = {name: version(name) for name in WANTED}
    missing = list(_missing_names()) if found == WANTED else []
    if found != WANTED or missing:
        raise LibraryMissing(f"found {found} {missing}, wanted {WANTED}: pip install")


def _missing_names() -> Iterator[str]:
    module = aiortc.rtcpeerconnection
    for name in ("RTCRtpSender", "RTCRtpReceiver"):
        if not inspect.isclass(getattr(module, name, None)):
            yield f"aiortc.rtcpeerconnection.{name}"
    if not hasattr(RTCPeerConnection, "_RTCPeerConnection__connect"):
        yield "RTCPeerConnection.__connect"
    for step in ("check_start", "get_component_candidates"):
        if not inspect.iscoroutinefunction(getattr(Connection, step, None)):
            yield f"aioice.Connection.{step}"
    for callback in ("data_received", "request_received"):
        if not callable(getattr(Connection, callback, None)):
            yield f"aioice.Connection.{callback}"
    if not inspect.iscoroutinefunction(getattr(Connection, "query_consent", None)):
        yield "aioice.Connection.query_consent"
    if not callable(getattr(aioice.stun, "parse_message", None)):
        yield "aioice.stun.parse_message"
    if not callable(getattr(aioice.ice, "get_host_addresses", None)):
        yield "aioice.ice.get_host_addresses"
    if aiortc.codecs.CODECS["audio"][0].mimeType != "audio/opus":
        yield "aiortc.codecs.CODECS"
    transport = RTCDtlsTransport(
        RTCIceTransport(RTCIceGatherer(iceServers=[])),
        [RTCCertificate.generateCertificate()],
    )
    for name in ("_rx_srtp", "_tx_srtp"):
        if not hasattr(transport, name):
            yield f"RTCDtlsTransport.{name}"
    for name in ("_queue", "_nominated", "_remote_candidates"):
        if not hasattr(getattr(transport.transport, "_connection", None), name):
            yield f"RTCIceTransport._connection.{name}"
    candidate = Candidate("1", 1, "udp", 1, "127.0.0.1", 9, "host")
    if not hasattr(candidate, "_network_host"):
        yield "aioice.Candidate._network_host"
    if "_sock" not in TransportSocket.__slots__:
        yield "asyncio.trsock.TransportSocket._sock"


@cache
def install() -> None:
    """Put our parts in place of aiortc's; once in a process."""
    self_check()
    aiortc.rtcpeerconnection.RTCRtpSender = _SilentSender  # type: ignore[attr-defined]
    aiortc.rtcpeerconnection.RTCRtpReceiver = _SilentReceiver  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = _host_addresses  # type: ignore[assignment]
    aioice.stun.parse_message = _parse_stun
    aiortc.codecs.CODECS["audio"][:] = [
        RTCRtpCodecParameters(
            mimeType="audio/opus",
            clockRate=48_000,
            channels=2,
            payloadType=OPUS_TYPE,
            rtcpFeedback=[RTCRtcpFeedback(type="nack")],
            parameters={"minptime": 10, "useinbandfec": 1},
        ),
        RTCRtpCodecParameters(
            mimeType="audio/red",
            clockRate=48_000,
            channels=2,
            payloadType=RED_TYPE,
            parameters={f"{OPUS_TYPE}/{OPUS_TYPE}": None},
        ),
    ]
    aiortc.codecs.HEADER_EXTENSIONS["audio"][:] = [
        RTCRtpHeaderExtensionParameters(id=1, uri=LEVEL_URI),
        RTCRtpHeaderExtensionParameters(id=2, uri=SENT_AT_URI),
    ]


# Set within the task of a step, so it holds for that step alone.
chosen_addresses: ContextVar[tuple[str, ...]] = ContextVar("addresses", default=())
_all_addresses = aioice.ice.get_host_addresses


def _host_addresses(*, use_ipv4: bool, use_ipv6: bool) -> list[str]:
    chosen = list(chosen_addresses.get())
    return chosen or _all_addresses(use_ipv4=use_ipv4, use_ipv6=use_ipv6)


_parse_message = aioice.stun.parse_message


def _parse_stun(data: bytes) -> aioice.stun.Message:
    """Of an attribute that is too short, aioice 0.13 would leave an error to nobody."""
    try:
        return _parse_message(data)
    except struct.error as error:
        raise ValueError(str(error)) from error
