"""The contract with aiortc and aioice: an upgrade has to pass here first."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import select
import socket
import threading
from collections.abc import Callable
from enum import Enum
from typing import Any

import aioice.ice
import pytest
from aioice import Connection
from aioice.stun import Class, Message, Method

from intercomd.domain.errors import LibraryMissing
from intercomd.media import sdp, seam_parts
from intercomd.media.sdp import Direction
from intercomd.media.seam import PeerState, Pipe
from intercomd.media.seam_parts import self_check

LOOPBACK = ["127.0.0.1"]
SLOTS = [Direction.SENDONLY] + [Direction.RECVONLY] * 8
RTP = bytes((0x80, 111, 0, 1)) + bytes(8) + b"sound"
RTCP = bytes((0x80, 201, 0, 1)) + b"ssrc"


class Stage(Enum):
    """How far a connection has come when it is closed."""

    NEW = "new"
    OFFERED = "offered"
    CONNECTING = "connecting"
    CONNECTED = "connected"


class Ends:
    """Two pipes on loopback, and what came out of them."""

    def __init__(self) -> None:
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.states: list[PeerState] = []
        self.near = self._pipe()
        self.far = self._pipe()

    def _pipe(self) -> Pipe:
        return Pipe(
            on_rtp=lambda datagram, _: self.rtp.append(datagram),
            on_rtcp=lambda datagram, _: self.rtcp.append(datagram),
            on_state=self.states.append,
            addresses=LOOPBACK,
        )

    async def negotiate(self) -> sdp.Description:
        """Exchange descriptions; returns the offer."""
        offer = sdp.parse(await self.near.offer(SLOTS))
        mirrored = [media.direction.mirrored for media in offer.media]
        self.answer = sdp.parse(await self.far.answer(str(offer), mirrored))
        await self.near.accept(str(self.answer))
        return offer

    async def connect(self) -> sdp.Description:
        """Exchange descriptions and wait for both ends to be up."""
        offer = await self.negotiate()
        await until(lambda: self.states.count(PeerState.CONNECTED) == 2)
        return offer

    async def carry(self, datagram: bytes) -> None:
        """Send it from the near end and wait for it at the far one."""
        assert self.near.send(datagram)
        await until(lambda: datagram in self.rtp)

    async def close(self) -> None:
        await self.near.close()
        await self.far.close()


async def until(condition: Callable[[], object], *, limit_s: float = 5.0) -> None:
    """Wait for `condition()`; what the loop does meanwhile makes it true."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.001)


def rtp_of(ssrc: int, sequence: int) -> bytes:
    numbers = sequence.to_bytes(2, "big") + bytes(4) + ssrc.to_bytes(4, "big")
    return bytes((0x80, 111)) + numbers + b"sound"


def port_of(description: sdp.Description) -> int:
    return int(description.transport.candidates[0].split()[5])


def check_of(near: sdp.Description, far: sdp.Description, *names: str) -> bytes:
    """A STUN check as `near` sends them to `far`, of the attributes named besides."""
    attributes = {"PRIORITY": 1, "ICE-CONTROLLING": 1}
    usernames = f"{far.transport.fragment}:{near.transport.fragment}"
    check = Message(
        Method.BINDING,
        Class.REQUEST,
        attributes={"USERNAME": usernames} | {name: attributes[name] for name in names},
    )
    check.add_message_integrity(far.transport.password.encode())
    return bytes(check)


def sockets_and_tasks() -> tuple[int, int]:
    gc.collect()
    open_sockets = sum(
        isinstance(each, socket.socket) and each.fileno() >= 0
        for each in gc.get_objects()
    )
    return open_sockets, len(asyncio.all_tasks())


def test_pinned_libraries_pass_the_self_check() -> None:
    self_check()


def test_other_version_is_refused_with_both_versions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(seam_parts.WANTED, "aiortc", "9.9.9")
    with pytest.raises(LibraryMissing, match=r"1\.16\.0.*9\.9\.9"):
        self_check()


def test_name_that_went_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Connection, "check_start")
    monkeypatch.delattr(aioice.ice, "get_host_addresses")
    with pytest.raises(LibraryMissing, match=r"check_start.*get_host_addresses"):
        self_check()


def test_offer_is_bundled_opus_111_with_red_nack_and_both_extensions() -> None:
    async def scenario() -> None:
        ends = Ends()
        text = await ends.near.offer(SLOTS)
        for line in (
            "a=rtpmap:111 opus/48000/2",
            "a=fmtp:111 minptime=10;useinbandfec=1",
            "a=rtcp-fb:111 nack",
            "a=rtpmap:63 red/48000/2",
            "a=fmtp:63 111/111",
            "a=group:BUNDLE 0 1 2 3 4 5 6 7 8",
        ):
            assert line in text
        offer = sdp.parse(text)
        assert [media.direction for media in offer.media] == SLOTS
        assert all(media.red == 63 for media in offer.media)
        assert all(media.extensions.level for media in offer.media)
        assert all(media.extensions.sent_at for media in offer.media)
        await ends.close()

    asyncio.run(scenario())


def test_only_the_given_addresses_are_offered() -> None:
    async def scenario() -> None:
        ends = Ends()
        offer = sdp.parse(await ends.near.offer(SLOTS))
        [candidate] = offer.transport.candidates
        assert " 127.0.0.1 " in candidate
        await ends.close()

    asyncio.run(scenario())


