"""`intercomd room`: look into a running room server's rooms, and rule over them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from dataclasses import replace
from urllib.parse import urlsplit

from intercomd.domain.errors import ConfigInvalid
from intercomd.protocol.admin import (
    AdminReply,
    AdminRequest,
    CloseRoom,
    DeleteStream,
    ForbidStream,
    ForbidUser,
    KickUsers,
    ListRooms,
    RoomDetails,
    RoomList,
    ShowRoom,
)
from intercomd.protocol.wire import encode
from intercomd.server.admin_client import REQUEST_ID, ask, own_url
from intercomd.server.config import ServerConfig, load
from intercomd.server.secret_file import read_admin_secret


def main(arguments: argparse.Namespace) -> int:
    """Ask the server for it and print the answer; returns 0."""
    config = load(arguments.config)
    request = _request(arguments, config)
    assert config.admin.secret_file is not None  # what was loaded names one
    secret = read_admin_secret(config.admin.secret_file)
    listen = config.listen
    if arguments.self_signed:
        listen = replace(listen, tls_cert=arguments.config.parent / "tls_cert.pem")
    url, tls = own_url(listen)
    if arguments.url is not None:
        url = _checked(arguments.url)
        tls = tls if url.startswith("wss:") else None
    reply = asyncio.run(ask(url, secret, request, tls))
    print(_as_json(reply) if arguments.json else _as_text(reply))
    return os.EX_OK


def _checked(url: str) -> str:
    try:
        urlsplit(url).port  # noqa: B018 - it is looked at only when it is asked for
    except ValueError as error:
        raise ConfigInvalid(
            f"--url {url}: {error}: give ws:// or wss://, a host and a port"
        ) from error
    return url


def _request(arguments: argparse.Namespace, config: ServerConfig) -> AdminRequest:
    if arguments.action == "list":
        return ListRooms(REQUEST_ID)
    app_id = _app_id(arguments, config)
    match arguments.action:
        case "show":
            return ShowRoom(REQUEST_ID, app_id, arguments.room)
        case "kick":
            users = tuple(arguments.users)
            reason = arguments.reason
            return KickUsers(REQUEST_ID, app_id, arguments.room, users, reason)
        case "close":
            return CloseRoom(REQUEST_ID, app_id, arguments.room, arguments.reason)
        case "delete-stream":
            return DeleteStream(REQUEST_ID, app_id, arguments.room, arguments.stream)
        case "forbid":
            return ForbidUser(
                REQUEST_ID,
                app_id,
                arguments.user,
                arguments.seconds,
                arguments.room or "",
                arguments.reason,
            )
        case "forbid-stream":
            stream_id, seconds = arguments.stream, arguments.seconds
            return ForbidStream(REQUEST_ID, app_id, stream_id, seconds)
        case other:
            raise AssertionError(other)


def _app_id(arguments: argparse.Namespace, config: ServerConfig) -> int:
    known = [app.id for app in config.apps]
    if arguments.app_id is not None:
        return int(arguments.app_id)
    if len(known) > 1:
        told = ", ".join(str(app_id) for app_id in known)
        raise ConfigInvalid(
            f"{arguments.config}: there are several applications: "
            f"name one with --app-id ({told})"
        )
    return known[0]


def _as_json(reply: AdminReply) -> str:
    told = json.loads(encode(reply))
    del told["id"], told["type"]
    return json.dumps(told or {"ok": True})


def _as_text(reply: AdminReply) -> str:
    match reply:
        case RoomList(_, rooms):
            lines = [
                f"{room.room_id}  app {room.app_id}  "
                f"users {room.users}  streams {room.streams}"
                for room in rooms
            ]
            return _lines(lines) or "no rooms"
        case RoomDetails(_, room, users):
            lines = [
                f"{room.room_id}  app {room.app_id}  session {room.room_session_id}"
            ]
            for user in users:
                name = f" ({user.user_name})" if user.user_name else ""
                lines.append(
                    f"  {user.user_id}{name}  "
                    f"{'connected' if user.is_connected else 'lost'}  "
                    f"publishes {' '.join(user.published) or '-'}  "
                    f"plays {' '.join(user.played) or '-'}"
                )
            return _lines(lines)
        case _:
            return "done"


def _lines(lines: list[str]) -> str:
    """The lines, with what users put into their names made visible.

    A line feed or an escape sequence in one is an order to the operator's terminal.
    """
    return "\n".join("".join(map(_visible, line)) for line in lines)


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode()
