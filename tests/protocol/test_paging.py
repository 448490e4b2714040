"""The reply to a login in a large room: in pages that fit, and whole again."""

from __future__ import annotations

import pytest

from intercomd.domain.events import RoomStreamUpdate, RoomUserUpdate
from intercomd.engine.signalling import MESSAGE_BYTES
from intercomd.protocol.client_events import ConnectionLost, Output
from intercomd.protocol.ladder import ClientState
from intercomd.protocol.messages import (
    Hello,
    LoggedIn,
    LoggedInMore,
    Login,
    StreamEntry,
    UserEntry,
)
from intercomd.protocol.paging import PAGE_USERS, joined, paged
from intercomd.protocol.wire import encode
from tests.protocol.handset import BOB, Handset, events, of, room_states, sent

LONGEST_NAME = "\x01" * 255  # six characters each, in JSON
LONGEST_EXTRA = "\x01" * 1023


def a_crowd(size: int) -> LoggedIn:
    """As many users, each with two streams, all that may be long as long as can be."""
    users = tuple(UserEntry(f"{number:\\<63}", LONGEST_NAME) for number in range(size))
    streams = tuple(
        StreamEntry(f"{number:_<253}-{slot}", user, LONGEST_EXTRA)
        for number, user in enumerate(users)
        for slot in range(2)
    )
    return LoggedIn(1, "life-1", users, streams, "key", published=("alice-1",))


def whole(pages: list[LoggedIn | LoggedInMore]) -> LoggedIn:
    first, *rest = pages
    assert isinstance(first, LoggedIn)
    for page in rest:
        assert isinstance(page, LoggedInMore)
        first = joined(first, page)
    return first


@pytest.mark.parametrize("size", [0, 1, PAGE_USERS, PAGE_USERS + 1])
def test_the_pages_are_the_whole_reply(size: int) -> None:
    reply = a_crowd(size)
    assert whole(paged(reply)) == reply


def test_an_ordinary_room_is_one_message() -> None:
    assert paged(a_crowd(16)) == [a_crowd(16)]


def test_a_thousand_users_of_the_longest_names_fit_the_clients_limit() -> None:
    pages = paged(a_crowd(1000))
    lengths = [len(encode(page).encode()) for page in pages]
    assert max(lengths) < MESSAGE_BYTES * 0.6
    assert sum(lengths) > 10 * MESSAGE_BYTES  # one message would have been refused


def test_a_client_tells_a_room_that_came_in_pages_at_once() -> None:
    handset, crowd = Handset(), a_crowd(200)
    handset.log_in()
    login = sent(Login, handset.hear(Hello("ab" * 32)))
    outputs: list[Output] = []
    for page in paged(crowd):
        assert handset.session.state is ClientState.LOGGING_IN
        assert not events(outputs)
        outputs = handset.hear(page)
    assert login.id == crowd.id
    assert handset.session.state is ClientState.IN
    (users,) = of(RoomUserUpdate, outputs)
    (streams,) = of(RoomStreamUpdate, outputs)
    assert len(users.users) == 200
    assert len(streams.streams) == 400


def test_a_client_whose_pages_stop_coming_tries_again() -> None:
    handset = Handset()
    handset.log_in()
    login = sent(Login, handset.hear(Hello("ab" * 32)))
    handset.hear(LoggedIn(login.id, "life-1", (BOB,), more=True))
    handset.handle(ConnectionLost())
    handset.wait()
    login = sent(Login, handset.hear(Hello("cd" * 32)))
    assert not handset.hear(
        LoggedInMore(login.id, (BOB,))
    )  # nothing began on this connection
    assert room_states(handset.hear(LoggedIn(login.id, "life-1")))
