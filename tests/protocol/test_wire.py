"""Messages to text and back, and the many ways not to be a message."""

from __future__ import annotations

import json
import re
import typing

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercomd.domain.errors import WireMalformed
from intercomd.protocol.messages import (
    SDP_CHARACTERS,
    Answer,
    Barrage,
    BarrageMessages,
    Broadcast,
    BroadcastMessages,
    ChatEntry,
    ClientMessage,
    Command,
    CustomCommand,
    Error,
    ExtraInfoEntry,
    Hello,
    Kicked,
    Listeners,
    LoggedIn,
    LoggedInMore,
    Login,
    Logout,
    MessageSent,
    MicState,
    MicStateUpdate,
    MutePlay,
    Offer,
    Ok,
    OnlineUserCount,
    Play,
    PlayEnded,
    PlayState,
    Publish,
    PublishEnded,
    RenewToken,
    Report,
    RoomExtraInfo,
    ServerMessage,
    SetRoomExtraInfo,
    SetStreamExtraInfo,
    SlotBound,
    Stop,
    StreamEntry,
    StreamExtraInfo,
    StreamReport,
    StreamUpdate,
    TokenWillExpire,
    Transparent,
    TransparentMessage,
    Unpublish,
    UserEntry,
    UserUpdate,
)
from intercomd.protocol.wire import (
    DETAIL_CHARACTERS,
    decode_client_message,
    decode_server_message,
    encode,
    request_id,
)

ALICE = UserEntry("alice", "Алиса ☎")
STREAM = StreamEntry("alice-1", ALICE, '{"quoted": "\\n"}')
CHAT = ChatEntry("tea ☕", 7, ALICE, 1_700_000_000_000)

CLIENT_MESSAGES: list[ClientMessage] = [
    Login(1, 2**32 - 1, "lobby", "alice", "0" * 64, "Alice", True, 5),
    Offer(2, "v=0\r\n"),
    Publish(3, "alice-1", 1),
    Unpublish(4, "alice-1"),
    Play(5, "bob-1", 31),
    MutePlay(16, "bob-1", True),
    MicState(17, "alice-1", 10),
    Report(18, 0, 1, 10),
    Stop(6, "bob-1"),
    RenewToken(3, "04AAAA"),
    SetStreamExtraInfo(7, "alice-1", "kitchen"),
    SetRoomExtraInfo(8, "topic", ""),
    Broadcast(9, "tea ☕"),
    Barrage(10, "!"),
    Command(11, "mute", ("bob", "carol")),
    Transparent(12, bytes(range(256)), ("bob",)),
    Logout(2**31 - 1),
]
SERVER_MESSAGES: list[ServerMessage] = [
    Hello("ab" * 32),
    Ok(1),
    LoggedIn(1, "life-1", (ALICE,), (STREAM,)),
    LoggedInMore(1, (ALICE,), (STREAM,), True),
    Answer(2, "v=0\r\n"),
    Error(1002034, "full", 1),
    Error(2000001, "what?"),
    UserUpdate(0, (ALICE,)),
    StreamUpdate(1, (STREAM,), 3),
    PlayState("bob-1", True, 10),
    SlotBound(3, "bob-1", 65_535),
    PublishEnded("alice-1", 1003025),
    PlayEnded("bob-1", 1004025),
    MicStateUpdate("bob-1", 9),
    StreamReport("bob-1", "bob", 0, 5, 10),
    Listeners("alice-1", 2),
    TokenWillExpire(30),
    MessageSent(9, 2**53 - 1),
    StreamExtraInfo((STREAM,)),
    OnlineUserCount(3),
    RoomExtraInfo((ExtraInfoEntry("topic", "", ALICE, 1_700_000_000_000),)),
    BroadcastMessages((CHAT,)),
    BarrageMessages((CHAT, CHAT)),
    CustomCommand(ALICE, "mute"),
    TransparentMessage(ALICE, b"\x00\xff"),
    Kicked(1002050, "elsewhere"),
]


def name(message: object) -> str:
    return type(message).__name__


@pytest.mark.parametrize("message", CLIENT_MESSAGES, ids=name)
def test_a_clients_message_survives_the_wire(message: ClientMessage) -> None:
    assert decode_client_message(encode(message)) == message


@pytest.mark.parametrize("message", SERVER_MESSAGES, ids=name)
def test_a_servers_message_survives_the_wire(message: ServerMessage) -> None:
    assert decode_server_message(encode(message)) == message


def test_no_message_is_left_out_here() -> None:
    tested = {type(message) for message in [*CLIENT_MESSAGES, *SERVER_MESSAGES]}
    every = typing.get_args(ClientMessage) + typing.get_args(ServerMessage)
    assert tested == set(every)


@pytest.mark.parametrize("message", CLIENT_MESSAGES, ids=name)
def test_the_type_is_the_snake_case_name(message: ClientMessage) -> None:
    words = re.findall("[A-Z][a-z]*", name(message))
    assert json.loads(encode(message))["type"] == "_".join(words).lower()


