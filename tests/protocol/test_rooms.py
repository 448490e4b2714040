"""The rules of rooms: who is told what, when, how often and in which order."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import ErrorCode
from intercomd.domain.room import UpdateType
from intercomd.protocol.messages import (
    Error,
    Kicked,
    Listeners,
    LoggedIn,
    Logout,
    Ok,
    Play,
    PlayState,
    Publish,
    ServerMessage,
    Stop,
    StreamEntry,
    StreamUpdate,
    Unpublish,
    UserEntry,
    UserUpdate,
)
from intercomd.protocol.room_events import (
    CloseMedia,
    DeleteReason,
    Departed,
    HangUp,
    RoomRequest,
    Send,
    TimePassed,
)
from intercomd.protocol.room_information import COUNT_INTERVAL_S
from intercomd.protocol.wire import CloseCode
from tests.protocol.house import ALICE, BOB, CAROL, DAVE, House, user

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE
ALICE_STREAM = StreamEntry("alice-1", user(ALICE))
BOB_STREAM = StreamEntry("bob-1", user(BOB))


def came(session: int) -> UserUpdate:
    return UserUpdate(ADD, (user(session),))


def went(session: int) -> UserUpdate:
    return UserUpdate(DELETE, (user(session),))


def errors(messages: list[ServerMessage]) -> list[int]:
    return [message.code for message in messages if isinstance(message, Error)]


# Logging in


def test_the_first_user_finds_an_empty_room() -> None:
    house = House()
    house.enter(ALICE)
    assert house.read(ALICE) == [LoggedIn(1, "life-1")]
    assert house.rooms.counts == (1, 1, 0)


def test_a_login_tells_who_and_what_is_there_and_those_there_of_the_user() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.forget()
    house.enter(CAROL)
    assert house.read(CAROL) == [
        LoggedIn(1, "life-1", (user(ALICE), user(BOB)), (ALICE_STREAM,))
    ]
    assert house.read(ALICE) == [came(CAROL)]
    assert house.read(BOB) == [came(CAROL)]


def test_the_reply_comes_before_anybody_else_is_told() -> None:
    house = House()
    house.enter(ALICE, BOB)
    sent = [
        output.session
        for output in house.outputs
        if isinstance(output, Send)
        and isinstance(output.message, LoggedIn | UserUpdate)
    ]
    assert sent == [ALICE, BOB, ALICE]


def test_users_and_streams_are_told_once_each_and_in_order() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.read(ALICE)
    house.ask(BOB, Publish(2, "bob-1"))
    house.ask(BOB, Unpublish(3, "bob-1"))
    house.ask(BOB, Logout(4))
    assert house.read(ALICE) == [
        StreamUpdate(ADD, (BOB_STREAM,)),
        StreamUpdate(DELETE, (BOB_STREAM,), DeleteReason.PUBLISHER_STOPPED),
        went(BOB),
    ]


def test_without_is_user_status_notify_streams_are_told_but_no_users() -> None:
    house = House()
    house.enter(BOB)
    house.ask(BOB, Publish(2, "bob-1"))
    house.enter(ALICE, is_user_status_notify=False)
    house.enter(CAROL)
    house.ask(BOB, Unpublish(3, "bob-1"))
    house.ask(CAROL, Logout(2))
    assert house.read(ALICE) == [
        LoggedIn(1, "life-1", (), (BOB_STREAM,)),
        StreamUpdate(DELETE, (BOB_STREAM,), DeleteReason.PUBLISHER_STOPPED),
    ]


def test_who_wants_no_user_updates_is_announced_to_the_others() -> None:
    house = House()
    house.enter(ALICE)
    house.read(ALICE)
    house.enter(BOB, is_user_status_notify=False)
    assert house.read(ALICE) == [came(BOB)]


def test_above_the_limit_users_hear_of_nobody_and_are_not_announced() -> None:
    house = House(announced_members=2)
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.forget()
    house.enter(CAROL)
    assert house.read(ALICE) + house.read(BOB) == []
    (reply,) = house.read(CAROL)
    assert isinstance(reply, LoggedIn)
    assert reply.users == ()
    assert [entry.stream_id for entry in reply.streams] == ["alice-1"]
    house.ask(BOB, Logout(2))
    assert house.read(ALICE) == [went(BOB)]
    assert house.read(CAROL) == []
    house.enter(DAVE)  # there is a place again, for who comes now
    assert house.read(ALICE) == [came(DAVE)]
    assert house.read(CAROL) == []
    house.ask(CAROL, Logout(2))
    assert house.read(ALICE) == []


def test_without_a_limit_everybody_hears_of_everybody() -> None:
    house = House(announced_members=0)
    for session in range(1, 103):
        house.enter(session, as_user=f"user-{session}")
        house.pass_time(0.01)
    house.pass_time(0.1)
    told = [m for m in house.read(1) if isinstance(m, UserUpdate)]
    assert sum(len(update.users) for update in told) == 101


def test_who_says_it_goes_is_gone_at_once() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(BOB, Publish(2, "bob-1"))
    house.read(ALICE)
    house.handle(Departed(BOB))
    assert house.read(ALICE) == [
        StreamUpdate(DELETE, (BOB_STREAM,), DeleteReason.DISCONNECTED),
        went(BOB),
    ]
    house.handle(Departed(BOB))  # nor is it anything to go twice


def test_rooms_do_not_hear_of_each_other() -> None:
    house = House()
    house.enter(ALICE)
    house.read(ALICE)
    house.enter(BOB, room_id="kitchen")
    house.ask(BOB, Publish(2, "bob-1"))
    house.ask(BOB, Logout(3))
    assert house.read(ALICE) == []


def test_a_room_dies_with_its_last_user_and_is_another_when_it_comes_back() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Logout(2))
    assert house.rooms.counts == (1, 1, 0)
    house.ask(BOB, Logout(2))
    assert house.rooms.counts == (0, 0, 0)
    house.enter(CAROL)
    assert house.read(CAROL) == [LoggedIn(1, "life-2")]


# How many


@pytest.mark.parametrize(
    ("first", "second", "server", "fit"),
    [
        (0, 0, 0, 4),
        (2, 0, 0, 2),
        (2, 4, 0, 2),
        (0, 2, 0, 4),
        (0, 0, 3, 3),
        (2, 0, 3, 2),
        (4, 0, 3, 3),
        (1, 0, 0, 1),
    ],
)
def test_the_first_users_limit_counts_and_the_servers(
    first: int, second: int, server: int, fit: int
) -> None:
    house = House(max_members=server)
    for session in (ALICE, BOB, CAROL, DAVE):
        limit = first if session == ALICE else second
        house.enter(session, max_member_count=limit)
    refused = [s for s in (ALICE, BOB, CAROL, DAVE) if errors(house.read(s))]
    assert refused == [ALICE, BOB, CAROL, DAVE][fit:]


def test_who_finds_the_room_full_is_refused_and_nobody_hears_of_it() -> None:
    house = House(max_members=1)
    house.enter(ALICE)
    house.read(ALICE)
    house.enter(BOB)
    assert errors(house.read(BOB)) == [ErrorCode.ROOM_FULL]
    assert house.hung_up == {BOB: CloseCode.LOGIN_REFUSED}
    assert house.read(ALICE) == []
    house.lose(BOB)
    assert house.rooms.deadline == COUNT_INTERVAL_S


def test_a_full_room_has_a_seat_for_a_user_who_comes_back_to_it() -> None:
    house = House(max_members=2)
    house.enter(ALICE, BOB)
    house.lose(BOB)
    house.enter(CAROL, as_user="bob")
    assert house.read(CAROL) == [LoggedIn(1, "life-1", (user(ALICE),))]


def test_a_login_into_a_full_room_does_not_kick_the_users_earlier_session() -> None:
    house = House()
    house.enter(ALICE, max_member_count=1)
    house.enter(BOB, room_id="kitchen")
    house.forget()
    house.enter(CAROL, as_user="bob")
    assert errors(house.read(CAROL)) == [ErrorCode.ROOM_FULL]
    assert house.read(BOB) == []
    assert BOB not in house.hung_up


# Publishing


def test_the_others_hear_of_a_stream_once_its_sound_can_come() -> None:
    house = House()
    house.enter(ALICE, BOB, has_media=False)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.enter(CAROL)
    assert streams_told(house, BOB) == streams_told(house, CAROL) == []
    house.media(ALICE)
    house.media(ALICE, up=False)
    house.media(ALICE)
    added = StreamUpdate(ADD, (ALICE_STREAM,))
    assert streams_told(house, BOB) == streams_told(house, CAROL) == [added]


def test_a_stream_that_never_came_is_not_told_to_go() -> None:
    house = House()
    house.enter(ALICE, BOB, has_media=False)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(ALICE, Unpublish(3, "alice-1"))
    assert streams_told(house, BOB) == []


def streams_told(house: House, session: int) -> list[StreamUpdate]:
    return [m for m in house.read(session) if isinstance(m, StreamUpdate)]


def test_a_publisher_gets_ok_before_the_others_hear_of_the_stream() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.forget()
    house.ask(BOB, Publish(2, "bob-1"))
    assert [o for o in house.outputs if isinstance(o, Send)] == [
        Send(BOB, Ok(2)),
        Send(ALICE, StreamUpdate(ADD, (BOB_STREAM,))),
    ]
    assert house.rooms.counts == (1, 2, 1)


@pytest.mark.parametrize("room_id", ["lobby", "kitchen"])
def test_the_later_publisher_of_a_stream_id_fails_in_any_room(room_id: str) -> None:
    house = House()
    house.enter(ALICE)
    house.enter(BOB, room_id=room_id)
    house.ask(ALICE, Publish(2, "sound"))
    house.forget()
    house.ask(BOB, Publish(2, "sound"))
    assert errors(house.read(BOB)) == [ErrorCode.STREAM_ID_TAKEN]
    assert house.read(ALICE) == []
    assert house.rooms.counts[2] == 1


def test_a_stream_id_is_free_again_once_it_is_unpublished() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "sound"))
    house.ask(ALICE, Unpublish(3, "sound"))
    house.read(BOB)
    house.ask(BOB, Publish(2, "sound"))
    assert house.read(BOB) == [Ok(2)]


def test_the_same_stream_id_is_free_in_another_app() -> None:
    house = House()
    house.enter(ALICE, app_id=1)
    house.enter(BOB, app_id=2)
    house.read(BOB)
    house.ask(ALICE, Publish(2, "sound"))
    house.ask(BOB, Publish(2, "sound"))
    assert house.read(BOB) == [Ok(2)]


def test_a_user_may_publish_two_streams_on_two_slots() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1", 0))
    house.ask(ALICE, Publish(3, "alice-2", 1))
    house.ask(BOB, Play(2, "alice-2", 5))
    assert house.routes == {(BOB, 5): (ALICE, 1)}


REFUSED_REQUESTS: list[tuple[str, RoomRequest, ErrorCode]] = [
    ("a second stream on a slot", Publish(9, "new", 0), ErrorCode.ALREADY_PUBLISHING),
    ("an own stream again", Publish(9, "alice-1", 1), ErrorCode.STREAM_ID_TAKEN),
    ("an empty stream ID", Publish(9, "", 1), ErrorCode.STREAM_ID_NULL),
    ("a stream ID of 256", Publish(9, "a" * 256, 1), ErrorCode.STREAM_ID_TOO_LONG),
    ("a stray one", Publish(9, "a/b", 1), ErrorCode.STREAM_ID_INVALID_CHARACTER),
    ("unpublish nothing", Unpublish(9, "x"), ErrorCode.WIRE_OUT_OF_ORDER),
    ("unpublish another's", Unpublish(9, "bob-1"), ErrorCode.WIRE_OUT_OF_ORDER),
    ("play twice", Play(9, "bob-1", 1), ErrorCode.WIRE_OUT_OF_ORDER),
    ("play the empty ID", Play(9, "", 1), ErrorCode.STREAM_ID_NULL),
    ("play a stray ID", Play(9, "a b", 1), ErrorCode.STREAM_ID_INVALID_CHARACTER),
    ("stop what is not played", Stop(9, "carol-1"), ErrorCode.STREAM_NOT_PLAYED),
]


@pytest.mark.parametrize(
    ("request_", "code"),
    [(request, code) for _, request, code in REFUSED_REQUESTS],
    ids=[what for what, _, _ in REFUSED_REQUESTS],
)
def test_a_request_that_cannot_be_granted_changes_nothing(
    request_: RoomRequest, code: ErrorCode
) -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1", 0))
    house.ask(BOB, Publish(2, "bob-1", 0))
    house.ask(ALICE, Play(3, "bob-1", 0))
    before, routes = house.rooms.counts, dict(house.routes)
    house.forget()
    house.ask(ALICE, request_)
    (reply,) = house.read(ALICE)
    assert isinstance(reply, Error)
    assert (reply.id, reply.code) == (9, code)
    assert house.read(BOB) == []
    assert (house.rooms.counts, house.routes) == (before, routes)
    assert not house.hung_up


# Playing


def test_a_published_stream_is_forwarded_as_soon_as_it_is_played() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.read(BOB)
    house.ask(BOB, Play(2, "alice-1", 3))
    assert house.read(BOB) == [Ok(2), PlayState("alice-1", playing=True)]
    assert house.routes == {(BOB, 3): (ALICE, 0)}


def test_a_stream_that_does_not_exist_is_forwarded_once_it_does() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.read(BOB)
    house.ask(BOB, Play(2, "alice-1", 3))
    assert house.read(BOB) == [Ok(2)]
    assert house.routes == {}
    house.ask(ALICE, Publish(2, "alice-1"))
    assert house.read(BOB) == [
        PlayState("alice-1", playing=True),
        StreamUpdate(ADD, (ALICE_STREAM,)),
    ]
    assert house.routes == {(BOB, 3): (ALICE, 0)}


def test_unpublishing_ends_the_forwarding_but_not_the_wish() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(BOB, Play(2, "alice-1", 3))
    house.forget()
    house.ask(ALICE, Unpublish(3, "alice-1"))
    assert house.read(BOB) == [
        PlayState("alice-1", playing=False),
        StreamUpdate(DELETE, (ALICE_STREAM,), DeleteReason.PUBLISHER_STOPPED),
    ]
    assert house.routes == {}
    house.ask(ALICE, Publish(4, "alice-1"))
    assert house.routes == {(BOB, 3): (ALICE, 0)}


def test_a_stopped_stream_is_no_longer_forwarded_and_its_slot_free() -> None:
    house = House()
    house.enter(ALICE, BOB, CAROL)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(CAROL, Publish(2, "carol-1"))
    house.ask(BOB, Play(2, "alice-1", 3))
    house.read(BOB)
    house.ask(BOB, Stop(3, "alice-1"))
    assert house.read(BOB) == [Ok(3)]
    assert house.routes == {}
    house.ask(BOB, Play(4, "carol-1", 3))
    assert house.routes == {(BOB, 3): (CAROL, 0)}


def test_a_wish_for_no_stream_can_be_taken_back() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(BOB, Play(2, "alice-1", 3))
    house.ask(BOB, Stop(3, "alice-1"))
    house.ask(ALICE, Publish(2, "alice-1"))
    assert house.routes == {}


def test_a_stream_of_another_room_of_the_app_can_be_played() -> None:
    house = House()
    house.enter(ALICE)
    house.enter(BOB, room_id="kitchen")
    house.ask(BOB, Play(2, "alice-1", 0))
    house.ask(ALICE, Publish(2, "alice-1"))
    assert house.routes == {(BOB, 0): (ALICE, 0)}


def test_a_stream_of_another_app_cannot_be_played() -> None:
    house = House()
    house.enter(ALICE, app_id=1)
    house.enter(BOB, app_id=2)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(BOB, Play(2, "alice-1", 0))
    assert house.routes == {}


def test_a_user_may_listen_to_himself() -> None:
    house = House()
    house.enter(ALICE)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(ALICE, Play(3, "alice-1", 0))
    assert house.routes == {(ALICE, 0): (ALICE, 0)}
    house.ask(ALICE, Logout(4))
    assert house.routes == {}


# Listeners


def test_listeners_count_only_with_media_up_on_both_sides() -> None:
    house = House()
    house.enter(ALICE, BOB, has_media=False)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(BOB, Play(2, "alice-1", 0))
    house.media(BOB)
    house.forget()
    house.media(ALICE)
    assert house.read(ALICE) == [Listeners("alice-1", 1)]
    house.media(BOB, up=False)
    assert house.read(ALICE) == [Listeners("alice-1", 0)]
    house.media(BOB)
    house.media(ALICE, up=False)
    assert house.read(ALICE) == [Listeners("alice-1", 1), Listeners("alice-1", 0)]


def test_listeners_are_told_only_when_their_number_changes() -> None:
    house = House()
    house.enter(ALICE, BOB, CAROL)
    house.media(ALICE, BOB, CAROL)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.read(ALICE)
    house.ask(BOB, Play(2, "alice-1", 0))
    house.media(BOB)
    house.ask(CAROL, Play(2, "alice-1", 0))
    house.ask(BOB, Stop(3, "alice-1"))
    house.media(BOB, up=False)
    house.ask(CAROL, Logout(3))
    assert [m for m in house.read(ALICE) if isinstance(m, Listeners)] == [
        Listeners("alice-1", 1),
        Listeners("alice-1", 2),
        Listeners("alice-1", 1),
        Listeners("alice-1", 0),
    ]


def test_those_who_waited_are_counted_when_the_stream_appears() -> None:
    house = House()
    house.enter(ALICE, BOB, CAROL)
    house.media(ALICE, BOB, CAROL)
    house.ask(BOB, Play(2, "alice-1", 0))
    house.ask(CAROL, Play(2, "alice-1", 0))
    house.read(ALICE)
    house.ask(ALICE, Publish(2, "alice-1"))
    assert house.read(ALICE) == [Ok(2), Listeners("alice-1", 2)]


# Leaving, losing, coming back


def test_a_logout_is_confirmed_and_the_connection_closed() -> None:
    house = House()
    house.enter(ALICE)
    house.forget()
    house.ask(ALICE, Logout(2))
    assert house.outputs == [
        CloseMedia(ALICE),
        Send(ALICE, Ok(2)),
        HangUp(ALICE, CloseCode.NORMAL),
    ]


def test_a_logout_takes_streams_and_plays_along_streams_first() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(BOB, Publish(2, "bob-1"))
    house.ask(ALICE, Play(3, "bob-1", 0))
    house.ask(BOB, Play(3, "alice-1", 0))
    house.forget()
    house.ask(ALICE, Logout(4))
    assert house.read(BOB) == [
        Listeners("bob-1", 0),
        PlayState("alice-1", playing=False),
        StreamUpdate(DELETE, (ALICE_STREAM,), DeleteReason.PUBLISHER_STOPPED),
        went(ALICE),
    ]
    assert house.routes == {}
    assert house.rooms.counts == (1, 1, 1)


def test_a_lost_user_stays_unnoticed_until_the_heartbeat_timeout() -> None:
    house = House(heartbeat_timeout_s=100.0)
    house.enter(ALICE, BOB)
    house.ask(BOB, Publish(2, "bob-1"))
    house.read(ALICE)
    house.lose(BOB)
    house.pass_time(99.9)
    assert house.read(ALICE) == []
    house.pass_time(0.2)
    assert house.read(ALICE) == [
        StreamUpdate(DELETE, (BOB_STREAM,), DeleteReason.HEARTBEAT_TIMEOUT),
        went(BOB),
    ]
    assert house.rooms.deadline == 4 * COUNT_INTERVAL_S


def test_the_machine_asks_to_be_woken_for_the_user_lost_longest() -> None:
    house = House(heartbeat_timeout_s=20.0)
    house.enter(ALICE, BOB, CAROL)
    assert house.rooms.deadline == COUNT_INTERVAL_S
    house.pass_time(4)
    house.lose(BOB)
    house.pass_time(4)
    house.lose(ALICE)
    house.lose(BOB)
    assert house.rooms.deadline == 24.0
    house.pass_time(17)
    assert house.rooms.deadline == 28.0


def test_two_users_lost_in_one_moment_go_in_one_moment() -> None:
    house = House(heartbeat_timeout_s=100.0)
    house.enter(ALICE, BOB, CAROL)
    house.read(ALICE)
    house.lose(BOB)
    house.lose(CAROL)
    house.now = 100.0
    house.handle(TimePassed())
    assert house.read(ALICE) == [UserUpdate(DELETE, (user(BOB), user(CAROL)))]


def test_a_waking_too_early_changes_nothing() -> None:
    house = House(heartbeat_timeout_s=20.0)
    house.enter(ALICE, BOB)
    house.lose(BOB)
    house.forget()
    house.now = 19.0
    house.handle(TimePassed())
    assert house.outputs == []


def test_the_sound_of_a_lost_user_is_forwarded_on() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(BOB, Play(2, "alice-1", 0))
    house.lose(ALICE)
    assert house.routes == {(BOB, 0): (ALICE, 0)}


def test_the_same_user_again_kicks_the_earlier_session_in_any_room() -> None:
    house = House()
    house.enter(ALICE)
    house.enter(BOB, room_id="kitchen")
    house.read(BOB)
    house.enter(CAROL, as_user="bob")
    (kicked,) = house.read(BOB)
    assert isinstance(kicked, Kicked)
    assert kicked.code == ErrorCode.KICKED_OUT
    assert house.hung_up == {BOB: CloseCode.KICKED}


def test_the_same_user_in_another_app_is_another_user() -> None:
    house = House()
    house.enter(ALICE, app_id=1)
    house.enter(BOB, as_user="alice", app_id=2)
    assert not house.hung_up


def test_the_others_see_a_kicked_user_go_before_he_comes() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(BOB, Publish(2, "bob-1"))
    house.ask(ALICE, Play(2, "bob-1", 0))
    house.read(ALICE)
    house.enter(CAROL, as_user="bob")
    assert house.read(ALICE) == [
        PlayState("bob-1", playing=False),
        StreamUpdate(DELETE, (BOB_STREAM,), DeleteReason.KICKED),
        went(BOB),
        UserUpdate(ADD, (UserEntry("bob"),)),
    ]


def test_nothing_is_sent_to_a_kicked_session_after_it_was_hung_up_on() -> None:
    house = House()
    house.enter(ALICE)
    house.media(ALICE)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(ALICE, Play(3, "alice-1", 0))
    house.forget()
    house.enter(BOB, as_user="alice")
    last = house.outputs.index(HangUp(ALICE, CloseCode.KICKED))
    assert not [
        output
        for output in house.outputs[last:]
        if isinstance(output, Send) and output.session == ALICE
    ]


def test_a_user_who_comes_back_replaces_the_lost_session_silently() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(BOB, Publish(2, "bob-1"))
    house.read(ALICE)
    house.lose(BOB)
    house.read(BOB)
    house.enter(CAROL, as_user="bob")
    assert house.read(BOB) == []
    assert not house.hung_up
    assert house.read(ALICE) == [
        StreamUpdate(DELETE, (BOB_STREAM,), DeleteReason.LOGGED_IN_AGAIN),
        went(BOB),
        UserUpdate(ADD, (UserEntry("bob"),)),
    ]
    assert house.rooms.deadline == COUNT_INTERVAL_S


def test_a_user_who_was_alone_comes_back_to_the_same_life_of_the_room() -> None:
    house = House()
    house.enter(ALICE, max_member_count=1)
    house.lose(ALICE)
    house.enter(BOB, as_user="alice")
    assert house.read(BOB) == [LoggedIn(1, "life-1")]
    house.enter(CAROL)
    assert errors(house.read(CAROL)) == [ErrorCode.ROOM_FULL]


def test_what_a_session_asks_after_it_was_kicked_is_not_heard() -> None:
    house = House()
    house.enter(ALICE)
    house.enter(BOB, as_user="alice")
    house.forget()
    house.ask(ALICE, Publish(2, "alice-1"))
    house.media(ALICE)
    house.lose(ALICE)
    assert house.outputs == []


def test_apps_are_worlds_apart() -> None:
    house = House()
    house.enter(ALICE, app_id=1)
    house.enter(BOB, app_id=2)
    house.ask(BOB, Publish(2, "bob-1"))
    house.ask(BOB, Logout(3))
    assert house.read(ALICE) == [LoggedIn(1, "life-1")]
    assert house.rooms.counts == (1, 1, 0)
