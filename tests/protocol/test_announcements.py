"""Who comes and goes is told at once in a calm room, and gathered in a storm."""

from __future__ import annotations

from intercomd.domain.room import UpdateType
from intercomd.protocol.announcements import GATHER_S
from intercomd.protocol.membership import ROOM_RATES, Limited
from intercomd.protocol.messages import (
    LoggedIn,
    LoggedInMore,
    Logout,
    Publish,
    ServerMessage,
    SetStreamExtraInfo,
    StreamEntry,
    StreamExtraInfo,
    StreamUpdate,
    Unpublish,
    UserEntry,
    UserUpdate,
)
from intercomd.protocol.paging import PAGE_USERS
from intercomd.protocol.room_events import DeleteReason, Joined, RoomClosed, UsersKicked
from tests.protocol.house import ALICE, House

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE
STORM = range(2, 182)  # below the room's 200 logins a second
AT_ONCE = ROOM_RATES[Limited.ANNOUNCEMENT].most


def a_storm() -> House:
    """Alice was there, and in one moment all the others came."""
    house = House()
    house.enter(ALICE)
    house.pass_time(1)
    house.forget()
    for session in STORM:
        house.enter(session, as_user=f"user-{session}")
    return house


def updates(messages: list[ServerMessage]) -> list[UserUpdate | StreamUpdate]:
    return [m for m in messages if isinstance(m, UserUpdate | StreamUpdate)]


def test_in_a_calm_room_each_is_told_at_once() -> None:
    house = House()
    house.enter(ALICE)
    for session in range(2, 2 + 3 * AT_ONCE):
        house.read(ALICE)
        house.enter(session, as_user=f"user-{session}")
        assert updates(house.read(ALICE)) == [
            UserUpdate(ADD, (UserEntry(f"user-{session}"),))
        ]
        house.pass_time(1.01 / AT_ONCE)


def test_a_storm_is_told_in_few_messages_a_moment_later() -> None:
    house = a_storm()
    assert len(updates(house.read(ALICE))) == AT_ONCE
    house.pass_time(GATHER_S)
    told = updates(house.read(ALICE))
    assert len(told) == 2
    assert all(isinstance(u, UserUpdate) for u in told)
    users = [u.user_id for update in told for u in getattr(update, "users", ())]
    assert users == [f"user-{session}" for session in STORM[AT_ONCE:]]
    house.pass_time(60)
    assert updates(house.read(ALICE)) == []


def test_in_a_storm_everybody_is_told_of_everybody_else_once() -> None:
    house = a_storm()
    house.pass_time(GATHER_S)
    for session in STORM:
        known: list[UserEntry] = []
        for message in house.read(session):
            match message:
                case LoggedIn() | LoggedInMore():
                    known += message.users
                case UserUpdate(update, users):
                    assert update == ADD
                    known += users
                case _:
                    pass
        names = [user.user_id for user in known]
        others = {f"user-{n}" for n in STORM if n != session} | {"alice"}
        assert len(names) == len(set(names))
        assert set(names) == others


def test_a_user_replaced_in_a_storm_goes_before_it_comes() -> None:
    house = a_storm()
    house.pass_time(GATHER_S)
    house.read(ALICE)
    house.ask(7, Publish(2, "s7"))
    house.pass_time(GATHER_S)
    house.read(ALICE)
    house.enter(1007, as_user="user-7")
    house.ask(1007, Publish(2, "s7"))
    house.pass_time(GATHER_S)
    user = UserEntry("user-7")
    stream = StreamEntry("s7", user)
    assert updates(house.read(ALICE)) == [
        StreamUpdate(DELETE, (stream,), DeleteReason.KICKED),
        UserUpdate(DELETE, (user,)),
        UserUpdate(ADD, (user,)),
        StreamUpdate(ADD, (stream,)),
    ]


def test_who_came_and_went_between_two_tellings_is_not_told_of() -> None:
    house = a_storm()
    house.ask(181, Publish(2, "short"))
    house.ask(181, Unpublish(3, "short"))
    house.ask(181, Logout(4))
    house.pass_time(GATHER_S)
    told = updates(house.read(ALICE))
    assert not [update for update in told if isinstance(update, StreamUpdate)]
    assert "user-181" not in str(told)


def test_an_extra_info_goes_with_a_stream_that_was_not_told_yet() -> None:
    house = a_storm()
    house.ask(9, Publish(2, "s9"))
    house.ask(9, SetStreamExtraInfo(3, "s9", "cellar"))
    house.pass_time(GATHER_S)
    told = house.read(ALICE)
    assert not [message for message in told if isinstance(message, StreamExtraInfo)]
    (update,) = [message for message in told if isinstance(message, StreamUpdate)]
    assert update.streams == (StreamEntry("s9", UserEntry("user-9"), "cellar"),)


def test_many_who_go_at_once_are_told_in_messages_of_a_bounded_length() -> None:
    house = a_storm()
    house.pass_time(1)
    for session in range(300, 300 + PAGE_USERS):
        house.pass_time(0.01)
        house.enter(session, as_user=f"user-{session}")
    house.pass_time(GATHER_S)
    house.read(ALICE)
    for session in [*STORM, *range(300, 300 + PAGE_USERS)]:
        house.ask(session, Logout(2))
    house.pass_time(GATHER_S)
    gone = [m for m in house.read(ALICE) if isinstance(m, UserUpdate)]
    assert max(len(update.users) for update in gone) == PAGE_USERS
    assert sum(len(update.users) for update in gone) == len(STORM) + PAGE_USERS


def test_a_room_that_ended_has_nothing_left_to_tell() -> None:
    house = a_storm()
    house.handle(UsersKicked(1, "lobby", ("user-5",)))
    house.handle(RoomClosed(1, "lobby"))
    assert house.rooms.deadline is None
    house.handle(Joined(2001, 1, 1, "lobby", UserEntry("zoe"), True))
    assert house.read(2001) == [LoggedIn(1, "life-2")]