def test_unknown_fields_are_ignored() -> None:
    text = '{"type":"stop","id":1,"stream_id":"bob-1","since":"v2"}'
    assert decode_client_message(text) == Stop(1, "bob-1")


def _login(**changes: object) -> str:
    fields: dict[str, object] = {
        "type": "login",
        "id": 1,
        "app_id": 1,
        "room_id": "lobby",
        "user_id": "alice",
        "proof": "",
    }
    return json.dumps(fields | changes)


MALFORMED = {
    "nothing": "",
    "no JSON": "hello",
    "no object": "[1, 2]",
    "a number that is none": "NaN",
    "no type": '{"id":1}',
    "an unknown type": '{"type":"dance","id":1}',
    "a server's type": '{"type":"ok","id":1}',
    "a type of the wrong kind": '{"type":7,"id":1}',
    "no id": '{"type":"logout"}',
    "id zero": '{"type":"logout","id":0}',
    "id too large": '{"type":"logout","id":2147483648}',
    "id a fraction": '{"type":"logout","id":1.5}',
    "id as text": '{"type":"logout","id":"1"}',
    "two objects": '{"type":"logout","id":1}{}',
    "cut off": '{"type":"logout","id":1',
    "half a surrogate": r'{"type":"stop","id":1,"stream_id":"\udc00 and more"}',
    "nested beyond reason": '{"type":"stop","id":1,"x":' + "[" * 20_000,
    "a slot below": '{"type":"play","id":1,"stream_id":"a","slot":-1}',
    "a receive slot above": '{"type":"play","id":1,"stream_id":"a","slot":32}',
    "a send slot above": '{"type":"publish","id":1,"stream_id":"a","slot":2}',
    "a stream ID beyond all": json.dumps(
        {"type": "stop", "id": 1, "stream_id": "a" * 513}
    ),
    "an SDP beyond all": json.dumps(
        {"type": "offer", "id": 1, "sdp": "v" * (SDP_CHARACTERS + 1)}
    ),
    "an AppID beyond 32 bits": _login(app_id=2**32),
    "a negative AppID": _login(app_id=-1),
    "a proof too long": _login(proof="0" * 65),
    "a null room": _login(room_id=None),
    "a negative member count": _login(max_member_count=-1),
    "a flag as number": _login(is_user_status_notify=1),
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_message_is_wire_malformed(text: str) -> None:
    with pytest.raises(WireMalformed):
        decode_client_message(text)


def test_a_binary_frame_is_no_message() -> None:
    with pytest.raises(WireMalformed):
        decode_client_message(encode(Logout(1)).encode())


def test_a_python_string_that_is_no_utf_8_is_no_message() -> None:
    with pytest.raises(WireMalformed):
        decode_client_message('{"type":"stop","id":1,"stream_id":"\ud800"}')


def test_the_refusal_quotes_little_of_a_long_frame() -> None:
    with pytest.raises(WireMalformed) as caught:
        decode_client_message(json.dumps({"type": "x" * 60_000, "id": 1}))
    assert len(caught.value.detail) <= DETAIL_CHARACTERS


def test_a_client_ignores_nothing_it_cannot_read() -> None:
    with pytest.raises(WireMalformed):
        decode_server_message('{"type":"fireworks"}')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"type":"dance","id":7}', 7),
        ('{"type":"dance"}', None),
        ('{"id":0}', None),
        ('{"id":99999999999}', None),
        ('{"id":"7"}', None),
        ("[7]", None),
        ("", None),
        (b'{"id":7}', 7),
        (b"\xff\x00", None),
        ("[" * 20_000, None),
    ],
)
def test_the_request_id_is_found_where_there_is_a_valid_one(
    text: str | bytes, expected: int | None
) -> None:
    assert request_id(text) == expected


@settings(deadline=None)
@given(st.text() | st.binary())
def test_no_frame_does_anything_but_pass_or_be_malformed(frame: str | bytes) -> None:
    request_id(frame)
    for decode in (decode_client_message, decode_server_message):
        with pytest.raises(WireMalformed):
            decode(frame)


@settings(deadline=None)
@given(st.sampled_from(CLIENT_MESSAGES), st.integers(0, 200))
def test_a_frame_that_is_cut_is_malformed(message: ClientMessage, length: int) -> None:
    text = encode(message)
    with pytest.raises(WireMalformed):
        decode_client_message(text[: min(length, len(text) - 1)])


@settings(deadline=None)
@given(
    st.builds(UserEntry, st.text(max_size=512), st.text(max_size=512)),
    st.text(max_size=300),
)
def test_any_text_survives_the_wire(user: UserEntry, extra_info: str) -> None:
    message = StreamUpdate(0, (StreamEntry("s", user, extra_info),))
    assert decode_server_message(encode(message)) == message


def test_messages_are_values() -> None:
    with pytest.raises(AttributeError):
        Ok(1).id = 2  # type: ignore[misc]
    assert msgspec.structs.asdict(Ok(1)) == {"id": 1}
