"""The media connection comes and goes on its own."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import (
    ErrorCode,
)
from intercomd.domain.events import (
    RoomStateChanged,
)
from intercomd.domain.room import (
    PlayerState,
    PublisherState,
)
from intercomd.protocol.client_events import (
    AcceptMedia,
    ConnectionLost,
    Input,
    MediaChanged,
    MediaOffered,
    MediaSilent,
    MigrateMedia,
    OpenMedia,
    ProbeConnection,
    TimePassed,
)
from intercomd.protocol.messages import (
    Answer,
    Error,
    Offer,
    Play,
    Publish,
)
from tests.protocol.handset import (
    Handset,
    all_sent,
    of,
    player_states,
    playing,
    publisher_states,
    publishing,
    reconnect,
    sent,
    talking_and_hearing,
)


def test_a_silent_path_is_migrated_then_replaced() -> None:
    handset = talking_and_hearing()
    outputs = handset.handle(MediaSilent())
    assert of(MigrateMedia, outputs)
    assert of(ProbeConnection, outputs)
    assert publisher_states(outputs) == [
        (PublisherState.PUBLISH_REQUESTING, ErrorCode.PUBLISH_INTERRUPTED)
    ]
    assert handset.session.deadline == pytest.approx(handset.now + 1.5)
    assert of(OpenMedia, handset.wait())


def test_a_migrated_path_needs_no_new_connection() -> None:
    handset = talking_and_hearing()
    handset.handle(MediaSilent())
    outputs = handset.handle(MediaChanged(is_up=True))
    assert publisher_states(outputs) == [(PublisherState.PUBLISHING, 0)]
    assert handset.session.deadline is None


def test_a_media_loss_alone_is_repaired_on_the_live_connection() -> None:
    handset = Handset(chance=1.0)
    handset.enter()
    publishing(handset)
    playing(handset)
    outputs = handset.handle(MediaChanged(is_up=False))
    assert not of(RoomStateChanged, outputs)
    assert publisher_states(outputs) == [
        (PublisherState.PUBLISH_REQUESTING, ErrorCode.PUBLISH_INTERRUPTED)
    ]
    assert [state for _, state, _ in player_states(outputs)] == [
        PlayerState.PLAY_REQUESTING
    ]
    assert handset.session.deadline == handset.now + 0.25
    assert handset.wait() == [OpenMedia()]
    outputs = handset.handle(MediaOffered("v=0 new"))
    assert all_sent(Publish, outputs) == []
    assert all_sent(Play, outputs) == []
    handset.hear(Answer(sent(Offer, outputs).id, "v=0 newer"))
    outputs = handset.handle(MediaChanged(is_up=True))
    assert publisher_states(outputs) == [(PublisherState.PUBLISHING, 0)]
    assert player_states(outputs) == [("bob-1", PlayerState.PLAYING, 0)]


def test_media_that_never_comes_up_is_tried_again() -> None:
    handset = Handset()
    handset.log_in()
    handset.let_in()
    assert handset.session.deadline == handset.now + 8.0
    assert handset.wait() == [OpenMedia()]
    assert handset.session.deadline == handset.now + 8.0


def test_media_that_keeps_failing_is_tried_less_and_less_often() -> None:
    handset = Handset(chance=1.0)
    handset.enter()
    waits = []
    for _ in range(7):
        handset.handle(MediaChanged(is_up=False))
        assert handset.session.deadline is not None
        waits.append(handset.session.deadline - handset.now)
        handset.wait()
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


@pytest.mark.parametrize("is_reconnected", [False, True])
def test_media_that_worked_is_tried_again_soon(is_reconnected: bool) -> None:
    handset = Handset(chance=1.0)
    handset.enter()
    for _ in range(4):
        handset.handle(MediaChanged(is_up=False))
        handset.wait()
    if is_reconnected:
        reconnect(handset)
    else:
        handset.handle(MediaChanged(is_up=True))
    handset.handle(MediaChanged(is_up=False))
    assert handset.session.deadline == handset.now + 0.25


def test_waking_too_early_opens_no_media() -> None:
    handset = Handset()
    handset.log_in()
    handset.let_in()
    handset.now += 7.9
    assert handset.handle(TimePassed()) == []


def test_the_answer_to_an_offer_given_up_is_not_for_the_next() -> None:
    handset = Handset()
    handset.log_in()
    handset.let_in()
    late = sent(Offer, handset.handle(MediaOffered("v=0 first")))
    assert of(OpenMedia, handset.wait())
    second = sent(Offer, handset.handle(MediaOffered("v=0 second")))
    assert handset.hear(Answer(late.id, "v=0 late")) == []
    assert handset.hear(Answer(second.id, "v=0")) == [AcceptMedia("v=0")]


@pytest.mark.parametrize("event", [MediaOffered("v=0"), MediaChanged(is_up=True)])
def test_media_outside_the_room_is_nobodys_business(event: Input) -> None:
    handset = Handset()
    assert handset.handle(event) == []
    handset.enter()
    handset.handle(ConnectionLost())
    assert handset.handle(event) == []


def test_a_refused_offer_is_made_anew_after_a_wait() -> None:
    handset = Handset(chance=1.0)
    handset.log_in()
    handset.let_in()
    offer = sent(Offer, handset.handle(MediaOffered("v=0")))
    assert handset.hear(Error(ErrorCode.MEDIA_REFUSED, "no", offer.id)) == []
    assert handset.session.deadline == handset.now + 0.25
    assert handset.wait() == [OpenMedia()]
