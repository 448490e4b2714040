"""A real Chromium offers one slot to send and eight to receive; we answer once."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

import pytest
from playwright.async_api import Page, Route, async_playwright

from intercomd.media.packet import Packet
from intercomd.media.peer import PeerState, ServerPeer
from tests.media.test_seam import until

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
OFFER = """async () => {
    window.peer = new RTCPeerConnection();
    const stream = await navigator.mediaDevices.getUserMedia({audio: true});
    peer.addTransceiver(stream.getAudioTracks()[0], {direction: 'sendonly'});
    for (let i = 0; i < 8; i++) peer.addTransceiver('audio', {direction: 'recvonly'});
    peer.ontrack = event => {
        const sound = new Audio();
        sound.srcObject = new MediaStream([event.track]);
        sound.play();
    };
    await peer.setLocalDescription();
    await new Promise(done => {
        const check = () => peer.iceGatheringState === 'complete' && done();
        peer.onicegatheringstatechange = check;
        check();
    });
    return peer.localDescription.sdp;
}"""
ACCEPT = "sdp => peer.setRemoteDescription({type: 'answer', sdp})"
INBOUND = """async () => {
    const all = [...(await peer.getStats()).values()];
    return all.filter(each => each.type === 'inbound-rtp');
}"""


async def open_page(page: Page) -> None:
    """An empty page on localhost: a secure context, without a server."""

    async def serve(route: Route) -> None:
        await route.fulfill(body="<title>test</title>", content_type="text/html")

    await page.route("http://localhost/**", serve)
    await page.goto("http://localhost/")


async def energies(page: Page) -> dict[str, float]:
    """How much sound came on each m-line on which any packet came."""
    inbound: list[dict[str, Any]] = await page.evaluate(INBOUND)
    return {
        each["mid"]: each["totalAudioEnergy"]
        for each in inbound
        if each["packetsReceived"]
    }


@pytest.mark.browser
def test_browser_hears_itself_on_one_slot_and_then_on_another() -> None:
    async def scenario(page: Page) -> None:
        heard: list[Packet] = []
        echo_slot = 3

        def echo(slot: int, packet: Packet, arrival: float) -> None:
            assert slot == 0
            heard.append(packet)
            server.send(echo_slot, packet)

        server = ServerPeer(
            on_packet=echo, on_state=lambda _: None, addresses=["127.0.0.1"]
        )
        await open_page(page)
        await page.evaluate(ACCEPT, await server.answer(await page.evaluate(OFFER)))
        assert (server.receive_slots, server.send_slots) == (1, 8)
        await until(lambda: server.state is PeerState.CONNECTED)

        await until(lambda: len(heard) > 60)
        on_first = await energies(page)
        assert list(on_first) == ["4"]
        assert on_first["4"] > 0

        echo_slot, before = 5, len(heard)
        await until(lambda: len(heard) > before + 60)
        on_both = await energies(page)
        assert sorted(on_both) == ["4", "6"]
        assert on_both["6"] > 0

        sequences = [packet.sequence for packet in heard]
        assert len(set(sequences)) == len(sequences)
        spoken = [each for each in heard if each.payload and not each.is_redundant]
        assert all(packet.level is not None for packet in spoken)
        assert all(packet.sent_at is not None for packet in heard)
        await until(lambda: server.stats().rtt_ms is not None)
        await server.close()

    async def run() -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=ARGUMENTS
            )
            try:
                await scenario(await browser.new_page())
            finally:
                await browser.close()

    asyncio.run(run())
