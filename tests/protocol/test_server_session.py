"""The server's end of a connection: who gets in, and how everybody else is refused."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercomd.domain.errors import ErrorCode
from intercomd.protocol.authentication import proof
from intercomd.protocol.messages import (
    PROTOCOL,
    Barrage,
    ClientMessage,
    Error,
    Hello,
    Login,
    Logout,
    Offer,
    Play,
    Publish,
    Stop,
    Transparent,
    Unpublish,
    UserEntry,
)
from intercomd.protocol.room_events import HangUp, Joined, Requested, Send
from intercomd.protocol.server_session import (
    Negotiate,
    ServerSession,
    SessionLimits,
    SessionOutput,
    SessionState,
)
from intercomd.protocol.wire import CloseCode, encode

SIGN, OTHER_SIGN = "0123456789abcdef" * 4, "fedcba9876543210" * 4
NONCE, OLD_NONCE = "ab" * 32, "cd" * 32
SESSION = 7


def session(*, limits: SessionLimits | None = None, now: float = 0.0) -> ServerSession:
    return ServerSession(
        SESSION,
        app_signs={1: SIGN, 2: OTHER_SIGN},
        nonce=NONCE,
        limits=limits or SessionLimits(),
        now=now,
    )


def login(
    *,
    app_id: int = 1,
    room_id: str = "lobby",
    user_id: str = "alice",
    user_name: str = "Alice",
    app_sign: str = SIGN,
    nonce: str = NONCE,
    proved_user_id: str | None = None,
) -> Login:
    return Login(
        id=1,
        app_id=app_id,
        room_id=room_id,
        user_id=user_id,
        user_name=user_name,
        proof=proof(
            app_sign,
            nonce=nonce,
            app_id=app_id,
            room_id=room_id,
            user_id=proved_user_id or user_id,
        ),
    )


def member(*, limits: SessionLimits | None = None) -> ServerSession:
    logged_in = session(limits=limits)
    logged_in.handle(encode(login()), 0.0)
    assert logged_in.state is SessionState.MEMBER
    return logged_in


def refusal(outputs: list[SessionOutput]) -> tuple[int | None, int, CloseCode | None]:
    """The request refused, the code, and how the connection was closed, if it was."""
    first, *rest = outputs
    assert isinstance(first, Send)
    assert first.session == SESSION
    assert isinstance(first.message, Error)
    assert len(rest) <= 1
    close = rest[0] if rest else None
    assert close is None or isinstance(close, HangUp)
    return first.message.id, first.message.code, close.code if close else None


def test_the_server_speaks_first_and_gives_its_nonce() -> None:
    assert session().hello == Hello(NONCE, PROTOCOL, "intercomd")


def test_a_right_proof_is_handed_to_the_rooms() -> None:
    machine = session()
    message = Login(
        id=3,
        app_id=1,
        room_id="lobby",
        user_id="alice",
        user_name="Alice",
        proof=login().proof,
        is_user_status_notify=True,
        max_member_count=5,
    )
    assert machine.handle(encode(message), 0.0) == [
        Joined(
            session=SESSION,
            request_id=3,
            app_id=1,
            room_id="lobby",
            user=UserEntry("alice", "Alice"),
            is_user_status_notify=True,
            max_member_count=5,
        )
    ]
    assert machine.state is SessionState.MEMBER
    assert machine.deadline is None


REFUSED_LOGINS = {
    "an unknown AppID": (login(app_id=3), ErrorCode.APP_ID_INCORRECT),
    "AppID 0": (login(app_id=0), ErrorCode.APP_ID_INCORRECT),
    "another app's AppSign": (login(app_sign=OTHER_SIGN), ErrorCode.APP_SIGN_INCORRECT),
    "a proof of another nonce": (login(nonce=OLD_NONCE), ErrorCode.APP_SIGN_INCORRECT),
    "a proof of another user": (
        login(proved_user_id="bob"),
        ErrorCode.APP_SIGN_INCORRECT,
    ),
    "neither proof nor token": (
        Login(id=1, app_id=1, room_id="lobby", user_id="alice", proof=""),
        ErrorCode.NO_TOKEN,
    ),
    "a proof that is no ASCII": (
        Login(id=1, app_id=1, room_id="lobby", user_id="alice", proof="ü" * 64),
        ErrorCode.APP_SIGN_INCORRECT,
    ),
    "an empty room ID": (login(room_id=""), ErrorCode.ROOM_ID_NULL),
    "a long room ID": (login(room_id="a" * 128), ErrorCode.ROOM_ID_TOO_LONG),
    "a stray room ID": (login(room_id="a b"), ErrorCode.ROOM_ID_INVALID_CHARACTER),
    "a border moved": (
        login(room_id="lobby\nalice", user_id="x"),
        ErrorCode.ROOM_ID_INVALID_CHARACTER,
    ),
    "an empty user ID": (login(user_id=""), ErrorCode.USER_ID_NULL),
    "a long user ID": (login(user_id="a" * 64), ErrorCode.USER_ID_TOO_LONG),
    "a stray user ID": (login(user_id="a/b"), ErrorCode.USER_ID_INVALID_CHARACTER),
    "a long user name": (login(user_name="я" * 128), ErrorCode.USER_NAME_TOO_LONG),
}


@pytest.mark.parametrize(
    ("message", "code"), REFUSED_LOGINS.values(), ids=REFUSED_LOGINS.keys()
)
def test_a_wrong_login_is_refused_and_the_connection_closed(
    message: Login, code: ErrorCode
) -> None:
    machine = session()
    outputs = machine.handle(encode(message), 0.0)
    assert refusal(outputs) == (1, code, CloseCode.LOGIN_REFUSED)
    assert machine.state is SessionState.HUNG_UP
    assert machine.deadline is None


def test_who_does_not_know_the_app_sign_learns_nothing_about_ids() -> None:
    outputs = session().handle(encode(login(app_sign=OTHER_SIGN, room_id="")), 0.0)
    assert refusal(outputs)[1] == ErrorCode.APP_SIGN_INCORRECT


def test_a_recorded_login_is_of_no_use_on_the_next_connection() -> None:
    recorded = encode(login())
    assert isinstance(session().handle(recorded, 0.0)[0], Joined)
    later = ServerSession(
        8, app_signs={1: SIGN}, nonce=OLD_NONCE, limits=SessionLimits(), now=0.0
    )
    (reply, hang_up) = later.handle(recorded, 0.0)
    assert isinstance(reply, Send)
    assert isinstance(reply.message, Error)
    assert reply.message.code == ErrorCode.APP_SIGN_INCORRECT
    assert hang_up == HangUp(8, CloseCode.LOGIN_REFUSED)


REQUESTS: list[ClientMessage] = [
    Offer(9, "v=0"),
    Publish(9, "alice-1"),
    Unpublish(9, "alice-1"),
    Play(9, "bob-1", 0),
    Stop(9, "bob-1"),
    Logout(9),
]


@pytest.mark.parametrize("message", REQUESTS, ids=lambda m: type(m).__name__)
def test_anything_before_the_login_closes_the_connection(
    message: ClientMessage,
) -> None:
    outputs = session().handle(encode(message), 0.0)
    expected = (9, ErrorCode.NOT_LOGGED_IN, CloseCode.NOT_UNDERSTOOD)
    assert refusal(outputs) == expected


@pytest.mark.parametrize("message", REQUESTS, ids=lambda m: type(m).__name__)
def test_a_members_requests_are_handed_on(message: ClientMessage) -> None:
    (output,) = member().handle(encode(message), 0.0)
    match output:
        case Negotiate(session, request_id, sdp):
            assert message == Offer(request_id, sdp)
        case Requested(session, request):
            assert message == request
        case _:
            raise AssertionError(output)
    assert session == SESSION


def test_a_second_login_is_refused_but_the_member_stays() -> None:
    machine = member()
    outputs = machine.handle(encode(login(user_id="bob")), 0.0)
    assert refusal(outputs) == (1, ErrorCode.ROOM_COUNT_EXCEEDED, None)
    assert machine.state is SessionState.MEMBER


MALFORMED: dict[str, tuple[str | bytes, int | None]] = {
    "no JSON": ("hello", None),
    "binary": (b"\x00\x01", None),
    "a message in a binary frame": (encode(Logout(5)).encode(), 5),
    "unknown": ('{"type":"dance","id":5}', 5),
    "a field of the wrong type": ('{"type":"play","id":5,"stream_id":1}', 5),
    "an id out of range": ('{"type":"dance","id":4294967296}', None),
}


@pytest.mark.parametrize(
    ("frame", "request_id"), MALFORMED.values(), ids=MALFORMED.keys()
)
def test_what_is_no_message_closes_before_the_login_and_is_told_after(
    frame: str | bytes, request_id: int | None
) -> None:
    code = ErrorCode.WIRE_MALFORMED
    before = refusal(session().handle(frame, 0.0))
    assert before == (request_id, code, CloseCode.NOT_UNDERSTOOD)
    assert refusal(member().handle(frame, 0.0)) == (request_id, code, None)


def test_a_client_that_does_not_log_in_is_hung_up_on() -> None:
    machine = session(limits=SessionLimits(login_s=5.0), now=100.0)
    assert machine.deadline == 105.0
    assert machine.handle_deadline(104.9) == []
    outputs = machine.handle_deadline(105.0)
    expected = (None, ErrorCode.NOT_LOGGED_IN, CloseCode.LOGIN_TIMEOUT)
    assert refusal(outputs) == expected
    assert machine.deadline is None
    assert machine.handle_deadline(106.0) == []


def test_a_member_has_no_deadline() -> None:
    assert member().handle_deadline(1e9) == []


def test_too_many_messages_at_once_close_the_connection() -> None:
    machine = member(limits=SessionLimits(messages_per_s=50.0, message_burst=3))
    for _ in range(2):
        assert isinstance(machine.handle(encode(Stop(9, "x")), 0.0)[0], Requested)
    outputs = machine.handle(encode(Stop(9, "x")), 0.0)
    expected = (None, ErrorCode.TOO_MANY_CALLS, CloseCode.TOO_MANY_MESSAGES)
    assert refusal(outputs) == expected


@pytest.mark.parametrize(
    "call", [Barrage(9, "x"), Transparent(9, b"x")], ids=lambda m: type(m).__name__
)
def test_a_call_too_many_is_refused_by_itself_until_it_is_a_flood(
    call: ClientMessage,
) -> None:
    machine = member(limits=SessionLimits(messages_per_s=50.0, message_burst=3))
    outputs = [machine.handle(encode(call), 0.0) for _ in range(6)]
    assert [refusal(output)[::2] for output in outputs[2:5]] == [(9, None)] * 3
    expected = (None, ErrorCode.TOO_MANY_CALLS, CloseCode.TOO_MANY_MESSAGES)
    assert refusal(outputs[5]) == expected


def test_as_many_messages_as_allowed_go_on_for_ever() -> None:
    machine = member(limits=SessionLimits(messages_per_s=50.0, message_burst=3))
    for tick in range(1, 1001):
        outputs = machine.handle(encode(Stop(9, "x")), tick * 0.02)
        assert isinstance(outputs[0], Requested)


def test_malformed_frames_count_as_messages() -> None:
    machine = member(limits=SessionLimits(messages_per_s=50.0, message_burst=3))
    for _ in range(2):
        machine.handle("rubbish", 0.0)
    assert refusal(machine.handle("rubbish", 0.0))[2] is CloseCode.TOO_MANY_MESSAGES


def test_nothing_is_heard_after_the_hanging_up() -> None:
    machine = session()
    machine.handle("rubbish", 0.0)
    assert machine.handle(encode(login()), 0.0) == []
    assert machine.handle_deadline(100.0) == []


AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
TYPES = st.sampled_from(
    ["login", "offer", "publish", "unpublish", "play", "stop", "logout", "ok", ""]
)
FIELDS = st.sampled_from(
    sorted(
        {name for kind in get_args(ClientMessage) for name in kind.__struct_fields__}
    )
)
NEARLY = st.builds(
    lambda kind, fields: fields | {"type": kind},
    TYPES | JSON,
    st.dictionaries(FIELDS, JSON | st.integers(-2, 40), max_size=8),
)
FRAMES = st.one_of(st.text(), st.binary(), JSON.map(json.dumps), NEARLY.map(json.dumps))


@AT_LEISURE
@given(frames=st.lists(FRAMES, max_size=8), is_member=st.booleans())
def test_every_frame_is_answered_until_the_hanging_up_and_none_raises(
    frames: list[str | bytes], *, is_member: bool
) -> None:
    machine = member() if is_member else session()
    for frame in frames:
        was_hung_up = machine.state is SessionState.HUNG_UP
        outputs = machine.handle(frame, 0.0)
        assert bool(outputs) is not was_hung_up
        for output in outputs:
            if isinstance(output, Send):
                encode(output.message)


@AT_LEISURE
@given(st.lists(FRAMES, min_size=1, max_size=8))
def test_without_the_app_sign_no_frame_gets_past_the_door(
    frames: list[str | bytes],
) -> None:
    machine = session()
    outputs = [output for frame in frames for output in machine.handle(frame, 0.0)]
    assert [type(output) for output in outputs] == [Send, HangUp]
