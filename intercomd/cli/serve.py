"""`intercomd serve`: be the room server until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import os
from dataclasses import replace

from intercomd.cli.log_output import LogFormat, write_log
from intercomd.cli.supervisor import supervision
from intercomd.domain.errors import ConfigInvalid
from intercomd.server.config import (
    ListenSettings,
    ServerConfig,
    check_host,
    check_listen,
    load,
)
from intercomd.server.run import serve
from intercomd.server.tls import self_signed

EVERY_ADDRESS = ("0.0.0.0", "::")


def main(arguments: argparse.Namespace) -> int:
    """Serve; returns 0 when SIGTERM or SIGINT ended it."""
    config = load(arguments.config)
    write_log(config.log.level, LogFormat(arguments.log_format))
    config = _overridden(config, arguments)
    asyncio.run(serve(config, supervision()))
    return os.EX_OK


def _overridden(config: ServerConfig, arguments: argparse.Namespace) -> ServerConfig:
    listen = config.listen
    if arguments.host is not None:
        listen = replace(listen, host=check_host(arguments.host))
    if arguments.port is not None:
        listen = replace(listen, port=arguments.port)
    return replace(config, listen=_with_tls(listen, arguments))


def _with_tls(listen: ListenSettings, arguments: argparse.Namespace) -> ListenSettings:
    if arguments.self_signed:
        if listen.tls_cert is not None:
            raise ConfigInvalid(
                f"{arguments.config}: listen.tls_cert names a certificate: "
                "leave out --self-signed, or take it out there"
            )
        known_as = [] if listen.host in EVERY_ADDRESS else [listen.host]
        cert, key = self_signed(arguments.config.parent, known_as)
        return replace(listen, tls_cert=cert, tls_key=key)
    if arguments.tls_cert is not None:
        listen = replace(listen, tls_cert=arguments.tls_cert)
    if arguments.tls_key is not None:
        listen = replace(listen, tls_key=arguments.tls_key)
    return check_listen(listen)
