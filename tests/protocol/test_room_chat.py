"""Broadcast, barrage and command: who gets them, how often they may be sent."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import ErrorCode
from intercomd.protocol.messages import (
    Barrage,
    BarrageMessages,
    Broadcast,
    BroadcastMessages,
    ChatEntry,
    Command,
    CustomCommand,
    Error,
    MessageSent,
    Ok,
    Transparent,
    TransparentMessage,
)
from intercomd.protocol.room_events import RoomRequest
from tests.protocol.house import ALICE, BOB, CAROL, DAVE, House, user


def code_of(house: House, session: int) -> int:
    (error,) = house.read(session)
    assert isinstance(error, Error)
    return error.code


def test_a_message_goes_to_the_others_of_the_room_and_never_to_its_sender() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.enter(CAROL, room_id="kitchen")
    house.forget()
    house.now = 1.5
    house.ask(ALICE, Broadcast(2, "tea"))
    house.ask(ALICE, Barrage(3, "!"))
    assert house.read(ALICE) == [MessageSent(2, 1), MessageSent(3, 2)]
    assert house.read(BOB) == [
        BroadcastMessages((ChatEntry("tea", 1, user(ALICE), 1500),)),
        BarrageMessages((ChatEntry("!", 2, user(ALICE), 1500),)),
    ]
    assert house.read(CAROL) == []


def test_a_command_goes_to_those_named_or_to_all_others() -> None:
    house = House()
    house.enter(ALICE, BOB, CAROL)
    house.enter(DAVE, room_id="kitchen")
    house.forget()
    house.ask(ALICE, Command(2, "mute", ("carol", "dave", "alice", "carol")))
    house.ask(ALICE, Command(3, "unmute"))
    assert house.read(ALICE) == [Ok(2), Ok(3)]
    assert house.read(BOB) == [CustomCommand(user(ALICE), "unmute")]
    assert house.read(CAROL) == [
        CustomCommand(user(ALICE), "mute"),
        CustomCommand(user(ALICE), "unmute"),
    ]
    assert house.read(DAVE) == []


def test_bytes_go_to_those_named_or_to_all_others() -> None:
    house = House()
    house.enter(ALICE, BOB, CAROL)
    house.forget()
    house.ask(ALICE, Transparent(2, b"\xff", ("carol", "alice", "nobody")))
    house.ask(ALICE, Transparent(3, b"\x00"))
    assert house.read(ALICE) == [Ok(2), Ok(3)]
    assert house.read(BOB) == [TransparentMessage(user(ALICE), b"\x00")]
    assert house.read(CAROL) == [
        TransparentMessage(user(ALICE), b"\xff"),
        TransparentMessage(user(ALICE), b"\x00"),
    ]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (Broadcast(2, ""), ErrorCode.MESSAGE_NULL),
        (Barrage(2, "ü" * 513), ErrorCode.MESSAGE_TOO_LONG),
        (Command(2, ""), ErrorCode.MESSAGE_NULL),
        (Command(2, "c", ("bob", "")), ErrorCode.TARGET_USER_ID_NULL),
        (Command(2, "c", ("u" * 64,)), ErrorCode.TARGET_USER_ID_TOO_LONG),
        (Command(2, "c", ("u",) * 301), ErrorCode.ILLEGAL_PARAMETER),
        (Transparent(2, b""), ErrorCode.MESSAGE_NULL),
        (Transparent(2, bytes(1025)), ErrorCode.MESSAGE_TOO_LONG),
        (Transparent(2, b"c", ("u" * 64,)), ErrorCode.TARGET_USER_ID_TOO_LONG),
    ],
)
def test_what_is_out_of_its_limits_reaches_nobody(
    request_: RoomRequest, code: ErrorCode
) -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.forget()
    house.ask(ALICE, request_)
    assert code_of(house, ALICE) == code
    assert house.read(BOB) == []


def test_a_users_broadcasts_are_half_a_second_apart() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Broadcast(2, "hello"))
    house.forget()
    house.now += 0.499
    house.ask(ALICE, Broadcast(2, "hello"))
    assert code_of(house, ALICE) == ErrorCode.BROADCAST_TOO_FREQUENT
    house.ask(BOB, Broadcast(2, "hello"))  # it is each user's own limit
    house.forget()
    house.now += 0.001
    house.ask(ALICE, Broadcast(2, "hello"))
    assert isinstance(house.read(ALICE)[0], MessageSent)


@pytest.mark.parametrize(
    ("request_", "a_second"),
    [
        (Barrage(2, "!"), 20),
        (Command(2, "c", ("bob",)), 200),
        (Command(2, "c", ("bob", "carol")), 10),
        (Command(2, "c"), 10),
        (Transparent(2, b"c", ("bob",)), 200),
        (Transparent(2, b"c"), 20),
    ],
)
def test_a_room_may_only_so_often(request_: RoomRequest, a_second: int) -> None:
    house = House()
    house.enter(ALICE, BOB)
    for number in range(a_second):
        house.ask(ALICE if number % 2 else BOB, request_)
    house.forget()
    house.ask(ALICE, request_)
    assert code_of(house, ALICE) == ErrorCode.ROOM_CALLS_TOO_FREQUENT
    house.now += 0.999
    house.ask(ALICE, request_)
    assert code_of(house, ALICE) == ErrorCode.ROOM_CALLS_TOO_FREQUENT
    house.now += 0.001
    house.ask(ALICE, request_)
    assert not isinstance(house.read(ALICE)[0], Error)


def test_a_room_may_broadcast_ten_times_a_second() -> None:
    house = House()
    sessions = range(1, 7)
    for session in sessions:
        house.enter(session, as_user=f"user-{session}")
    for session in [*sessions, *sessions][:10]:
        house.ask(session, Broadcast(2, "hello"))
        house.now += 0.09  # a turn takes all of them half a second
    house.forget()
    house.ask(5, Broadcast(2, "hello"))
    assert code_of(house, 5) == ErrorCode.ROOM_CALLS_TOO_FREQUENT
