"""What a room tells of itself, by a clock that is moved by hand."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import ErrorCode
from intercomd.protocol.messages import (
    Error,
    ExtraInfoEntry,
    LoggedIn,
    Logout,
    Ok,
    Publish,
    RoomExtraInfo,
    SetRoomExtraInfo,
    SetStreamExtraInfo,
    StreamEntry,
    StreamExtraInfo,
)
from tests.protocol.house import ALICE, BOB, CAROL, House, user


def test_the_count_is_told_at_login_and_then_every_30_s_to_everybody() -> None:
    house = House()
    house.enter(ALICE)
    house.pass_time(10)
    house.enter(BOB)
    assert house.read_counts(ALICE) == [1]
    assert house.read_counts(BOB) == [2]
    house.pass_time(19.9)
    assert house.read_counts(ALICE) == []
    house.pass_time(0.1)
    assert (house.read_counts(ALICE), house.read_counts(BOB)) == ([2], [2])
    house.ask(BOB, Logout(2))
    house.pass_time(60)
    assert house.read_counts(ALICE) == [1, 1]


def test_a_user_whose_connection_is_lost_is_counted_until_it_is_out() -> None:
    house = House(heartbeat_timeout_s=45.0)
    house.enter(ALICE, BOB)
    house.lose(BOB)
    house.read_counts(ALICE)
    house.pass_time(60)
    assert house.read_counts(ALICE) == [2, 1]


def test_each_room_is_counted_by_itself_and_no_longer_than_it_lives() -> None:
    house = House()
    house.enter(ALICE)
    house.pass_time(5)
    house.enter(BOB, room_id="kitchen")
    assert house.rooms.deadline == 30.0
    house.ask(ALICE, Logout(2))
    assert house.rooms.deadline == 35.0
    house.ask(BOB, Logout(2))
    assert house.rooms.deadline is None


def test_extra_info_goes_to_the_others_and_to_who_comes_later() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.forget()
    house.now = 2.0
    house.ask(ALICE, SetRoomExtraInfo(2, "topic", "tea"))
    told = RoomExtraInfo((ExtraInfoEntry("topic", "tea", user(ALICE), 2000),))
    assert house.read(ALICE) == [Ok(2)]
    assert house.read(BOB) == [told]
    house.enter(CAROL)
    logged_in, news = house.read(CAROL)
    assert isinstance(logged_in, LoggedIn)
    assert news == told


def test_extra_info_is_gone_with_the_life_of_the_room() -> None:
    house = House()
    house.enter(ALICE)
    house.ask(ALICE, SetRoomExtraInfo(2, "topic", "tea"))
    house.ask(ALICE, Logout(3))
    house.enter(BOB)
    assert house.read(BOB) == [LoggedIn(1, "life-2")]


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("", "v", ErrorCode.ROOM_EXTRA_INFO_KEY_EMPTY),
        ("k" * 128, "v", ErrorCode.ROOM_EXTRA_INFO_KEY_TOO_LONG),
        ("ü" * 64, "v", ErrorCode.ROOM_EXTRA_INFO_KEY_TOO_LONG),
        ("k", "v" * 128, ErrorCode.ROOM_EXTRA_INFO_VALUE_TOO_LONG),
        ("other", "v", ErrorCode.ROOM_EXTRA_INFO_EXCEEDS_KEYS),
    ],
)
def test_extra_info_out_of_its_limits_changes_nothing(
    key: str, value: str, code: ErrorCode
) -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, SetRoomExtraInfo(2, "topic", ""))
    house.forget()
    house.ask(BOB, SetRoomExtraInfo(3, key, value))
    (error,) = house.read(BOB)
    assert isinstance(error, Error)
    assert error.code == code
    assert house.read(ALICE) == []


def test_extra_info_can_be_set_ten_times_a_second_in_a_room() -> None:
    house = House()
    house.enter(ALICE)
    for _ in range(10):
        house.ask(ALICE, SetRoomExtraInfo(2, "topic", "tea"))
    house.read(ALICE)
    house.ask(ALICE, SetRoomExtraInfo(2, "topic", "tea"))
    (error,) = house.read(ALICE)
    assert isinstance(error, Error)
    assert error.code == ErrorCode.ROOM_CALLS_TOO_FREQUENT
    house.now += 1.0
    house.ask(ALICE, SetRoomExtraInfo(2, "topic", "tea"))
    assert house.read(ALICE) == [Ok(2)]


def test_a_streams_extra_info_is_told_when_it_changes_and_kept_for_later() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1", extra_info="old"))
    house.forget()
    for text in ("new", "new"):
        house.ask(ALICE, SetStreamExtraInfo(3, "alice-1", text))
    entry = StreamEntry("alice-1", user(ALICE), "new")
    assert house.read(ALICE) == [Ok(3), Ok(3)]
    assert house.read(BOB) == [StreamExtraInfo((entry,))]
    house.enter(CAROL)
    (logged_in,) = house.read(CAROL)
    assert isinstance(logged_in, LoggedIn)
    assert logged_in.streams == (entry,)


def test_extra_info_of_what_one_does_not_publish_is_refused() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.forget()
    house.ask(BOB, SetStreamExtraInfo(3, "alice-1", "mine"))
    house.ask(ALICE, SetStreamExtraInfo(3, "alice-1", "x" * 1024))
    (theirs,), (long,) = house.read(BOB), house.read(ALICE)
    assert isinstance(theirs, Error)
    assert isinstance(long, Error)
    assert theirs.code == ErrorCode.WIRE_OUT_OF_ORDER
    assert long.code == ErrorCode.STREAM_EXTRA_INFO_TOO_LONG
