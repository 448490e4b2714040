"""The reference's event numbers for what happens to a stream."""

from __future__ import annotations

from intercomd.domain.events import PlayerStateUpdate, PublisherStateUpdate
from intercomd.domain.monitor_events import PlayerStreamEvent, PublisherStreamEvent
from intercomd.domain.room import PlayerState, PublisherState
from intercomd.engine.stream_courses import StreamCourses

IDLE, REQUESTING, RUNNING = 0, 1, 2


def published(*states: tuple[int, int]) -> list[int]:
    courses = StreamCourses()
    numbers = []
    for state, code in states:
        update = PublisherStateUpdate("door", PublisherState(state), code)
        told = courses.follow(update)
        assert isinstance(told, PublisherStreamEvent)
        assert told.stream_id == "door"
        numbers.append(int(told.event))
    return numbers


def test_a_stream_that_fares_well() -> None:
    assert published((REQUESTING, 0), (RUNNING, 0), (IDLE, 0)) == [100, 101, 106]


def test_a_refused_stream_fails() -> None:
    assert published((REQUESTING, 0), (IDLE, 1003028)) == [100, 102]


def test_an_interrupted_stream_is_retried_until_it_runs() -> None:
    states = [(REQUESTING, 0), (RUNNING, 0), (REQUESTING, 1003020), (RUNNING, 0)]
    assert published(*states) == [100, 101, 103, 104]


def test_an_interrupted_stream_that_is_given_up_fails_its_retry() -> None:
    states = [(REQUESTING, 0), (RUNNING, 0), (REQUESTING, 1003020), (IDLE, 1003021)]
    assert published(*states) == [100, 101, 103, 105]


def test_who_is_kicked_while_it_runs_has_ended() -> None:
    assert published((REQUESTING, 0), (RUNNING, 0), (IDLE, 1002050))[-1] == 106


def test_a_stream_that_is_published_again_starts_anew() -> None:
    states = [(REQUESTING, 0), (RUNNING, 0), (IDLE, 0), (REQUESTING, 0)]
    assert published(*states)[-1] == 100


def test_playing_counts_from_200() -> None:
    courses = StreamCourses()
    told = [
        courses.follow(PlayerStateUpdate("door", state, code))
        for state, code in (
            (PlayerState.PLAY_REQUESTING, 0),
            (PlayerState.PLAYING, 0),
            (PlayerState.PLAY_REQUESTING, 1004020),
            (PlayerState.PLAYING, 0),
            (PlayerState.NO_PLAY, 0),
        )
    ]
    assert [event.event for event in told if isinstance(event, PlayerStreamEvent)] == [
        200,
        201,
        203,
        204,
        206,
    ]
