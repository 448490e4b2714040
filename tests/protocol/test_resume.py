"""Who may take up a session again, and by which key."""

from __future__ import annotations

import itertools

import pytest

from intercomd.domain.errors import ErrorCode
from intercomd.protocol import kicks
from intercomd.protocol.kicks import KEPT_S
from intercomd.protocol.messages import (
    Error,
    Listeners,
    LoggedIn,
    Play,
    PlayedEntry,
    Publish,
    RoomExtraInfo,
    SetRoomExtraInfo,
    UserEntry,
)
from intercomd.protocol.room_events import (
    Adopt,
    Dropped,
    HangUp,
    Input,
    Joined,
    MediaChanged,
    Output,
    Requested,
    RoomClosed,
    Send,
    TimePassed,
    TokenEnded,
    UsersKicked,
)
from intercomd.protocol.rooms import Rooms
from intercomd.protocol.wire import CloseCode

ALICE, BOB, AGAIN = 1, 2, 3


class Site:
    """Rooms whose keys are key-1, key-2, ... in the order of the logins."""

    def __init__(self) -> None:
        keys = itertools.count(1)
        self.rooms = Rooms(
            heartbeat_timeout_s=100.0,
            max_members=0,
            announced_members=500,
            plays_max=64,
            new_id=lambda: "life",
            new_key=lambda: f"key-{next(keys)}",
            wall_ms=lambda: 0,
        )
        self.now = 0.0

    def tell(self, event: Input) -> list[Output]:
        return self.rooms.handle(event, self.now)

    def log_in(
        self, session: int, name: str = "alice", key: str = "", room_id: str = "lobby"
    ) -> list[Output]:
        return self.tell(
            Joined(session, 1, 7, room_id, UserEntry(name), resume_key=key)
        )


def reply(outputs: list[Output]) -> LoggedIn:
    (found,) = [
        output.message
        for output in outputs
        if isinstance(output, Send) and isinstance(output.message, LoggedIn)
    ]
    return found


def refusals(outputs: list[Output]) -> list[int]:
    return [
        output.message.code
        for output in outputs
        if isinstance(output, Send) and isinstance(output.message, Error)
    ]


def extra_infos(outputs: list[Output]) -> list[str]:
    """The values told."""
    return [
        entry.value
        for output in outputs
        if isinstance(output, Send) and isinstance(output.message, RoomExtraInfo)
        for entry in output.message.entries
    ]


def others(outputs: list[Output]) -> list[Output]:
    """What reaches anybody else than the two sessions of Alice."""
    return [
        output
        for output in outputs
        if isinstance(output, Send) and output.session not in (ALICE, AGAIN)
    ]


@pytest.mark.parametrize("is_noticed", [True, False])
def test_the_right_key_takes_the_session_over_and_nobody_hears_of_it(
    is_noticed: bool,
) -> None:
    site = Site()
    site.log_in(ALICE)
    site.log_in(BOB, "bob")
    site.tell(MediaChanged(ALICE, 8))
    site.tell(MediaChanged(BOB, 8))
    site.tell(Requested(ALICE, Publish(2, "alice-1")))
    site.tell(Requested(ALICE, Play(3, "bob-1", 4)))
    site.tell(Requested(BOB, Play(2, "alice-1", 0)))
    if is_noticed:
        site.tell(Dropped(ALICE))
    outputs = site.log_in(AGAIN, key="key-1")
    assert outputs[0] == Adopt(ALICE, AGAIN)
    told = reply(outputs)
    assert told.resumed
    assert told.resume_key == "key-3"
    assert told.published == ("alice-1",)
    assert told.played == (PlayedEntry("bob-1", 4, playing=False),)
    assert Send(ALICE, Listeners("alice-1", 1)) in outputs
    assert others(outputs) == []
    assert site.rooms.counts == (1, 2, 1)


def test_a_resumed_session_is_lost_no_more() -> None:
    site = Site()
    site.log_in(ALICE)
    site.tell(Dropped(ALICE))
    site.now = 99.0
    site.log_in(AGAIN, key="key-1")
    site.now = 500.0
    site.tell(TimePassed())
    assert site.rooms.has(ALICE)


def test_the_key_before_the_newest_is_taken_for_a_reply_that_was_lost() -> None:
    site = Site()
    site.log_in(ALICE)
    assert reply(site.log_in(AGAIN, key="key-1")).resume_key == "key-2"
    assert reply(site.log_in(4, key="key-1")).resumed


def test_a_key_is_taken_however_many_replies_to_it_were_lost() -> None:
    site = Site()
    site.log_in(ALICE)
    for session in range(AGAIN, AGAIN + 3):
        assert reply(site.log_in(session, key="key-1")).resumed


def test_a_key_of_before_a_restart_is_taken_again_if_the_reply_was_lost() -> None:
    site = Site()
    assert not reply(site.log_in(ALICE, key="of-before")).resumed
    site.tell(Dropped(ALICE))
    assert reply(site.log_in(AGAIN, key="of-before")).resumed
    site.log_in(4, key="key-2")
    outputs = site.log_in(5, key="of-before")
    assert refusals(outputs) == [ErrorCode.LOGGED_IN_ELSEWHERE]


