"""The signalling connection: lost, waited for, made again and given up."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import (
    ErrorCode,
)
from intercomd.domain.events import (
    PlayerStateUpdate,
    PublisherStateUpdate,
    RoomStateChanged,
)
from intercomd.domain.room import (
    PlayerState,
    PublisherState,
    RoomStateReason,
)
from intercomd.protocol.client_events import (
    Connect,
    ConnectionLost,
    Disconnect,
    LogoutWanted,
    Output,
    PublishWanted,
    TimePassed,
)
from intercomd.protocol.ladder import ClientState
from intercomd.protocol.messages import (
    Error,
    Hello,
    LoggedIn,
    Login,
)
from tests.protocol.handset import (
    RETRY_TIME_S,
    Handset,
    events,
    handset_in,
    of,
    playing,
    publisher_states,
    publishing,
    room_states,
    sent,
)


def test_the_newest_resume_key_is_shown_at_each_return() -> None:
    handset = Handset()
    assert (
        sent(Login, handset.log_in() + handset.hear(Hello("ab" * 32))).resume_key == ""
    )
    handset.hear(LoggedIn(1, "life-1", resume_key="first"))
    for shown, given in (("first", "second"), ("second", "third")):
        handset.handle(ConnectionLost())
        handset.wait()
        login = sent(Login, handset.hear(Hello("cd" * 32)))
        assert login.resume_key == shown
        handset.hear(LoggedIn(login.id, "life-1", resume_key=given, resumed=True))
    handset.handle(LogoutWanted())
    login = sent(Login, handset.log_in() + handset.hear(Hello("ef" * 32)))
    assert login.resume_key == ""


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        (0.0, [0.125, 0.25, 0.5, 0.5, 0.5]),
        (1.0, [0.25, 0.5, 1.0, 1.0, 1.0]),
    ],
)
def test_the_waits_between_attempts_grow_to_a_cap(
    chance: float, expected: list[float]
) -> None:
    handset = Handset(chance=chance)
    handset.enter()
    waits = []
    for _ in expected:
        handset.handle(ConnectionLost())
        assert handset.session.deadline is not None
        waits.append(handset.session.deadline - handset.now)
        handset.wait()
    assert waits == expected


@pytest.mark.parametrize(("stayed_s", "wait_s"), [(4.9, 1.0), (5.0, 0.25)])
def test_a_login_that_lasted_makes_the_next_wait_short_again(
    stayed_s: float, wait_s: float
) -> None:
    """One that did not is a server that lets in and drops: no reason to hurry."""
    handset = Handset(chance=1.0)
    handset.enter()
    for _ in range(4):
        handset.handle(ConnectionLost())
        handset.wait()
    handset.let_in()
    handset.now += stayed_s
    handset.handle(ConnectionLost())
    assert handset.session.deadline == pytest.approx(handset.now + wait_s)


@pytest.mark.parametrize("is_greeted", [False, True])
def test_a_server_that_does_not_answer_is_given_up_and_tried_again(
    is_greeted: bool,
) -> None:
    handset = Handset()
    handset.log_in()
    if is_greeted:
        handset.hear(Hello("ab" * 32))
    assert handset.session.deadline == handset.now + 5.0
    outputs = handset.wait()
    assert of(Disconnect, outputs)
    assert events(outputs) == []
    assert of(Connect, handset.wait())


def test_a_new_login_starts_with_the_shortest_wait() -> None:
    handset = Handset(chance=1.0)
    handset.enter()
    for _ in range(4):
        handset.handle(ConnectionLost())
        handset.wait()
    handset.handle(LogoutWanted())
    handset.log_in()
    handset.handle(ConnectionLost())
    assert handset.session.deadline == handset.now + 0.25


@pytest.mark.parametrize("was_in", [False, True])
def test_a_login_that_came_with_too_many_others_is_tried_again(was_in: bool) -> None:
    handset = Handset()
    if was_in:
        handset.enter()
        handset.handle(ConnectionLost())
        handset.wait()
    else:
        handset.log_in()
    login = sent(Login, handset.hear(Hello("ab" * 32)))
    outputs = handset.hear(Error(ErrorCode.ROOM_CALLS_TOO_FREQUENT, "no", login.id))
    assert outputs == [Disconnect()]
    assert of(Connect, handset.wait())
    assert room_states(handset.let_in())[0] == (
        (RoomStateReason.RECONNECTED if was_in else RoomStateReason.LOGINED),
        0,
    )


def test_a_first_login_is_retried_in_silence_and_then_fails() -> None:
    handset = Handset()
    began = handset.now
    outputs = handset.log_in()
    handset.handle(PublishWanted("alice-1"))
    while handset.session.state is not ClientState.OUT:
        outputs += handset.handle(ConnectionLost())
        outputs += handset.wait()
    assert room_states(outputs) == [
        (RoomStateReason.LOGINING, 0),
        (RoomStateReason.LOGIN_FAILED, ErrorCode.RETRY_TIMEOUT),
    ]
    assert publisher_states(outputs) == [
        (PublisherState.NO_PUBLISH, ErrorCode.PUBLISH_RETRY_TIMEOUT)
    ]
    assert RETRY_TIME_S <= handset.now - began <= RETRY_TIME_S + 2.0
    assert handset.session.deadline is None


def test_a_server_that_stays_away_ends_everything_after_the_retry_time() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    playing(handset)
    handset.now += 10_000
    handset.handle(ConnectionLost())
    lost_at, outputs = handset.now, list[Output]()
    while handset.session.state is not ClientState.OUT:
        outputs += handset.wait()
    assert events(outputs) == [
        PublisherStateUpdate(
            "alice-1", PublisherState.NO_PUBLISH, ErrorCode.PUBLISH_RETRY_TIMEOUT
        ),
        PlayerStateUpdate("bob-1", PlayerState.NO_PLAY, ErrorCode.RETRY_TIMEOUT),
        RoomStateChanged(
            "lobby", RoomStateReason.RECONNECT_FAILED, ErrorCode.RETRY_TIMEOUT
        ),
    ]
    assert RETRY_TIME_S <= handset.now - lost_at <= RETRY_TIME_S + 7.0
    assert handset.session.deadline is None


def test_each_loss_has_the_whole_retry_time() -> None:
    handset = Handset()
    handset.enter()
    handset.handle(ConnectionLost())
    handset.now += RETRY_TIME_S - 1
    handset.wait()
    handset.let_in()
    handset.handle(ConnectionLost())
    handset.now += RETRY_TIME_S - 1
    assert of(Connect, handset.wait())


def test_after_giving_up_the_user_can_log_in_again() -> None:
    handset = Handset()
    handset.enter()
    handset.handle(ConnectionLost())
    while handset.session.state is not ClientState.OUT:
        handset.wait()
    outputs = handset.enter()
    assert room_states(outputs) == [
        (RoomStateReason.LOGINING, 0),
        (RoomStateReason.LOGINED, 0),
    ]


@pytest.mark.parametrize("state", ClientState)
def test_waking_too_early_changes_nothing(state: ClientState) -> None:
    handset = handset_in(state)
    assert handset.handle(TimePassed()) == []
    assert handset.session.state is state
