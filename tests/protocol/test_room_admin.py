"""What the operator does to rooms, and who is an operator."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import ErrorCode
from intercomd.protocol.admin import (
    AdminLogin,
    AdminReply,
    DeleteStream,
    ForbidStream,
    ForbidUser,
    KickUsers,
    ListRooms,
    RoomDetails,
    RoomList,
    ShowRoom,
    admin_proof,
)
from intercomd.protocol.admin_session import AdminSession, Handled
from intercomd.protocol.messages import (
    Error,
    Kicked,
    LoggedIn,
    Ok,
    Play,
    PlayEnded,
    Publish,
    PublishEnded,
    SetStreamExtraInfo,
    StreamExtraInfo,
    StreamUpdate,
    Unpublish,
)
from intercomd.protocol.room_events import (
    DeleteReason,
    RoomClosed,
    StreamDeleted,
    StreamForbidden,
    UserForbidden,
    UsersKicked,
)
from intercomd.protocol.wire import CloseCode, encode
from tests.protocol.house import ALICE, BOB, CAROL, House

SECRET, NONCE = "0123456789abcdef" * 4, "ab" * 32
KICKED = ErrorCode.MANUALLY_KICKED_OUT


def a_session(house: House | None = None) -> AdminSession:
    return AdminSession(secret=SECRET, nonce=NONCE, rooms=(house or House()).rooms)


def operator(house: House | None = None) -> AdminSession:
    session = a_session(house)
    login = AdminLogin(1, admin_proof(SECRET, NONCE))
    assert session.handle(encode(login)) == Handled(Ok(1))
    return session


def error_of(reply: AdminReply) -> int:
    assert isinstance(reply, Error)
    return reply.code


# Deeds


def test_the_kicked_are_told_why_and_others_stay() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.enter(CAROL, room_id="kitchen")
    house.forget()
    house.handle(UsersKicked(1, "lobby", ("alice", "carol", "nobody"), "late"))
    assert house.read(ALICE) == [Kicked(KICKED, "late")]
    assert house.hung_up == {ALICE: CloseCode.KICKED}
    assert house.rooms.counts == (2, 2, 0)


def test_a_stream_struck_off_is_gone_for_the_others_but_goes_on_sounding() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.media(ALICE, BOB)
    house.ask(BOB, Publish(2, "bob-1"))
    house.ask(ALICE, Play(3, "bob-1", 0))
    house.forget()
    house.handle(StreamDeleted(1, "lobby", "bob-1"))
    (update,) = house.read(ALICE)
    assert isinstance(update, StreamUpdate)
    assert (update.update, update.reason) == (1, DeleteReason.REMOVED_BY_SERVER)
    assert house.read(BOB) == []
    assert house.routes
    house.enter(CAROL)
    (reply,) = house.read(CAROL)
    assert isinstance(reply, LoggedIn)
    assert reply.streams == ()
    house.read(ALICE)
    house.handle(StreamDeleted(1, "lobby", "bob-1"))
    house.ask(BOB, SetStreamExtraInfo(4, "bob-1", "cellar"))
    house.ask(BOB, Unpublish(5, "bob-1"))
    told = house.read(ALICE) + house.read(CAROL)
    assert not [m for m in told if isinstance(m, StreamUpdate | StreamExtraInfo)]


def test_only_a_stream_of_that_room_is_struck_off() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.enter(CAROL, room_id="kitchen")
    house.ask(BOB, Publish(2, "bob-1"))
    house.read(ALICE)
    for room_id, stream_id in (("kitchen", "bob-1"), ("lobby", "x"), ("attic", "x")):
        house.handle(StreamDeleted(1, room_id, stream_id))
        handled = operator(house).handle(encode(DeleteStream(2, 1, room_id, stream_id)))
        no_room, no_stream = ErrorCode.ROOM_NOT_FOUND, ErrorCode.STREAM_NOT_FOUND
        expected = no_room if room_id == "attic" else no_stream
        assert error_of(handled.reply) == expected
    assert house.read(ALICE) == []
    handled = operator(house).handle(encode(DeleteStream(2, 1, "lobby", "bob-1")))
    assert handled == Handled(Ok(2), StreamDeleted(1, "lobby", "bob-1"))


def test_a_closed_room_is_empty_and_gone() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.forget()
    house.handle(RoomClosed(1, "lobby", ""))
    assert house.read(BOB)[-1] == Kicked(KICKED, "")
    assert house.rooms.counts == (0, 0, 0)
    house.handle(RoomClosed(1, "lobby", ""))


@pytest.mark.parametrize("room_id", ["", "lobby"])
def test_the_forbidden_are_put_out_and_kept_out_for_their_time(room_id: str) -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.handle(UserForbidden(1, "bob", 60, room_id, "enough"))
    assert house.read(BOB)[-1] == Kicked(KICKED, "enough")
    house.pass_time(59.9)
    house.enter(CAROL, as_user="bob")
    assert error_of_message(house, CAROL) == ErrorCode.USER_IN_BLACKLIST
    house.pass_time(0.2)
    house.enter(BOB)
    assert isinstance(house.read(BOB)[0], LoggedIn)


def error_of_message(house: House, session: int) -> int:
    (message,) = house.read(session)
    assert isinstance(message, Error)
    return message.code


def test_forbidden_for_one_room_may_enter_another_and_stay_there() -> None:
    house = House()
    house.enter(BOB, room_id="kitchen")
    house.handle(UserForbidden(1, "bob", 60, "lobby"))
    assert house.hung_up == {}
    house.enter(CAROL, as_user="bob")
    assert house.hung_up == {CAROL: CloseCode.LOGIN_REFUSED}


def test_zero_seconds_let_a_user_in_again() -> None:
    house = House()
    house.handle(UserForbidden(1, "bob", 60))
    house.handle(UserForbidden(1, "bob", 0))
    house.enter(BOB)
    assert isinstance(house.read(BOB)[0], LoggedIn)


def test_a_forbidden_stream_ends_for_its_publisher_its_players_and_the_others() -> None:
    house = House()
    house.enter(ALICE, BOB, CAROL)
    house.ask(BOB, Publish(2, "bob-1"))
    house.ask(ALICE, Play(2, "bob-1", 0))
    house.forget()
    house.handle(StreamForbidden(1, "bob-1", 60))
    assert PublishEnded("bob-1", ErrorCode.PUBLISH_FORBIDDEN) in house.read(BOB)
    gone, update = house.read(ALICE)
    assert gone == PlayEnded("bob-1", ErrorCode.PLAY_FORBIDDEN)
    assert house.read(CAROL) == [update]
    assert isinstance(update, StreamUpdate)
    assert update.reason == DeleteReason.REMOVED_BY_SERVER
    assert house.routes == {}


def test_a_stream_is_forbidden_for_its_time_and_in_its_app_only() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.enter(CAROL, app_id=2)
    house.handle(StreamForbidden(1, "bob-1", 60))
    house.pass_time(59.9)
    house.forget()
    house.ask(BOB, Publish(2, "bob-1"))
    house.ask(ALICE, Play(2, "bob-1", 0))
    house.ask(CAROL, Publish(2, "bob-1"))
    assert error_of_message(house, BOB) == ErrorCode.PUBLISH_FORBIDDEN
    assert error_of_message(house, ALICE) == ErrorCode.PLAY_FORBIDDEN
    assert Ok(2) in house.read(CAROL)
    house.pass_time(0.2)
    house.ask(BOB, Publish(3, "bob-1"))
    assert Ok(3) in house.read(BOB)


def test_zero_seconds_allow_a_stream_again() -> None:
    house = House()
    house.enter(BOB)
    house.handle(StreamForbidden(1, "bob-1", 60))
    house.handle(StreamForbidden(1, "bob-1", 0))
    house.forget()
    house.ask(BOB, Publish(2, "bob-1"))
    assert house.read(BOB) == [Ok(2)]


def test_what_is_forbidden_must_be_a_stream_id() -> None:
    handled = operator().handle(encode(ForbidStream(2, 1, "no stream", 60)))
    assert error_of(handled.reply) == ErrorCode.STREAM_ID_INVALID_CHARACTER
    handled = operator().handle(encode(ForbidStream(2, 1, "bob-1", 60)))
    assert handled == Handled(Ok(2), StreamForbidden(1, "bob-1", 60))


# Sessions


def test_rooms_and_who_is_in_them_are_told() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(BOB, Play(2, "alice-1", 0))
    house.lose(BOB)
    session = operator(house)
    listed = session.handle(encode(ListRooms(2))).reply
    shown = session.handle(encode(ShowRoom(3, 1, "lobby"))).reply
    assert isinstance(listed, RoomList)
    assert isinstance(shown, RoomDetails)
    assert listed.rooms == (shown.room,)
    assert (shown.room.users, shown.room.streams) == (2, 1)
    told = [(u.user_id, u.is_connected, u.published, u.played) for u in shown.users]
    assert told == [
        ("alice", True, ("alice-1",), ()),
        ("bob", False, (), ("alice-1",)),
    ]


def test_a_room_that_is_not_there_is_said_so() -> None:
    session = operator()
    for request in (ShowRoom(2, 1, "lobby"), KickUsers(2, 1, "lobby", ("bob",))):
        handled = session.handle(encode(request))
        assert error_of(handled.reply) == ErrorCode.ROOM_NOT_FOUND
        assert (handled.deed, handled.close) == (None, None)


def test_a_deed_comes_with_its_reply() -> None:
    handled = operator().handle(encode(ForbidUser(2, 1, "bob", 60, "", "why")))
    assert handled == Handled(Ok(2), UserForbidden(1, "bob", 60, "", "why"))


@pytest.mark.parametrize(
    "proof",
    [
        "",
        "0" * 64,
        admin_proof(SECRET, "cd" * 32),
        admin_proof("f" * 64, NONCE),
        admin_proof(SECRET, NONCE).upper(),
    ],
    ids=["none", "zeros", "of another nonce", "of another secret", "upper case"],
)
def test_a_wrong_proof_is_refused_and_hung_up(proof: str) -> None:
    session = a_session()
    handled = session.handle(encode(AdminLogin(1, proof)))
    assert error_of(handled.reply) == ErrorCode.AUTHENTICATION_FAILED
    assert handled.close is CloseCode.LOGIN_REFUSED
    assert SECRET not in str(handled.reply)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (encode(ListRooms(1)), ErrorCode.NOT_LOGGED_IN),
        ("{}", ErrorCode.WIRE_MALFORMED),
        ('{"type":"publish","id":1,"stream_id":"s"}', ErrorCode.WIRE_MALFORMED),
    ],
)
def test_who_is_no_operator_is_not_listened_to(text: str, code: ErrorCode) -> None:
    handled = a_session().handle(text)
    assert error_of(handled.reply) == code
    assert (handled.deed, handled.close) == (None, CloseCode.NOT_UNDERSTOOD)


def test_an_operator_who_errs_stays_connected() -> None:
    session = operator()
    handled = session.handle('{"type":"list_rooms","id":0}')
    assert error_of(handled.reply) == ErrorCode.WIRE_MALFORMED
    assert handled.close is None
