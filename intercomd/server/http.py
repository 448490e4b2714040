"""The plain HTTP pages on the signalling port: the web page, /healthz and /metrics.

What can be had is one fixed table, read once: no path of a request names a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from importlib.resources import files
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from intercomd.domain.errors import ErrorCode
from intercomd.server.metrics import Metrics

SIGNALLING_PATHS = ("/", "/ws")
CODES_PATH = "/codes.json"

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"
SVG = "image/svg+xml"
JSON = "application/json"

WEB_FILES: Final[Mapping[str, tuple[str, str]]] = {
    "/": ("index.html", HTML),
    "/style.css": ("style.css", CSS),
    "/icon.svg": ("icon.svg", SVG),
    "/app.js": ("app.js", JAVASCRIPT),
    "/backoff.js": ("backoff.js", JAVASCRIPT),
    "/connection.js": ("connection.js", JAVASCRIPT),
    "/event_log.js": ("event_log.js", JAVASCRIPT),
    "/join_form.js": ("join_form.js", JAVASCRIPT),
    "/media.js": ("media.js", JAVASCRIPT),
    "/microphone.js": ("microphone.js", JAVASCRIPT),
    "/proof.js": ("proof.js", JAVASCRIPT),
    "/roster.js": ("roster.js", JAVASCRIPT),
    "/session.js": ("session.js", JAVASCRIPT),
    "/stream_list.js": ("stream_list.js", JAVASCRIPT),
    "/streams.js": ("streams.js", JAVASCRIPT),
    "/talk.js": ("talk.js", JAVASCRIPT),
    "/token_panel.js": ("token_panel.js", JAVASCRIPT),
}
"""Path of a request: (file of intercomd/server/web, content type)."""

SECURITY_HEADERS: Final = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    ),
    ("Permissions-Policy", "microphone=(self), camera=(), geolocation=()"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)


class Pages:
    """The packaged files, in memory, and the figures of one server."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        folder = files("intercomd.server") / "web"
        self._files = {
            path: (content_type, (folder / name).read_bytes())
            for path, (name, content_type) in WEB_FILES.items()
        }
        codes = {str(int(code)): code.name for code in ErrorCode}
        self._files[CODES_PATH] = (JSON, json.dumps(codes).encode())

    def respond(
        self, connection: ServerConnection, request: Request
    ) -> Response | None:
        """The answer to a plain request, or None for one that opens a WebSocket."""
        path = request.path.partition("?")[0]
        upgrades = [value.lower() for value in request.headers.get_all("Upgrade")]
        is_upgrade = upgrades == ["websocket"]
        if path in SIGNALLING_PATHS and is_upgrade:
            return None
        if path in self._files:
            return _response(*self._files[path])
        match path:
            case "/healthz":
                told = {"status": "ok", "uptime_s": round(self._metrics.uptime_s, 1)}
                text = json.dumps(told | self._metrics.counts) + "\n"
                return _response(JSON, text.encode())
            case "/metrics":
                return _response(CONTENT_TYPE_LATEST, self._metrics.exposition())
            case _ if path in SIGNALLING_PATHS:
                return connection.respond(
                    HTTPStatus.UPGRADE_REQUIRED,
                    "This is an intercom room server; connect with a WebSocket.\n",
                )
            case _:
                return connection.respond(
                    HTTPStatus.NOT_FOUND, "There are /, /healthz and /metrics here.\n"
                )


def _response(content_type: str, body: bytes) -> Response:
    headers = Headers(
        [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
            *SECURITY_HEADERS,
        ]
    )
    status = HTTPStatus.OK
    return Response(status.value, status.phrase, headers, body)
