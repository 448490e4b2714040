"""docs/protocol.md and the code say the same: tables, codes and vector."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable
from types import ModuleType
from typing import get_args

import msgspec
import pytest
from msgspec import inspect

from intercomd.domain import errors, identifiers, room_texts
from intercomd.domain.errors import ErrorCode, IntercomError, MediaRefused
from intercomd.media import sdp
from intercomd.protocol import (
    admission,
    blacklist,
    kicks,
    privileges,
    room_chat,
    room_information,
    room_operator,
    rooms,
    server_session,
    stream_bans,
    streams,
    token,
    token_watch,
    wire,
)
from intercomd.protocol.authentication import proof
from intercomd.protocol.messages import (
    PROTOCOL,
    SDP_CHARACTERS,
    ChatEntry,
    ClientMessage,
    ExtraInfoEntry,
    PlayedEntry,
    ServerMessage,
    StreamEntry,
    UserEntry,
)
from intercomd.protocol.room_events import (
    DeleteReason,
)
from intercomd.protocol.wire import (
    CloseCode,
)
from intercomd.server.config import LimitSettings, ListenSettings, RoomsSettings
from tests.protocol.document import TEXT, Row, block, section, tables

# Messages

MESSAGES: dict[str, type[msgspec.Struct]] = {
    "user": UserEntry,
    "stream": StreamEntry,
    "extra_info": ExtraInfoEntry,
    "played": PlayedEntry,
    "chat": ChatEntry,
    **{
        str(kind.__struct_config__.tag): kind
        for kind in (*get_args(ClientMessage), *get_args(ServerMessage))
    },
}
ENTRIES = {
    UserEntry: "user",
    StreamEntry: "stream",
    ExtraInfoEntry: "extra_info",
    ChatEntry: "chat",
    PlayedEntry: "played",
}


def declared(kind: type[msgspec.Struct]) -> list[Row]:
    """Name, type, default and limits of each field, as the tables have them."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return [
        [f"`{field.name}`", told_type(field.type), told_default(field), limits]
        for field in info.fields
        for limits in [told_limits(field.type)]
    ]


def told_type(hint: inspect.Type) -> str:
    match hint:
        case inspect.Metadata():
            return told_type(hint.type)
        case inspect.IntType():
            return "integer"
        case inspect.StrType():
            return "text"
        case inspect.BytesType():
            return "bytes in base64"
        case inspect.BoolType():
            return "boolean"
        case inspect.StructType(cls=kind):
            return ENTRIES[kind]
        case inspect.VarTupleType(item_type=item):
            return f"list of {told_type(item)}"
        case inspect.UnionType(types=(inspect.IntType(), inspect.NoneType())):
            return "integer or null"
        case _:
            raise AssertionError(f"a type the document has no word for: {hint}")


def told_default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    default = field.default
    return f"`{json.dumps(list(default) if default == () else default)}`"


def told_limits(hint: inspect.Type) -> str:
    match hint:
        case inspect.IntType(ge=int(low), le=int(high)):
            return f"{low} to {high}"
        case inspect.StrType(max_length=int(length)):
            return f"at most {length} characters"
        case inspect.BytesType(max_length=int(length)):
            return f"at most {length} bytes"
        case inspect.UnionType(types=(inner, inspect.NoneType())):
            return told_limits(inner)
        case _:
            return ""


@pytest.mark.parametrize("name", MESSAGES)
def test_each_message_has_a_table_of_its_fields_types_defaults_and_limits(
    name: str,
) -> None:
    table = tables(section(f"`{name}`"))[0]
    assert [row[:4] for row in table] == declared(MESSAGES[name])
    assert all(len(row) == 5 and row[4] for row in table), "a field without a meaning"


def test_there_is_no_message_in_the_document_that_is_not_in_the_code() -> None:
    assert re.findall(r"(?m)^### `(\w+)`$", TEXT) == list(MESSAGES)


@pytest.mark.parametrize(
    ("chapter", "kinds"),
    [
        ("Messages of the client", get_args(ClientMessage)),
        ("Messages of the server", get_args(ServerMessage)),
    ],
)
def test_each_message_is_in_the_chapter_of_who_sends_it(
    chapter: str, kinds: tuple[type[msgspec.Struct], ...]
) -> None:
    (text,) = re.findall(rf"(?sm)^## {chapter}$(.*?)^## ", TEXT)
    names = [str(kind.__struct_config__.tag) for kind in kinds]
    assert re.findall(r"(?m)^### `(\w+)`$", text) == names


def test_the_reasons_of_a_stream_update_are_those_of_the_code() -> None:
    table = tables(section("`stream_update`"))[1]
    told = [(int(row[0]), row[1]) for row in table]
    assert told == [(reason.value, reason.name) for reason in DeleteReason]


