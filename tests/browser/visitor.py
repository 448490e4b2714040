"""Somebody at the web page, in a Chromium of his own with a sound card of the bench."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    expect,
)

from tests.bench.pulse import PulseBench
from tests.browser.priority import raise_sound_threads

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
]
WITHIN_MS = 30_000
STEADY_WITHIN_S = 60
STEADY_FOR_MS = 2_000
MOST_ARTIFICIAL = 0.01
LEAST_PACKETS = 50
MOST_UNPLAYED = 0.02
KEEP_CONNECTIONS = """{
  globalThis.connections = [];
  const Plain = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Plain {
    constructor(...wishes) { super(...wishes); connections.push(this); }
  };
}"""
SOUND_SO_FAR = """async () => {
  const sum = { at: performance.now() / 1000, played: 0, streams: {} };
  for (const each of (await connections.at(-1).getStats()).values()) {
    if (each.type === "media-playout") sum.played = each.totalSamplesDuration;
    if (each.type !== "inbound-rtp") continue;
    sum.streams[each.id] = {
      packets: each.packetsReceived,
      samples: each.totalSamplesReceived,
      artificial: each.concealedSamples - each.silentConcealedSamples
        + each.insertedSamplesForDeceleration + each.removedSamplesForAcceleration,
    };
  }
  return sum;
}"""

_Streams = Mapping[str, Mapping[str, float]]

expect.set_options(timeout=WITHIN_MS)


def launch(playwright: Playwright, bench: PulseBench, station: int) -> Browser:
    """A Chromium that hears and speaks through a station's card."""
    card = {"PULSE_SOURCE": f"mic{station}", "PULSE_SINK": f"spk{station}"}
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=ARGUMENTS,
        # Playwright mutes what it launches, unless told not to.
        ignore_default_args=["--mute-audio"],
        env={**os.environ, **bench.environment(), **card},
    )


class Visitor:
    """One page, from the form on; every wait is for something to be seen."""

    def __init__(self, context: BrowserContext, url: str, *, card: str) -> None:
        """`card` is the PulseAudio sink that this page's Chromium plays to."""
        self.errors: list[str] = []
        self._card = card
        context.add_init_script(KEEP_CONNECTIONS)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(WITHIN_MS)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url)

    @property
    def state(self) -> Locator:
        return self.page.locator("#state")

    @property
    def alert(self) -> Locator:
        return self.page.locator("#alert")

    @property
    def talk_button(self) -> Locator:
        return self.page.locator("#talk-button")

    @property
    def light(self) -> Locator:
        return self.page.locator("#talk-light")

    def fill(self, user: str, *, app_sign: str = "", token: str = "") -> None:
        """Fill in the form."""
        self.page.get_by_label("AppID").fill("1")
        self.page.get_by_label("RoomID").fill("lobby")
        self.page.get_by_label("UserID").fill(user)
        self.page.locator("#token").fill(token)
        if app_sign:
            if not self.page.locator("#app-sign").is_visible():
                self.page.get_by_text("AppSign instead").click()
            self.page.locator("#app-sign").fill(app_sign)

    def join(self, user: str, app_sign: str) -> None:
        """Join, and wait until talking is possible."""
        self.fill(user, app_sign=app_sign)
        self.page.get_by_role("button", name="Join").click()
        expect(self.state).to_have_text("In room lobby")
        expect(self.talk_button).to_be_enabled()
        raise_sound_threads(self._card)

    def close(self) -> None:
        """Go to another page, which leaves the room, and close this one."""
        self.page.goto("about:blank")
        self.page.context.close()

    def stream(self, stream_id: str) -> Locator:
        """The row of a stream."""
        return self.page.locator(f'#stream-list li[data-stream="{stream_id}"]')

    def hears(self, *stream_ids: str) -> None:
        """Wait until all of these are played and packets of them come."""
        for stream_id in stream_ids:
            row = self.stream(stream_id)
            expect(row).to_have_attribute("data-state", "PLAYING")
            expect(row.locator(".figures")).to_have_text(re.compile(r"jitter \d+ ms"))

    def hears_steadily(self) -> None:
        """Wait until its sound has settled, as the browser's own figures say.

        That is: over 2 s the loudspeaker took as much sound as time passed, within
        2 %, and of no stream more than 1 % was concealed, stretched or shortened.
        A microphone in digital silence sends a packet now and then: such a stream
        has nothing to settle.
        """
        told = []
        before = self.page.evaluate(SOUND_SO_FAR)
        for _ in range(STEADY_WITHIN_S * 1000 // STEADY_FOR_MS):
            self.page.wait_for_timeout(STEADY_FOR_MS)
            now = self.page.evaluate(SOUND_SO_FAR)
            unplayed = 1 - (now["played"] - before["played"]) / (
                now["at"] - before["at"]
            )
            artificial = _most_artificial(before["streams"], now["streams"])
            before = now
            told.append(f"unplayed {unplayed:.1%}, artificial {artificial:.1%}")
            if abs(unplayed) < MOST_UNPLAYED and artificial < MOST_ARTIFICIAL:
                return
        raise AssertionError(f"the sound never settled: {'; '.join(told)}")

    def is_heard_by(self, count: int) -> None:
        """Wait until the server says that so many would hear."""
        people = "1 user" if count == 1 else f"{count} users"
        told = self.page.locator("#talk-told")
        expect(told).to_contain_text(people)

    def events(self, text: str) -> Locator:
        """The lines of the log that contain `text`."""
        return self.page.locator("#log li", has_text=text)

    def photograph(self, folder: Path, name: str) -> None:
        """Keep the whole page as pictures at phone and desk width, dark and light."""
        folder.mkdir(parents=True, exist_ok=True)
        for width, height in ((390, 844), (1280, 800)):
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("dark", "light"):
                self.page.emulate_media(
                    color_scheme="dark" if scheme == "dark" else "light"
                )
                path = folder / f"{name}-{width}x{height}-{scheme}.png"
                self.page.screenshot(path=path)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)


def _most_artificial(before: _Streams, now: _Streams) -> float:
    """The largest share that the browser made up itself, of the streams that flow."""
    shares = [0.0]
    for name, stream in now.items():
        earlier = before.get(name, dict.fromkeys(stream, 0))
        if stream["packets"] - earlier["packets"] >= LEAST_PACKETS:
            made_up = stream["artificial"] - earlier["artificial"]
            shares.append(made_up / (stream["samples"] - earlier["samples"]))
    return max(shares)
