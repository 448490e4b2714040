"""`intercomd token`: print a token for a user, made with the app's ServerSecret."""

from __future__ import annotations

import argparse
import os
import secrets
import time

from intercomd.domain.errors import ConfigInvalid
from intercomd.protocol.privileges import Privileges
from intercomd.protocol.token import Mode, Token, create
from intercomd.server.config import AppSettings, ServerConfig, load
from intercomd.server.secret_file import read_secret

NONCE_BITS = 31


def main(arguments: argparse.Namespace) -> int:
    """Print the token alone on stdout; the secret is read from its file only."""
    app = _app(load(arguments.config), arguments)
    if app.secret_file is None:
        raise ConfigInvalid(
            f"{arguments.config}: apps: id {app.id} has no secret_file: "
            "name one and restart the room server, which makes it"
        )
    secret = read_secret(app.secret_file)
    now = int(time.time())
    token = Token(
        app_id=app.id,
        user_id=arguments.user,
        nonce=secrets.randbits(NONCE_BITS),
        created_at=now,
        expires_at=now + arguments.ttl,
        privileges=Privileges(
            room_id=arguments.room or "",
            may_publish=not arguments.listen_only,
            stream_ids=frozenset(arguments.stream) if arguments.stream else None,
        ),
    )
    print(create(token, secret, iv=secrets.token_bytes(Mode.GCM.iv_bytes)))
    return os.EX_OK


def _app(config: ServerConfig, arguments: argparse.Namespace) -> AppSettings:
    ids = [app.id for app in config.apps]
    if arguments.app_id is None and len(ids) == 1:
        return config.apps[0]
    for app in config.apps:
        if app.id == arguments.app_id:
            return app
    known = ", ".join(map(str, ids))
    raise ConfigInvalid(f"{arguments.config}: choose one of its apps: --app-id {known}")
