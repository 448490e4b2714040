"""Two real peers in one process over loopback UDP, with a relay that loses."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from aiortc import RTCCertificate

from intercomd.domain.audio import FRAME_S
from intercomd.domain.errors import MediaRefused
from intercomd.media import peer as peer_module
from intercomd.media.packet import Packet
from intercomd.media.peer import ClientPeer, PeerState, ServerPeer
from intercomd.media.session_stats import PeerStats
from tests.media.lossy_relay import LossyRelay, is_sound
from tests.media.test_sdp import offer as browser_offer
from tests.media.test_seam import Stage, sockets_and_tasks, until

LOOPBACK = ["127.0.0.1"]


class Call:
    """A client and a server peer, and what each heard."""

    def __init__(self, *, send_slots: int = 1, receive_slots: int = 8) -> None:
        self.at_client: list[tuple[int, Packet, float]] = []
        self.at_server: list[tuple[int, Packet, float]] = []
        self.client_states: list[PeerState] = []
        self.server_states: list[PeerState] = []
        self.client = ClientPeer(
            on_packet=lambda *packet: self.at_client.append(packet),
            on_state=self.client_states.append,
            send_slots=send_slots,
            receive_slots=receive_slots,
            addresses=LOOPBACK,
        )
        self.server = ServerPeer(
            on_packet=lambda *packet: self.at_server.append(packet),
            on_state=self.server_states.append,
            addresses=LOOPBACK,
        )

    async def connect(self, relay: LossyRelay | None = None) -> None:
        offer = await self.client.offer()
        answer = await self.server.answer(relay.offer(offer) if relay else offer)
        await self.client.accept(relay.answer(answer) if relay else answer)
        await until(lambda: self.is_up)

    @property
    def is_up(self) -> bool:
        both = (self.client.state, self.server.state)
        return both == (PeerState.CONNECTED, PeerState.CONNECTED)

    async def close(self) -> None:
        await self.client.close()
        await self.server.close()


@asynccontextmanager
async def call(
    relay: LossyRelay | None = None, *, send_slots: int = 1, receive_slots: int = 8
) -> AsyncIterator[Call]:
    """A connected call, closed in the end."""
    parts = Call(send_slots=send_slots, receive_slots=receive_slots)
    try:
        await parts.connect(relay)
        yield parts
    finally:
        await parts.close()


def packet(n: int) -> Packet:
    return Packet(n & 0xFFFF, 480 * n, bytes(60), level=30, sent_at=n)


async def talk(send: Callable[[Packet], bool], count: int) -> None:
    """Send so many packets at the pace of speech."""
    begin = time.monotonic()
    for n in range(count):
        await asyncio.sleep(begin + n * FRAME_S - time.monotonic())
        assert send(packet(n))


def sequences(heard: list[tuple[int, Packet, float]]) -> list[int]:
    return [each[1].sequence for each in heard]


def test_slots_are_numbered_by_direction_in_m_line_order() -> None:
    async def scenario() -> None:
        async with call(send_slots=2, receive_slots=3) as parts:
            assert (parts.server.receive_slots, parts.server.send_slots) == (2, 3)
            for slot in range(2):
                assert parts.client.send(slot, packet(slot))
            for slot in range(3):
                assert parts.server.send(slot, packet(slot))
            await until(lambda: len(parts.at_server + parts.at_client) == 5)
            assert [(each[0], each[1]) for each in parts.at_server] == [
                (slot, packet(slot)) for slot in range(2)
            ]
            assert [(each[0], each[1]) for each in parts.at_client] == [
                (slot, packet(slot)) for slot in range(3)
            ]
            with pytest.raises(IndexError):
                parts.client.send(2, packet(0))

    asyncio.run(scenario())


def test_arrival_is_on_the_monotonic_clock() -> None:
    async def scenario() -> None:
        async with call() as parts:
            before = time.monotonic()
            parts.client.send(0, packet(1))
            await until(lambda: parts.at_server)
            assert before <= parts.at_server[0][2] <= time.monotonic()

    asyncio.run(scenario())


def test_each_state_is_told_once() -> None:
    async def scenario() -> None:
        async with call() as parts:
            assert parts.client_states == [PeerState.CONNECTED]
        assert parts.client_states == [PeerState.CONNECTED, PeerState.CLOSED]
        assert parts.server_states == [PeerState.CONNECTED, PeerState.CLOSED]

    asyncio.run(scenario())


def test_sending_is_false_before_and_after_the_call() -> None:
    async def scenario() -> None:
        parts = Call()
        assert not parts.client.send(0, packet(0))
        assert parts.client.stats() == PeerStats()
        await parts.connect()
        await parts.close()
        assert not parts.client.send(0, packet(0))
        assert not parts.server.send(0, packet(0))

    asyncio.run(scenario())


def test_may_send_as_soon_as_connected_is_told() -> None:
    async def scenario() -> None:
        parts = Call()
        sent: list[bool] = []

        def told(state: PeerState) -> None:
            if state is PeerState.CONNECTED:
                sent.append(parts.server.send(0, packet(1)))

        parts.server = ServerPeer(
            on_packet=lambda *_: None, on_state=told, addresses=LOOPBACK
        )
        await parts.connect()
        await until(lambda: sent == [True])
        await parts.close()

    asyncio.run(scenario())


def test_lost_packets_are_repaired_within_the_buffers_delay() -> None:
    async def scenario() -> None:
        dice = random.Random(4)
        async with LossyRelay() as relay, call(relay) as parts:
            relay.is_lost = lambda data: is_sound(data) and dice.random() < 0.1
            await talk(lambda each: parts.client.send(0, each), 150)
            relay.is_lost = lambda _: False
            await talk(lambda each: parts.server.send(3, each), 10)
            await until(lambda: len(parts.at_client) == 10)
            heard = Counter(sequences(parts.at_server))
            assert set(heard.values()) == {1}
            # Only what is lost twice or thrice in a row, or at the end, stays lost.
            assert len(heard) >= 146
            arrivals = {each[1].sequence: each[2] for each in parts.at_server}
            late = [
                arrivals[n] - arrivals[n + 1]
                for n in arrivals
                if n + 1 in arrivals and arrivals[n] >= arrivals[n + 1]
            ]
            assert len(late) >= 5
            assert sorted(late)[len(late) // 2] < 0.02
            # The first ones by being asked for, then by copies.
            assert parts.client.stats().nacks_answered >= 1
            assert parts.server.receive_stats(0).recovered >= 5
            assert sequences(parts.at_client) == list(range(10))

    asyncio.run(scenario())


def test_threads_may_send_while_the_loop_reports_and_repairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("intercomd.media.session.REPORT_S", (0.001, 0.002))

    async def scenario() -> None:
        dice = random.Random(5)
        async with (
            LossyRelay() as relay,
            call(relay, send_slots=2) as parts,
        ):

            def speak(slot: int) -> None:
                for n in range(600):
                    assert parts.client.send(slot, packet(n))
                    time.sleep(0.0005)

            relay.is_lost = lambda data: is_sound(data) and dice.random() < 0.05
            speaking = [asyncio.to_thread(speak, slot) for slot in range(2)]
            await asyncio.gather(*speaking)
            assert parts.client.stats().packets_sent == 1200
            for slot in range(2):
                heard = {e[1].sequence for e in parts.at_server if e[0] == slot}
                # Anything garbled by the other thread would be refused as forged.
                assert len(heard) >= 590
            assert parts.client.stats().nacks_answered >= 1

    asyncio.run(scenario())


def test_reports_give_round_trip_and_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercomd.media.session.REPORT_S", (0.1, 0.2))

    async def scenario() -> None:
        async with call() as parts:
            talking = asyncio.create_task(
                talk(lambda each: parts.client.send(0, each), 200)
            )
            await until(lambda: parts.client.stats().rtt_ms is not None)
            stats = parts.client.stats()
            assert stats.rtt_ms is not None
            assert stats.rtt_ms < 50
            assert stats.loss == 0
            assert stats.packets_sent >= parts.server.stats().packets_received > 0
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)

    asyncio.run(scenario())


def test_round_trip_is_known_to_the_server_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("intercomd.media.session.REPORT_S", (0.1, 0.2))

    async def scenario() -> None:
        async with call() as parts:
            for n in range(100):
                parts.server.send(7, packet(n))
                await asyncio.sleep(FRAME_S)
            assert parts.server.stats().rtt_ms is not None

    asyncio.run(scenario())


@pytest.mark.parametrize("stage", Stage)
def test_closing_is_prompt_idempotent_and_leaves_nothing(stage: Stage) -> None:
    async def scenario() -> None:
        before = sockets_and_tasks()
        parts = Call()
        match stage:
            case Stage.NEW:
                pass
            case Stage.OFFERED:
                await parts.client.offer()
            case Stage.CONNECTING:
                answer = await parts.server.answer(await parts.client.offer())
                await parts.client.accept(answer)
            case Stage.CONNECTED:
                await parts.connect()
        async with asyncio.timeout(0.5):
            await asyncio.gather(parts.client.close(), parts.client.close())
            await parts.close()
        await until(lambda: len(asyncio.all_tasks()) == before[1], limit_s=1.0)
        assert sockets_and_tasks() == before

    asyncio.run(scenario())


def test_closing_is_prompt_when_the_other_side_has_vanished() -> None:
    async def scenario() -> None:
        async with LossyRelay() as relay:
            parts = Call()
            await parts.connect(relay)
            relay.is_lost = lambda _: True
            async with asyncio.timeout(0.5):
                await parts.client.close()
            assert parts.server.state is PeerState.CONNECTED
            async with asyncio.timeout(0.5):
                await parts.server.close()

    asyncio.run(scenario())


def test_caller_that_gives_up_closing_does_not_hang_the_next() -> None:
    async def scenario() -> None:
        parts = Call()
        await parts.connect()
        closing = asyncio.create_task(parts.client.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        async with asyncio.timeout(0.5):
            await parts.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("turns", range(6))
def test_abandoned_negotiation_leaves_nothing(turns: int) -> None:
    """Its caller gives up, or closes, in the midst of gathering."""

    async def scenario() -> None:
        before = sockets_and_tasks()
        text = browser_offer("sendonly", "recvonly")
        for is_cancelled in (True, False):
            parts = Call()
            offering = asyncio.create_task(parts.client.offer())
            answering = asyncio.create_task(parts.server.answer(text))
            for _ in range(turns):
                await asyncio.sleep(0)
            if is_cancelled:
                offering.cancel()
                answering.cancel()
            async with asyncio.timeout(0.5):
                await parts.close()
            await asyncio.gather(offering, answering, return_exceptions=True)
        await until(lambda: len(asyncio.all_tasks()) == before[1], limit_s=1.0)
        assert sockets_and_tasks() == before

    asyncio.run(scenario())


def test_offer_after_closing_is_refused() -> None:
    async def scenario() -> None:
        parts = Call()
        await parts.close()
        with pytest.raises(MediaRefused):
            await parts.client.offer()
        with pytest.raises(MediaRefused):
            await parts.server.answer(browser_offer("sendonly"))

    asyncio.run(scenario())


def test_connection_that_never_comes_up_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_module, "CONNECT_LIMIT_S", 0.1)

    async def scenario() -> None:
        async with LossyRelay() as relay:
            relay.is_lost = lambda _: True
            parts = Call()
            offer = relay.offer(await parts.client.offer())
            await parts.client.accept(relay.answer(await parts.server.answer(offer)))
            await until(
                lambda: parts.client.state is parts.server.state is PeerState.FAILED
            )
            await parts.close()
            assert parts.client_states == [PeerState.FAILED, PeerState.CLOSED]

    asyncio.run(scenario())


def test_hidden_browser_addresses_do_not_delay_the_answer() -> None:
    async def scenario() -> None:
        text = browser_offer("sendonly", *["recvonly"] * 8)
        hidden = text.replace("192.0.2.7", "0f-1b.local")
        server = Call().server
        begin = time.monotonic()
        await server.answer(hidden)
        assert time.monotonic() - begin < 0.2
        assert (server.receive_slots, server.send_slots) == (1, 8)
        await server.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "hello",
        "v=0\r\n",
        browser_offer("inactive"),
        browser_offer(*["recvonly"] * 35),
        browser_offer("sendonly").replace("m=audio", "m=video"),
        browser_offer("sendonly").replace("opus", "speex"),
        browser_offer("sendonly") + "a=x:" + "y" * 70_000,
        browser_offer("sendonly").replace("actpass", "actpass\r\na=setup:x\x00"),
    ],
)
def test_unusable_offer_is_refused_and_leaves_nothing(offer: str) -> None:
    async def scenario() -> None:
        before = sockets_and_tasks()
        server = Call().server
        if "setup:x" in offer:
            await server.answer(offer)
            await server.close()
        else:
            with pytest.raises(MediaRefused):
                await server.answer(offer)
        assert server.state is PeerState.CLOSED
        await until(lambda: len(asyncio.all_tasks()) == before[1], limit_s=1.0)
        assert sockets_and_tasks() == before

    asyncio.run(scenario())


def test_damaged_offers_are_answered_or_refused_and_leave_nothing() -> None:
    """Whatever passes our own reading must not trouble aiortc either."""

    async def scenario() -> None:
        before = sockets_and_tasks()
        dice = random.Random(7)
        lines = browser_offer("sendonly", "recvonly", "sendrecv").splitlines()
        for _ in range(150):
            damaged = list(lines)
            for _ in range(dice.randint(1, 3)):
                place = dice.randrange(len(damaged))
                match dice.randrange(3):
                    case 0:
                        del damaged[place]
                    case 1:
                        damaged.insert(place, dice.choice(lines))
                    case _:
                        cut = dice.randrange(len(damaged[place]) + 1)
                        damaged[place] = damaged[place][:cut]
            server = Call().server
            try:
                await server.answer("\r\n".join([*damaged, ""]))
            except MediaRefused:
                assert server.state is PeerState.CLOSED
            await server.close()
        await until(lambda: len(asyncio.all_tasks()) == before[1], limit_s=1.0)
        assert sockets_and_tasks() == before

    asyncio.run(scenario())


def test_answer_to_another_offer_is_refused() -> None:
    async def scenario() -> None:
        parts = Call()
        other = Call(receive_slots=2)
        await parts.client.offer()
        answer = await other.server.answer(await other.client.offer())
        for text in (answer, "nonsense", browser_offer("recvonly")):
            with pytest.raises(MediaRefused):
                await parts.client.accept(text)
        await parts.close()
        await other.close()

    asyncio.run(scenario())


def test_aborted_connections_leave_nothing_at_any_moment() -> None:
    async def scenario() -> None:
        before = sockets_and_tasks()
        for turns in range(0, 60, 3):
            parts = Call()
            answer = await parts.server.answer(await parts.client.offer())
            await parts.client.accept(answer)
            for _ in range(turns):
                await asyncio.sleep(0)
            await parts.close()
        await until(lambda: len(asyncio.all_tasks()) == before[1], limit_s=1.0)
        assert sockets_and_tasks() == before

    asyncio.run(scenario())


def test_making_a_certificate_for_each_peer_is_cheap() -> None:
    """So one certificate is not shared by all peers of a process."""
    begin = time.perf_counter()
    for _ in range(20):
        RTCCertificate.generateCertificate()
    assert (time.perf_counter() - begin) / 20 < 0.02


def test_packets_keep_their_pace_through_the_loop() -> None:
    async def scenario() -> None:
        async with call() as parts:
            await talk(lambda each: parts.client.send(0, each), 50)
            await until(lambda: len(parts.at_server) == 50)
            gaps = [after[2] - before[2] for before, after in pairwise(parts.at_server)]
            assert sorted(gaps)[len(gaps) // 2] == pytest.approx(FRAME_S, abs=0.005)

    asyncio.run(scenario())
