"""Two Chromium browsers and a direct peer connection: the yardstick of WebRTC."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from tests.benchmarks.peers.peer import NoCall, Peer, Processes
from tests.benchmarks.stage import Place, Stage

_PAGE = Path(__file__).with_suffix(".html").read_text()
_URL = "http://localhost/"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    # A candidate with an address instead of a name nobody resolves here.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
_CONNECTED_WITHIN_MS = 15_000
_RAW = {
    "echoCancellation": False,
    "noiseSuppression": False,
    "autoGainControl": False,
}


@contextmanager
def _call(stage: Stage, *, processed: bool) -> Iterator[Processes]:
    constraints = True if processed else _RAW
    try:
        with sync_playwright() as playwright:
            ends = {
                place: _page(_launch(playwright, stage, place))
                for place in ("talker", "listener")
            }
            for page in ends.values():
                page.evaluate("constraints => openMicrophone(constraints)", constraints)
            _connect(ends["talker"], ends["listener"])
            yield {
                "talker": int(_pid_file(stage, "talker").read_text()),
                "listener": int(_pid_file(stage, "listener").read_text()),
            }
            for page in ends.values():
                browser = page.context.browser
                assert browser is not None
                browser.close()
    except Error as error:
        raise NoCall(str(error).partition("\n")[0]) from error


def _launch(playwright: Playwright, stage: Stage, place: Place) -> Browser:
    """A browser of that place. What starts it stays in the way of its pipe to us."""
    chromium = shutil.which("chromium") or "chromium"
    command = stage.command(place, chromium)
    starter = stage.folder / f"chromium-{place}"
    starter.write_text(
        "#!/bin/sh\n"
        f"echo $$ >'{_pid_file(stage, place)}'\n"
        f'exec {" ".join(command)} "$@"\n'
    )
    starter.chmod(0o700)
    return playwright.chromium.launch(
        executable_path=starter,
        args=_ARGUMENTS,
        # Playwright mutes what it launches, unless told not to.
        ignore_default_args=["--mute-audio"],
    )


def _pid_file(stage: Stage, place: Place) -> Path:
    return stage.folder / f"chromium-{place}.pid"


def _page(browser: Browser) -> Page:
    """The page, which came over no network and yet may use the microphone."""
    page = browser.new_page()
    page.route(
        f"{_URL}**", lambda route: route.fulfill(content_type="text/html", body=_PAGE)
    )
    page.goto(_URL)
    return page


def _connect(talker: Page, listener: Page) -> None:
    offered = talker.evaluate("() => offer()")
    answered = listener.evaluate("offered => answer(offered)", offered)
    talker.evaluate("answered => accept(answered)", answered)
    for page in (talker, listener):
        page.wait_for_function(
            "() => call.connectionState === 'connected'", timeout=_CONNECTED_WITHIN_MS
        )


CHROMIUM = Peer(
    "chromium",
    "Chromium",
    ("chromium",),
    ("chromium",),
    partial(_call, processed=True),
)
CHROMIUM_RAW = Peer(
    "chromium-raw",
    "Chromium, unprocessed",
    ("chromium",),
    ("chromium",),
    partial(_call, processed=False),
    every_round=False,
)
