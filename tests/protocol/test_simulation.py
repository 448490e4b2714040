"""Clients and server together: after any storm, everybody is in and hears everybody."""

from __future__ import annotations

from enum import Enum
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercomd.domain.room import PlayerState, PublisherState, RoomStateReason
from intercomd.protocol.room_information import COUNT_INTERVAL_S
from tests.protocol.town import Client, Town

NAMES = ("ann", "bea", "cat", "dot", "eve")
STORM_S = 60.0
CALM_S = 150.0
"""Longer than the heartbeat timeout and the longest outage: all ghosts are gone."""


class Disturbance(Enum):
    """What a storm is made of."""

    CUT = "the connection breaks"
    ISOLATION = "there is no network for up to 130 s"
    MEDIA = "the media connection dies"
    RESTART = "the server is restarted"
    ABSENCE = "the user logs out and comes back"


WHEN = st.floats(0, STORM_S)
WHO = st.integers(0, len(NAMES) - 1)
DISTURBANCES = st.tuples(st.sampled_from(Disturbance), WHEN, WHO)

WITH_TIME = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def populated(seed: int, *, late_answers: float = 0.0) -> Town:
    town = Town(seed, late_answers=late_answers)
    for name in NAMES:
        client = Client(town, name)
        town.after(town.delay_s((0.0, 2.0)), client.enter)
    return town


def disturb(town: Town, kind: Disturbance, who: int) -> None:
    client = town.clients[who]
    match kind:
        case Disturbance.CUT:
            client.cut()
        case Disturbance.ISOLATION:
            client.isolate(town.delay_s((1.0, 130.0)))
        case Disturbance.MEDIA:
            client.lose_media()
        case Disturbance.RESTART:
            town.server.restart()
        case Disturbance.ABSENCE:
            client.leave()
            town.after(town.delay_s((0.0, 3.0)), client.enter)


def assert_everybody_hears_everybody(town: Town) -> None:
    names = {client.name for client in town.clients}
    streams = {client.stream_id for client in town.clients}
    for client in town.clients:
        assert client.users == names - {client.name}
        assert client.streams == streams - {client.stream_id}
        assert client.publisher is PublisherState.PUBLISHING
        playing = {s for s, p in client.players.items() if p is PlayerState.PLAYING}
        assert playing == client.streams
        assert client.listeners == len(names) - 1
    count = len(names)
    assert town.server.rooms.counts == (1, count, count)
    assert len(town.server.routes) == count * (count - 1)
    deadline = town.server.rooms.deadline
    assert deadline is not None
    assert deadline <= town.now + COUNT_INTERVAL_S


def test_without_a_storm_all_is_told_once() -> None:
    town = populated(seed=1)
    town.run(10.0)
    assert_everybody_hears_everybody(town)
    for client in town.clients:
        assert client.reasons == [RoomStateReason.LOGINING, RoomStateReason.LOGINED]


@WITH_TIME
@given(
    seed=st.integers(0, 2**32 - 1),
    storm=st.lists(DISTURBANCES, min_size=1, max_size=16),
)
def test_after_any_storm_everybody_hears_everybody(
    seed: int, storm: list[tuple[Disturbance, float, int]]
) -> None:
    town = populated(seed, late_answers=0.1)
    for kind, when, who in storm:
        town.after(when, partial(disturb, town, kind, who))
    town.run(STORM_S + CALM_S)
    assert_everybody_hears_everybody(town)


@WITH_TIME
@given(seed=st.integers(0, 2**32 - 1))
def test_a_restarted_server_has_everybody_back_in_seconds(seed: int) -> None:
    town = populated(seed)
    town.run(10.0)
    town.server.restart()
    town.run(12.0 + 5.0)
    assert_everybody_hears_everybody(town)
    for client in town.clients:
        assert client.reasons[2:] == [
            RoomStateReason.RECONNECTING,
            RoomStateReason.RECONNECTED,
        ]


@WITH_TIME
@given(seed=st.integers(0, 2**32 - 1))
def test_when_all_have_left_the_server_holds_nothing(seed: int) -> None:
    town = populated(seed)
    town.run(10.0)
    for client in town.clients:
        town.after(town.delay_s((0.0, 1.0)), client.leave)
    town.run(5.0)
    assert town.server.rooms.counts == (0, 0, 0)
    assert town.server.routes == {}
    for client in town.clients:
        assert client.reasons[-1] is RoomStateReason.LOGOUT
