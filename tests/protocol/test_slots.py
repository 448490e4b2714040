"""More streams than slots, as the rooms deal with it and a listener is told."""

from __future__ import annotations

from intercomd.domain.errors import ErrorCode
from intercomd.protocol.messages import (
    Error,
    Listeners,
    LoggedIn,
    MutePlay,
    Ok,
    Play,
    PlayedEntry,
    PlayState,
    Publish,
    Stop,
)
from intercomd.protocol.room_events import Bind, Joined, MediaChanged, Talking
from tests.protocol.house import ALICE, BOB, CAROL, DAVE, House, user

LOUD, QUIET = 10.0, 40.0


def a_crowd(plays_max: int = 64) -> House:
    """Alice has one slot and plays Bob in it; Carol waits."""
    house = House(plays_max=plays_max, key="key")
    house.enter(ALICE, BOB, CAROL, DAVE)
    house.handle(MediaChanged(ALICE, 1))
    house.ask(BOB, Publish(2, "bob-1"))
    house.ask(CAROL, Publish(2, "carol-1"))
    house.forget()
    house.ask(ALICE, Play(2, "bob-1", 0))
    house.ask(ALICE, Play(3, "carol-1"))
    return house


def bound(house: House) -> list[Bind]:
    return [output for output in house.outputs if isinstance(output, Bind)]


def test_one_stream_more_than_slots_waits_and_is_played_all_the_same() -> None:
    house = a_crowd()
    assert house.read(ALICE)[-2:] == [Ok(3), PlayState("carol-1", playing=True)]
    assert Listeners("carol-1", 1) in house.read(CAROL)
    assert house.routes == {(ALICE, 0): (BOB, 0)}
    assert house.rooms.is_contested


def test_a_slot_goes_to_the_one_who_talks() -> None:
    house = a_crowd()
    house.handle(Talking({(CAROL, 0): QUIET}))
    assert house.routes == {(ALICE, 0): (CAROL, 0)}
    assert bound(house) == [Bind(ALICE, 0, "carol-1")]
    house.handle(Talking({(BOB, 0): QUIET}))
    assert house.routes == {(ALICE, 0): (BOB, 0)}


def test_who_is_muted_neither_takes_nor_keeps_a_slot() -> None:
    house = a_crowd()
    house.ask(ALICE, MutePlay(4, "carol-1", muted=True))
    house.handle(Talking({(CAROL, 0): LOUD}))
    assert house.routes == {(ALICE, 0): (BOB, 0)}
    house.ask(ALICE, MutePlay(5, "carol-1", muted=False))
    house.ask(ALICE, MutePlay(6, "bob-1", muted=True))
    house.handle(Talking({(CAROL, 0): QUIET, (BOB, 0): LOUD}))
    assert house.routes == {(ALICE, 0): (CAROL, 0)}


def test_a_slot_that_becomes_free_goes_to_who_waits() -> None:
    house = a_crowd()
    house.ask(ALICE, Stop(4, "bob-1"))
    assert house.routes == {(ALICE, 0): (CAROL, 0)}
    assert bound(house) == [Bind(ALICE, 0, "carol-1")]
    assert not house.rooms.is_contested


def test_more_slots_take_in_who_waits() -> None:
    house = a_crowd()
    house.handle(MediaChanged(ALICE, None))
    house.handle(MediaChanged(ALICE, 2))
    assert bound(house) == [Bind(ALICE, 1, "carol-1")]


def test_a_slot_that_is_taken_is_exchanged_for_a_free_one() -> None:
    house = a_crowd()
    house.handle(MediaChanged(ALICE, 3))
    house.forget()
    house.ask(ALICE, Play(4, "dave-1", 0))
    assert bound(house) == [Bind(ALICE, 2, "dave-1")]


def test_a_stream_that_is_not_there_yet_waits_without_a_sound() -> None:
    house = a_crowd()
    house.ask(ALICE, Play(4, "dave-1"))
    house.handle(Talking({(DAVE, 0): LOUD}))
    assert house.routes == {(ALICE, 0): (BOB, 0)}
    house.ask(DAVE, Publish(2, "dave-1"))
    house.handle(Talking({(DAVE, 0): LOUD}))
    assert house.routes == {(ALICE, 0): (DAVE, 0)}


def test_there_is_an_end_to_what_one_user_plays() -> None:
    house = a_crowd(plays_max=2)
    house.forget()
    house.ask(ALICE, Play(4, "dave-1"))
    (refused,) = house.read(ALICE)
    assert isinstance(refused, Error)
    assert refused.code == ErrorCode.TOO_MANY_PLAYED


def test_who_comes_back_is_told_what_its_slots_carry() -> None:
    house = a_crowd()
    house.lose(ALICE)
    house.handle(Talking({(CAROL, 0): QUIET}))
    house.handle(Joined(9, 1, 1, "lobby", user(ALICE), resume_key="key"))
    (reply,) = [m for m in house.read(ALICE) if isinstance(m, LoggedIn)]
    assert set(reply.played) == {
        PlayedEntry("bob-1", None, playing=True),
        PlayedEntry("carol-1", 0, playing=True),
    }


def test_nothing_is_left_of_a_listener_who_goes() -> None:
    house = a_crowd()
    house.enter(BOB, as_user="alice")
    house.pass_time(1)
    assert not house.rooms.is_contested
    assert (ALICE, 0) not in house.routes
