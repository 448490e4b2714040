"""Whether the room server is reached, lets this station in, and carries its sound.

A running station is not disturbed. The AppSign is proved by logging in as a user of
another name in a room of its own, for a second. A token cannot be used so, for it
names its user, whom a second login would put out: it is shown under another name,
and a server that can read it refuses it for just that.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from intercomd.domain.errors import ErrorCode, IntercomError
from intercomd.domain.room import User
from intercomd.engine import Engine, EngineProfile
from intercomd.engine.signalling import Signalling
from intercomd.protocol.client_events import LoginWanted
from intercomd.protocol.credentials import Credentials
from intercomd.protocol.messages import Error, Hello, LoggedIn, Logout, ServerMessage
from intercomd.station.config import StationConfig
from intercomd.station.doctor.finding import Finding, failure, fine, note, warning

WITHIN_S = 6.0
TOKEN_LEAST_S = 3600

_EXPIRY = struct.Struct(">q")
_PORTS = {"ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Server:
    """How far it got. Each fault is "" where there was none, None where it was not
    tried, since what comes before it failed.

    login_code   why the login was refused, 0 if it was not
    server_date  an HTTP Date, read at `date_read_at` in unix seconds
    """

    url: str
    tcp_fault: str | None = None
    tcp_ms: float = 0.0
    hello_fault: str | None = None
    login_fault: str | None = None
    login_code: int = 0
    media_fault: str | None = None
    token_expires_at: int | None = None
    server_date: str = ""
    date_read_at: float = 0.0


async def call(config: StationConfig, app_sign: str, token: str) -> Server:
    """Try one after the other; one of `app_sign` and `token` is ""."""
    found = await _connect(Server(config.server.url, token_expires_at=_expiry(token)))
    if found.tcp_fault == "":
        found = await _show_credentials(found, config, app_sign, token)
    if found.login_fault == "" and app_sign:
        found = replace(found, media_fault=await _carry(config, app_sign))
    return found


def judge_server(server: Server, unix_now: float) -> Iterator[Finding]:
    """What keeps the station from its room."""
    if server.tcp_fault:
        yield failure(
            "server",
            f"{server.url} is not reached: {server.tcp_fault}",
            "look whether the server runs (systemctl status intercomd-server), "
            "server.url is right, and no firewall is between",
        )
        return
    yield fine("server", f"{server.url} is reached", tcp_ms=round(server.tcp_ms, 1))
    if server.hello_fault:
        yield failure("server", *_hello_remedy(server))
        return
    yield fine("server", "it is a room server" + _secured(server.url))
    yield from _judge_login(server)
    yield from _judge_expiry(server.token_expires_at, unix_now)
    if server.media_fault:
        yield failure(
            "server",
            f"no sound gets through: {server.media_fault}",
            "let UDP through between this machine and the server, all ports",
        )
    elif server.media_fault == "":
        yield fine("server", "sound gets through (UDP)")


def _hello_remedy(server: Server) -> tuple[str, str]:
    fault = server.hello_fault or ""
    if "certificate" in fault.lower():
        remedy = (
            "pin the server's certificate: server.fingerprint, as it tells at start"
        )
    elif server.url.startswith("wss:"):
        remedy = "look whether the server has TLS: else write ws:// in server.url"
    else:
        remedy = "look whether this is the room server's port, and not one with TLS"
    return f"{server.url} answers, but not as a room server: {fault}", remedy


def _secured(url: str) -> str:
    return ", encrypted (TLS)" if url.startswith("wss:") else ""


def _judge_login(server: Server) -> Iterator[Finding]:
    if server.login_fault is None:
        return
    if not server.login_fault:
        yield fine("login", "the server takes the AppSign")
    elif server.login_code == ErrorCode.TOKEN_USER_ID_ERROR:
        yield fine(
            "login", "the server can read the token; its user and rooms were not tried"
        )
    else:
        yield failure(
            "login",
            f"the server refuses this station: {server.login_fault}",
            "copy the server's app_sign anew, or make a token with 'intercomd token', "
            "and compare app.id with the server's",
        )


def _judge_expiry(expires_at: int | None, unix_now: float) -> Iterator[Finding]:
    if expires_at is None:
        return
    left_s = expires_at - unix_now
    remedy = "make another with 'intercomd token', into app.token_file"
    if left_s < 0:
        text = f"the token expired {-left_s / 60:.0f} minutes ago"
        yield failure("login", text, remedy)
    elif left_s < TOKEN_LEAST_S:
        text = f"the token expires in {left_s / 60:.0f} minutes"
        yield warning("login", text, remedy)
    else:
        yield note("login", f"the token is good for {left_s / 3600:.0f} hours more")


async def _connect(server: Server) -> Server:
    parts = urlsplit(server.url)
    port = parts.port or _PORTS[parts.scheme]
    begun = time.monotonic()
    try:
        async with asyncio.timeout(WITHIN_S):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError) as error:
        told = str(error) or f"no answer in {WITHIN_S:.0f} s"
        return replace(server, tcp_fault=told)
    tcp_ms = (time.monotonic() - begun) * 1000
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return replace(server, tcp_fault="", tcp_ms=tcp_ms)


async def _show_credentials(
    server: Server, config: StationConfig, app_sign: str, token: str
) -> Server:
    inbox: asyncio.Queue[ServerMessage | None] = asyncio.Queue()
    url, fingerprint = config.server.url, config.server.fingerprint
    try:
        signalling = Signalling(url, inbox.put_nowait, fingerprint=fingerprint)
    except OSError as error:  # of this machine's certificates
        return replace(server, hello_fault=str(error))
    running = asyncio.create_task(signalling.run())
    running.add_done_callback(lambda _: inbox.put_nowait(None))
    try:
        match await _next(inbox, Hello):
            case Hello(nonce):
                pass
            case _:
                return replace(server, hello_fault=signalling.failure or "no hello")
        server = replace(
            server,
            hello_fault="",
            server_date=signalling.server_date,
            date_read_at=time.time(),
        )
        wish = LoginWanted(_own_name(), User(_own_name()))
        credentials = Credentials(config.app.id, app_sign)
        login = credentials.login(
            wish, request_id=1, nonce=nonce, token=token, resume_key=""
        )
        signalling.send(login)
        match await _next(inbox, LoggedIn, Error):
            case LoggedIn():
                signalling.send(Logout(2))
                return replace(server, login_fault="")
            case Error(code, message):
                return replace(server, login_fault=message, login_code=code)
            case _:
                return replace(server, login_fault=signalling.failure or "no answer")
    finally:
        signalling.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running, WITHIN_S)


async def _next(
    inbox: asyncio.Queue[ServerMessage | None], *kinds: type[Hello | LoggedIn | Error]
) -> ServerMessage | None:
    """The next message of these kinds; None if the connection ends, or in vain."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WITHIN_S):
            while (message := await inbox.get()) is not None:
                if isinstance(message, kinds):
                    return message
    return None


async def _carry(config: StationConfig, app_sign: str) -> str:
    """Publish a stream nobody plays; why that did not go, "" if it did."""
    profile = EngineProfile(
        config.app.id,
        app_sign,
        server_url=config.server.url,
        server_fingerprint=config.server.fingerprint,
    )
    try:
        async with asyncio.timeout(WITHIN_S), Engine(profile) as engine:
            await engine.login_room(_own_name(), User(_own_name()))
            await engine.start_publishing_stream(_own_name())
    except TimeoutError:
        return f"no way for it in {WITHIN_S:.0f} s"
    except IntercomError as error:
        return str(error)
    return ""


def _own_name() -> str:
    return f"doctor-{secrets.token_hex(8)}"


def _expiry(token: str) -> int | None:
    """When a token04 expires: the one thing in it that is not sealed."""
    try:
        (expires_at,) = _EXPIRY.unpack_from(base64.b64decode(token[2:]))
    except (ValueError, struct.error):
        return None
    return int(expires_at)