def test_an_older_key_is_worth_nothing() -> None:
    site = Site()
    site.log_in(ALICE)
    site.log_in(3, key="key-1")
    site.log_in(4, key="key-2")
    outputs = site.log_in(5, key="key-1")
    assert refusals(outputs) == [ErrorCode.LOGGED_IN_ELSEWHERE]
    assert any(isinstance(output, HangUp) for output in outputs)
    assert site.rooms.has(ALICE)


@pytest.mark.parametrize("key", ["key-9", "key-", "", "é" * 100])
def test_a_guessed_key_takes_nothing_over(key: str) -> None:
    site = Site()
    site.log_in(ALICE)
    outputs = site.log_in(AGAIN, key=key)
    assert not any(isinstance(output, Adopt) for output in outputs)


def test_a_key_of_another_user_or_for_another_room_does_not_fit() -> None:
    site = Site()
    site.log_in(ALICE)
    site.log_in(BOB, "bob")
    for outputs in (
        site.log_in(AGAIN, key="key-2"),
        site.log_in(AGAIN, key="key-1", room_id="elsewhere"),
    ):
        assert refusals(outputs) == [ErrorCode.LOGGED_IN_ELSEWHERE]


def test_who_comes_back_is_told_the_extra_info_of_others_and_not_its_own() -> None:
    site = Site()
    site.log_in(ALICE)
    site.log_in(BOB, "bob")
    site.tell(Requested(ALICE, SetRoomExtraInfo(2, "topic", "tea")))
    assert not extra_infos(site.log_in(AGAIN, key="key-1"))
    assert extra_infos(site.log_in(4, "bob", key="key-2")) == ["tea"]
    site.tell(Requested(BOB, SetRoomExtraInfo(2, "topic", "wine")))
    assert extra_infos(site.log_in(5, key="key-3")) == ["wine"]


def test_a_new_login_is_told_the_extra_info_that_its_user_set() -> None:
    site = Site()
    site.log_in(ALICE)
    site.log_in(BOB, "bob")
    site.tell(Requested(ALICE, SetRoomExtraInfo(2, "topic", "tea")))
    assert extra_infos(site.log_in(AGAIN)) == ["tea"]


EXPULSIONS: list[UsersKicked | RoomClosed] = [
    UsersKicked(7, "lobby", ("alice",), "late"),
    RoomClosed(7, "lobby", "late"),
]


@pytest.mark.parametrize("expulsion", EXPULSIONS, ids=lambda e: type(e).__name__)
def test_who_was_put_out_while_away_does_not_come_back_by_itself(
    expulsion: UsersKicked | RoomClosed,
) -> None:
    site = Site()
    site.log_in(ALICE)
    site.log_in(AGAIN, key="key-1")
    site.tell(Dropped(ALICE))
    site.tell(expulsion)
    for session, key in ((4, "key-2"), (5, "key-1"), (6, "key-1")):
        outputs = site.log_in(session, key=key)
        assert refusals(outputs) == [ErrorCode.MANUALLY_KICKED_OUT]
        assert HangUp(session, CloseCode.LOGIN_REFUSED) in outputs
        assert not site.rooms.has(session)
    assert not reply(site.log_in(7)).resumed


def test_a_kick_is_forgotten_once_no_client_tries_to_come_back_any_more() -> None:
    site = Site()
    site.log_in(ALICE)
    site.tell(EXPULSIONS[0])
    site.now = KEPT_S - 1.0
    assert refusals(site.log_in(3, key="key-1")) == [ErrorCode.MANUALLY_KICKED_OUT]
    site.now = KEPT_S
    assert not reply(site.log_in(4, key="key-1")).resumed


def test_a_kick_is_of_that_client_and_not_of_another_of_its_user() -> None:
    site = Site()
    site.log_in(ALICE)
    site.tell(EXPULSIONS[0])
    assert not reply(site.log_in(AGAIN, key="of-another")).resumed


def test_beyond_so_many_the_oldest_kick_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kicks, "KEPT_MAX", 1)
    site = Site()
    site.log_in(ALICE)
    site.log_in(BOB, "bob")
    site.tell(UsersKicked(7, "lobby", ("alice", "bob"), "late"))
    assert not refusals(site.log_in(AGAIN, key="key-1"))
    outputs = site.log_in(4, "bob", key="key-2")
    assert refusals(outputs) == [ErrorCode.MANUALLY_KICKED_OUT]


def test_who_was_put_out_for_its_token_may_come_back_with_another() -> None:
    site = Site()
    site.log_in(ALICE)
    site.tell(TokenEnded(ALICE))
    assert not reply(site.log_in(AGAIN, key="key-1")).resumed


def test_after_the_heartbeat_timeout_a_key_is_as_none() -> None:
    site = Site()
    site.log_in(ALICE)
    site.tell(Dropped(ALICE))
    site.now = 100.0
    site.tell(TimePassed())
    told = reply(site.log_in(AGAIN, key="key-1"))
    assert not told.resumed
    assert told.published == ()
    assert told.played == ()
