"""JSON text to messages and back, and the close codes of the connection.

Every malformed frame, whatever is wrong with it, is one `WireMalformed`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar

import msgspec

from intercomd.domain.errors import WireMalformed
from intercomd.protocol.admin import AdminMessage, AdminReply
from intercomd.protocol.messages import ClientMessage, RequestId, ServerMessage

DETAIL_CHARACTERS = 200


class CloseCode(IntEnum):
    """Why the server closed a connection (RFC 6455 private use)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    NOT_UNDERSTOOD = 4000
    LOGIN_REFUSED = 4001
    LOGIN_TIMEOUT = 4002
    KICKED = 4003
    TOO_MANY_MESSAGES = 4004
    TOO_MANY_CONNECTIONS = 4005


def encode(
    message: ClientMessage | ServerMessage | AdminMessage | AdminReply,
) -> str:
    """The text of one frame."""
    return _encoder.encode(message).decode()


def decode_client_message(text: str | bytes) -> ClientMessage:
    """A client's frame as a message, or `WireMalformed`."""
    return _decode(_client_decoder, text)


def decode_server_message(text: str | bytes) -> ServerMessage:
    """A server's frame as a message, or `WireMalformed`."""
    return _decode(_server_decoder, text)


def decode_admin_message(text: str | bytes) -> AdminMessage:
    """An operator's frame as a message, or `WireMalformed`."""
    return _decode(_admin_decoder, text)


def decode_admin_reply(text: str | bytes) -> AdminReply:
    """A server's frame to an operator as a message, or `WireMalformed`."""
    return _decode(_admin_reply_decoder, text)


def request_id(text: str | bytes) -> int | None:
    """The request ID of a frame that is malformed otherwise, if it has one."""
    try:
        return _id_decoder.decode(text).id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


_T = TypeVar("_T")


class _OnlyId(msgspec.Struct):
    id: RequestId | None = None


_encoder = msgspec.json.Encoder()
_client_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(
    ClientMessage
)
_server_decoder: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(
    ServerMessage
)
_admin_decoder: msgspec.json.Decoder[AdminMessage] = msgspec.json.Decoder(AdminMessage)
_admin_reply_decoder: msgspec.json.Decoder[AdminReply] = msgspec.json.Decoder(
    AdminReply
)
_id_decoder = msgspec.json.Decoder(_OnlyId)


def _decode(decoder: msgspec.json.Decoder[_T], text: str | bytes) -> _T:
    if isinstance(text, bytes):
        raise WireMalformed("a binary frame; messages are text")
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        # It may quote the frame, which may be long.
        raise WireMalformed(str(error)[:DETAIL_CHARACTERS]) from error