def test_datagrams_go_through_encrypted_both_ways_without_a_task() -> None:
    async def scenario() -> None:
        ends = Ends()
        await ends.connect()
        tasks = len(asyncio.all_tasks())
        assert ends.near.send(RTP)
        assert ends.far.send(RTCP)
        assert len(asyncio.all_tasks()) == tasks
        await until(lambda: ends.rtp and ends.rtcp)
        assert ends.rtp == [RTP]
        assert ends.rtcp == [RTCP]
        await ends.close()

    asyncio.run(scenario())


def test_no_thread_is_started() -> None:
    async def scenario() -> None:
        before = threading.active_count()
        ends = Ends()
        await ends.connect()
        assert threading.active_count() == before
        await ends.close()

    asyncio.run(scenario())


def test_before_and_after_the_connection_sending_is_false() -> None:
    async def scenario() -> None:
        ends = Ends()
        assert not ends.near.send(RTP)
        await ends.negotiate()
        assert not ends.near.send(RTP)
        await until(lambda: ends.states.count(PeerState.CONNECTED) == 2)
        assert not ends.near.send(bytes((0x80, 111)) + bytes(2_000))
        await ends.close()
        assert not ends.near.send(RTP)

    asyncio.run(scenario())


def test_strangers_datagrams_do_no_harm() -> None:
    """aiortc alone dies of the empty one and of the long one."""

    async def scenario() -> None:
        errors: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: errors.append(context)
        )
        ends = Ends()
        offer = await ends.connect()
        port = int(offer.transport.candidates[0].split()[5])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for datagram in (
                b"",
                b"\x80",
                RTP,
                RTCP,
                b"\x80" + bytes(5_000),
                b"\x16\xfe\xfd" + bytes(40),
                *(bytes((first,)) * 60 for first in range(0, 256, 5)),
            ):
                stranger.sendto(datagram, ("127.0.0.1", port))
        await until(lambda: ends.near.rejected >= 2)
        assert ends.far.send(RTP)
        await until(lambda: ends.rtp)
        assert ends.rtp == [RTP]
        assert PeerState.CLOSED not in ends.states
        assert errors == []
        await ends.close()

    asyncio.run(scenario())


def test_malformed_checks_are_ignored_without_a_word() -> None:
    async def scenario() -> None:
        errors: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: errors.append(context)
        )
        ends = Ends()
        offer = await ends.connect()
        attribute = b"\x00\x24\x00\x02\x07\x07\x00\x00"
        short_priority = b"\x00\x01\x00\x08\x21\x12\xa4\x42" + bytes(12) + attribute
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for datagram in (
                short_priority,
                check_of(offer, ends.answer, "ICE-CONTROLLING"),
            ):
                stranger.sendto(datagram, ("127.0.0.1", port_of(ends.answer)))
        assert ends.near.send(RTP)
        await until(lambda: ends.rtp)
        assert errors == []
        await ends.close()

    asyncio.run(scenario())


def test_checks_from_ever_more_addresses_are_not_all_answered() -> None:
    async def scenario() -> None:
        ends = Ends()
        offer = await ends.connect()
        with contextlib.ExitStack() as stack:
            strangers = [
                stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                for _ in range(100)
            ]
            for sequence in (1, 2):
                for stranger in strangers:
                    check = check_of(offer, ends.answer, "PRIORITY", "ICE-CONTROLLING")
                    stranger.sendto(check, ("127.0.0.1", port_of(ends.answer)))
                # All that came before it has been read by then, too.
                await ends.carry(rtp_of(1, sequence))
            answered = [bool(select.select([s], [], [], 0)[0]) for s in strangers]
        assert answered == [True] * 63 + [False] * 37
        await ends.close()

    asyncio.run(scenario())


def test_of_ever_more_streams_only_the_first_are_taken() -> None:
    async def scenario() -> None:
        ends = Ends()
        await ends.connect()
        for ssrc in range(1, 200):
            assert ends.near.send(rtp_of(ssrc, 1))
        assert ends.near.send(rtp_of(1, 2))
        await until(lambda: rtp_of(1, 2) in ends.rtp)
        assert ends.rtp == [rtp_of(ssrc, 1) for ssrc in range(1, 65)] + [rtp_of(1, 2)]
        await ends.close()

    asyncio.run(scenario())


def test_closing_one_end_closes_the_other() -> None:
    async def scenario() -> None:
        ends = Ends()
        await ends.connect()
        await ends.near.close()
        await until(lambda: ends.states.count(PeerState.CLOSED) == 2, limit_s=0.5)

    asyncio.run(scenario())


@pytest.mark.parametrize("stage", Stage)
def test_closing_frees_sockets_and_tasks_at_any_stage(stage: Stage) -> None:
    async def scenario() -> None:
        before = sockets_and_tasks()
        ends = Ends()
        match stage:
            case Stage.NEW:
                pass
            case Stage.OFFERED:
                await ends.near.offer(SLOTS)
            case Stage.CONNECTING:
                await ends.negotiate()
            case Stage.CONNECTED:
                await ends.connect()
        async with asyncio.timeout(0.5):
            await ends.close()
            await ends.close()
        await until(lambda: len(asyncio.all_tasks()) == before[1], limit_s=1.0)
        assert sockets_and_tasks() == before

    asyncio.run(scenario())