def test_the_lengths_of_ids_are_those_of_the_code() -> None:
    table = tables(section("`chat`"))[1]
    assert {row[0]: row[1] for row in table} == {
        "room ID": f"1 to {identifiers.ROOM_ID_BYTES}",
        "user ID": f"1 to {identifiers.USER_ID_BYTES}",
        "user name": f"0 to {identifiers.USER_NAME_BYTES}",
        "stream ID": f"1 to {identifiers.STREAM_ID_BYTES}",
    }


def test_the_characters_of_ids_are_those_of_the_code() -> None:
    table = tables(section("`chat`"))[1]
    (room,) = (row[2] for row in table if row[0] == "room ID")
    told = set(room.rpartition("``")[0].rpartition("``")[2])
    ascii_ = {chr(code) for code in range(128)}
    assert {c for c in ascii_ if _is_allowed(c)} - told == set(
        string.ascii_letters + string.digits
    )


def _is_allowed(character: str) -> bool:
    try:
        identifiers.check_room_id(character)
    except IntercomError:
        return False
    return True


# Codes


def test_the_close_codes_are_those_of_the_code() -> None:
    (table,) = tables(section("Close codes"))
    told = [(int(row[0]), row[1]) for row in table]
    assert told == [(code.value, code.name) for code in CloseCode]


CHECKS: list[Callable[[str], str]] = [
    identifiers.check_room_id,
    identifiers.check_user_id,
    identifiers.check_user_name,
    identifiers.check_stream_id,
]


ROOMS = [
    blacklist,
    kicks,
    room_chat,
    room_information,
    room_operator,
    room_texts,
    stream_bans,
    streams,
]
TOKENS = [admission, privileges, token, token_watch]


def sendable() -> set[ErrorCode]:
    """The codes of the errors that the server's end of the protocol can raise."""
    modules: list[ModuleType] = [wire, server_session, rooms, *ROOMS, *TOKENS]
    named = [value for module in modules for value in vars(module).values()]
    named += [getattr(errors, n, None) for check in CHECKS for n in _names(check)]
    kinds = {k for k in named if isinstance(k, type) and issubclass(k, IntercomError)}
    return {kind.code for kind in (kinds - {IntercomError}) | {MediaRefused}}


def _names(function: Callable[[str], str]) -> tuple[str, ...]:
    return function.__code__.co_names


def test_the_errors_are_those_the_server_can_send() -> None:
    (table,) = tables(section("Errors"))
    told = [int(row[0]) for row in table]
    assert told == sorted(sendable())


def test_an_error_names_only_messages_and_close_codes_there_are() -> None:
    (table,) = tables(section("Errors"))
    for _, in_reply_to, then, _ in table:
        assert set(re.findall(r"`(\w+)`", in_reply_to)) <= set(MESSAGES)
        assert {int(code) for code in re.findall(r"\d+", then)} <= set(CloseCode)


# Numbers


def test_the_numbers_of_the_transport_are_the_defaults_of_the_server() -> None:
    values = {row[0]: row[1] for row in tables(section("Transport"))[0]}
    limits, heartbeat = LimitSettings(), RoomsSettings().heartbeat_timeout_s
    for what, number in {
        "Address": ListenSettings().port,
        "WebSocket subprotocol": PROTOCOL,
        "Longest frame to the server": limits.message_bytes,
        "Rate": f"{limits.messages_per_s} frames a second",
        "Time to log in": f"{limits.login_s} s",
        "Heartbeat timeout": f"{heartbeat} s",
    }.items():
        assert str(number) in values[what]
    assert f"{limits.message_burst} at once" in values["Rate"]
    assert f"at most {SDP_CHARACTERS} characters" in section("The offer and the answer")


# The proof


def test_the_vector_of_the_proof_is_right() -> None:
    (table,) = tables(section("The proof"))
    given = {row[0]: row[1].strip("`") for row in table}
    assert given["proof"] == proof(
        given["AppSign"],
        nonce=given["nonce"],
        app_id=int(given["AppID"]),
        room_id=given["room ID"],
        user_id=given["user ID"],
    )
    command = block("sh")
    assert f"hexkey:{given['AppSign']}" in command
    parts = (PROTOCOL, given["nonce"], given["AppID"], "lobby", "alice")
    assert r"\n".join(parts) in command


# The examples


def test_the_offer_is_one_the_server_understands() -> None:
    offer = sdp.parse(block("sdp"))
    directions = [media.direction for media in offer.media]
    assert directions == [
        sdp.Direction.SENDONLY,
        sdp.Direction.RECVONLY,
        sdp.Direction.RECVONLY,
    ]
    first = offer.media[0]
    assert (first.payload_type, first.nack) == (111, True)
    assert (first.extensions.level, first.extensions.sent_at) == (1, 2)
    assert offer.transport.candidates
