"""What is asked for in vain is given up in time."""

from __future__ import annotations

import math

from intercomd.domain.events import PlayerStateUpdate, PublisherStateUpdate
from intercomd.domain.room import PlayerState, PublisherState
from intercomd.engine.stream_retries import StreamRetries

ASKED = PublisherStateUpdate("door", PublisherState.PUBLISH_REQUESTING)
RUNS = PublisherStateUpdate("door", PublisherState.PUBLISHING)
LOST = PublisherStateUpdate("door", PublisherState.PUBLISH_REQUESTING, 1003020)
PLAY_ASKED = PlayerStateUpdate("door", PlayerState.PLAY_REQUESTING)
PLAYS = PlayerStateUpdate("door", PlayerState.PLAYING)


def test_a_stream_that_never_runs_is_given_up() -> None:
    retries = StreamRetries(10)
    retries.follow(ASKED, 5.0)
    assert retries.deadline == 15
    assert retries.take_due(14.9) == []
    assert retries.take_due(15.0) == [ASKED]
    assert retries.deadline is None


def test_a_stream_that_runs_has_time_again() -> None:
    retries = StreamRetries(10)
    retries.follow(ASKED, 0.0)
    retries.follow(RUNS, 9.0)
    assert retries.deadline is None
    retries.follow(LOST, 100.0)
    assert retries.deadline == 110


def test_asking_again_does_not_give_it_more_time() -> None:
    retries = StreamRetries(10)
    retries.follow(ASKED, 0.0)
    retries.follow(LOST, 9.0)
    assert retries.take_due(10.0) == [LOST]


def test_published_and_played_streams_are_told_apart() -> None:
    retries = StreamRetries(10)
    retries.follow(ASKED, 0.0)
    retries.follow(PLAY_ASKED, 5.0)
    assert retries.take_due(10.0) == [ASKED]
    assert retries.take_due(15.0) == [PLAY_ASKED]


def test_what_once_played_is_known_until_it_stops() -> None:
    retries = StreamRetries(10)
    retries.follow(PLAY_ASKED, 0.0)
    assert not retries.has_played("door")
    retries.follow(PLAYS, 0.0)
    retries.follow(PLAY_ASKED, 1.0)
    assert retries.has_played("door")
    retries.follow(PlayerStateUpdate("door", PlayerState.NO_PLAY), 2.0)
    assert not retries.has_played("door")


def test_without_a_limit_nothing_is_given_up() -> None:
    retries = StreamRetries(math.inf)
    retries.follow(ASKED, 0.0)
    assert retries.deadline is None
