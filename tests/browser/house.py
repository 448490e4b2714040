"""A house to visit: a room server, two stations, and two browsers at its page."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ViewportSize

from tests.bench.processes import PROJECT, intercomd
from tests.bench.pulse import PulseBench
from tests.browser.visitor import Visitor
from tests.system.site import Site

STATION_STREAMS = ("lobby-station-0", "lobby-station-1")
PHONE = ViewportSize(width=390, height=844)


@dataclass(frozen=True, slots=True)
class House:
    """A server, two stations (cards 0 and 1), and two browsers (cards 2 and 3)."""

    bench: PulseBench
    site: Site
    folder: Path
    url: str
    app_sign: str
    browsers: tuple[Browser, Browser]
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(
        self,
        browser: int = 0,
        *,
        touch: bool = False,
        script: str = "",
        url: str = "",
        is_self_signed: bool = False,
        **functions: Callable[..., object],
    ) -> Visitor:
        """A new page of one of the browsers, closed when the test is over.

        `script` runs in it before anything else, and may call `functions`.
        """
        context = self.browsers[browser].new_context(
            has_touch=touch, viewport=PHONE, ignore_https_errors=is_self_signed
        )
        for name, function in functions.items():
            context.expose_function(name, function)
        if script:
            context.add_init_script(script)
        card = f"spk{2 + browser}"
        self.visitors.append(Visitor(context, url or self.url, card=card))
        return self.visitors[-1]

    @property
    def port(self) -> int:
        """Where the server listens on loopback."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def token(self, *options: str) -> str:
        """A token for the user "web" in the lobby, made by the command."""
        config = ("--config", str(self.folder / "server.yaml"))
        who = ("--user", "web", "--room", "lobby")
        made = subprocess.run(
            [*intercomd("token"), *who, *options, *config],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )
        return made.stdout.strip()

    def see_off(self) -> None:
        """Close all pages; nobody may have had an error of JavaScript."""
        visitors, self.visitors[:] = self.visitors[:], []
        for visitor in visitors:
            visitor.close()
        assert [visitor.errors for visitor in visitors if visitor.errors] == []
