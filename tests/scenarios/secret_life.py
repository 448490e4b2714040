"""A server and users of every kind of credentials, logging at DEBUG to stderr.

At the end it prints as JSON on stdout what must not have been in the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from intercomd.cli.log_output import LogFormat, write_log
from intercomd.domain.errors import IntercomError
from intercomd.domain.log_level import LogLevel
from intercomd.engine import Engine, EngineProfile, RoomConfig, User
from intercomd.protocol import authentication, credentials
from intercomd.protocol.admission import TokenExpiry
from intercomd.protocol.privileges import Privileges
from intercomd.server.app import RoomServer
from intercomd.server.config import AppSettings, ListenSettings, ServerConfig
from tests.protocol.tokens import OTHER_SECRET, SECRET, token_for
from tests.room_server import APP_ID, APP_SIGN, server_config, url_of

WRONG_SIGN = "fedcba98" * 8


@dataclass(slots=True)
class Secrets:
    """What no log line may hold."""

    fixed: list[str]
    tokens: list[str] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)

    def token(self, user_id: str, ttl_s: int, *, secret: str = SECRET) -> str:
        """A token of this user that is remembered here."""
        made = token_for(
            user_id,
            app_id=APP_ID,
            expires_at=int(time.time()) + ttl_s,
            secret=secret,
            privileges=Privileges("lobby"),
        )
        self.tokens.append(made)
        return made


def remember_proofs(secrets: Secrets) -> None:
    """Write down each proof that a client makes."""
    make = authentication.proof

    def remembered(
        app_sign: str, *, nonce: str, app_id: int, room_id: str, user_id: str
    ) -> str:
        made = make(
            app_sign, nonce=nonce, app_id=app_id, room_id=room_id, user_id=user_id
        )
        secrets.proofs.append(made)
        return made

    credentials.proof = remembered  # type: ignore[attr-defined]


async def live(folder: Path, secrets: Secrets) -> None:
    """Log in by everything, right and wrong; renew, publish, lose the server."""
    secret_file = folder / "server_secret"
    secret_file.write_text(SECRET)  # with rights that are warned of
    sign_file = server_config(folder).apps[0].sign_file
    app = AppSettings(APP_ID, sign_file, secret_file, token_expiry=TokenExpiry.KICK)
    config = ServerConfig(apps=(app,), listen=ListenSettings("127.0.0.1", 0))
    async with contextlib.AsyncExitStack() as engines:
        async with RoomServer(config) as server:

            async def user(name: str, app_sign: str, token: str) -> Engine:
                profile = EngineProfile(APP_ID, app_sign, server_url=url_of(server))
                logging.getLogger("intercomd.tests").debug("made %r", profile)
                engine = await engines.enter_async_context(Engine(profile))
                room = RoomConfig(is_user_status_notify=True, token=token)
                logging.getLogger("intercomd.tests").debug("login %r", room)
                try:
                    await engine.login_room("lobby", User(name), room)
                except IntercomError as error:
                    logging.getLogger("intercomd.tests").debug("refused: %s", error)
                return engine

            alice = await user("alice", "", secrets.token("alice", 3600))
            await user("bob", APP_SIGN, "")
            await user("carol", APP_SIGN, secrets.token("carol", 20))
            await user("dave", WRONG_SIGN, "")
            await user("erin", "", secrets.token("erin", -5))
            await user("frank", "", secrets.token("frank", 60, secret=OTHER_SECRET))
            await user("grace", "", secrets.token("grace", 60)[:100])
            await alice.start_publishing_stream("alice-1")
            await alice.renew_token("lobby", secrets.token("alice", 7200))
            with contextlib.suppress(IntercomError):
                await alice.renew_token("lobby", secrets.token("bob", 7200))
        await asyncio.sleep(0)  # the engines are left without a server


def main() -> None:
    secrets = Secrets([APP_SIGN, WRONG_SIGN, SECRET, OTHER_SECRET])
    remember_proofs(secrets)
    write_log(LogLevel.DEBUG, LogFormat.TEXT)
    asyncio.run(live(Path(sys.argv[1]), secrets))
    sys.stdout.write(json.dumps(asdict(secrets)))


if __name__ == "__main__":
    main()
