"""A client that speaks the wire by hand, so that it can speak it wrongly."""

from __future__ import annotations

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from intercomd.protocol.authentication import proof
from intercomd.protocol.messages import (
    Hello,
    LoggedIn,
    Login,
    OnlineUserCount,
    ServerMessage,
)
from intercomd.protocol.wire import decode_server_message, encode
from intercomd.server.app import RoomServer
from tests.room_server import APP_ID, APP_SIGN, url_of


def open_socket(server: RoomServer) -> connect:
    """A WebSocket to the server, to be entered."""
    return connect(
        url_of(server), subprotocols=[Subprotocol("intercom.v1")], proxy=None
    )


async def receive(socket: ClientConnection) -> ServerMessage:
    """The server's next message."""
    return decode_server_message(await socket.recv())


async def log_in(socket: ClientConnection, user_id: str) -> None:
    """Enter the room "lobby" with the right proof."""
    hello = await receive(socket)
    assert isinstance(hello, Hello)
    claim = proof(
        APP_SIGN, nonce=hello.nonce, app_id=APP_ID, room_id="lobby", user_id=user_id
    )
    login = Login(1, APP_ID, "lobby", user_id, claim)
    await socket.send(encode(login))
    assert isinstance(await receive(socket), LoggedIn)
    assert isinstance(await receive(socket), OnlineUserCount)
