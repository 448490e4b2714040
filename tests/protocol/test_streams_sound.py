"""Muted plays and microphones, and two channels, in the rooms and at the client."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import AlreadyPublishing, ErrorCode, StreamIdTaken
from intercomd.domain.events import (
    PublisherStateUpdate,
    RemoteMicStateUpdate,
)
from intercomd.domain.room import PublisherState
from intercomd.domain.sound import MicState
from intercomd.protocol import messages as wire
from intercomd.protocol.client_events import (
    GateMicrophone,
    MicStateWanted,
    MutePlayWanted,
    PlayWanted,
    PublishWanted,
    UnpublishWanted,
)
from intercomd.protocol.messages import (
    Error,
    Listeners,
    MicStateUpdate,
    MutePlay,
    Ok,
    Play,
    PlayState,
    Publish,
    Stop,
    Unpublish,
)
from tests.protocol.handset import (
    Handset,
    all_sent,
    of,
    playing,
    publishing,
    reconnect,
    sent,
)
from tests.protocol.house import ALICE, BOB, CAROL, House, user

OPEN, MUTE = MicState.OPEN, MicState.MUTE


def duet() -> House:
    """Alice publishes, Bob plays it, and both have media."""
    house = House()
    house.enter(ALICE, BOB)
    house.media(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.ask(BOB, Play(2, "alice-1", 3))
    house.forget()
    return house


# In the rooms


def test_a_muted_play_is_not_forwarded_and_not_counted_but_goes_on() -> None:
    house = duet()
    house.ask(BOB, MutePlay(3, "alice-1", muted=True))
    assert house.read(BOB) == [Ok(3)]
    assert house.read(ALICE) == [Listeners("alice-1", 0)]
    assert house.routes == {}
    house.ask(BOB, MutePlay(4, "alice-1", muted=True))
    assert house.read(BOB) == [Ok(4)]
    house.ask(BOB, MutePlay(5, "alice-1", muted=False))
    assert house.routes == {(BOB, 3): (ALICE, 0)}
    assert house.read(ALICE) == [Listeners("alice-1", 1)]


def test_a_play_may_begin_muted() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.media(ALICE, BOB)
    house.ask(BOB, Play(2, "alice-1", 3, muted=True))
    house.forget()
    house.ask(ALICE, Publish(2, "alice-1"))
    assert PlayState("alice-1", playing=True) in house.read(BOB)
    assert house.routes == {}
    house.ask(BOB, MutePlay(3, "alice-1", muted=False))
    assert house.routes == {(BOB, 3): (ALICE, 0)}


def test_a_muted_play_outlives_its_stream_and_ends_with_a_stop() -> None:
    house = duet()
    house.ask(BOB, MutePlay(3, "alice-1", muted=True))
    house.ask(ALICE, Unpublish(3, "alice-1"))
    house.ask(ALICE, Publish(4, "alice-1"))
    assert house.routes == {}
    house.ask(BOB, Stop(4, "alice-1"))
    house.ask(BOB, Play(5, "alice-1", 3))
    assert house.routes == {(BOB, 3): (ALICE, 0)}


def test_only_a_play_can_be_muted() -> None:
    house = duet()
    house.ask(BOB, MutePlay(3, "other", muted=True))
    (refusal,) = house.read(BOB)
    assert isinstance(refusal, Error)
    assert refusal.code == ErrorCode.STREAM_NOT_PLAYED


def test_what_a_publisher_reports_is_passed_on_to_those_who_play() -> None:
    house = duet()
    house.enter(CAROL)
    house.forget()
    house.ask(ALICE, wire.Report(3, 0, 1, 10))
    assert house.read(ALICE) == [Ok(3)]
    user_id = user(ALICE).user_id
    assert house.read(BOB) == [wire.StreamReport("alice-1", user_id, 0, 1, 10)]
    assert house.read(CAROL) == []
    house.ask(BOB, wire.Report(4, 0, 1))
    assert house.read(BOB) == [Ok(4)]
    assert house.read(ALICE) == []


def test_a_microphones_state_is_told_once_to_those_who_play() -> None:
    house = duet()
    house.enter(CAROL)
    house.forget()
    house.ask(ALICE, wire.MicState(3, "alice-1", 10))
    house.ask(ALICE, wire.MicState(4, "alice-1", 10))
    assert house.read(ALICE) == [Ok(3), Ok(4)]
    assert house.read(BOB) == [MicStateUpdate("alice-1", 10)]
    assert house.read(CAROL) == []
    house.ask(CAROL, Play(2, "alice-1", 0))
    assert house.read(CAROL) == [
        Ok(2),
        PlayState("alice-1", playing=True, mic_state=10),
    ]


def test_a_microphones_state_may_come_with_the_stream() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(BOB, Play(2, "alice-1", 0))
    house.forget()
    house.ask(ALICE, Publish(2, "alice-1", mic_state=9))
    assert PlayState("alice-1", playing=True, mic_state=9) in house.read(BOB)


def test_nobody_speaks_for_anothers_microphone() -> None:
    house = duet()
    house.ask(BOB, wire.MicState(3, "alice-1", 10))
    (refusal,) = house.read(BOB)
    assert isinstance(refusal, Error)
    assert refusal.code == ErrorCode.WIRE_OUT_OF_ORDER


# At the client


def test_each_channel_has_its_stream_its_slot_and_its_states() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset, "main")
    outputs = handset.handle(PublishWanted("aux", 1, MUTE))
    request = sent(Publish, outputs)
    assert (request.slot, request.mic_state) == (1, MUTE)
    outputs = handset.hear(Ok(request.id))
    assert of(GateMicrophone, outputs) == [GateMicrophone(is_open=True, slot=1)]
    outputs = handset.handle(UnpublishWanted(0))
    assert sent(Unpublish, outputs).stream_id == "main"
    assert of(GateMicrophone, outputs) == [GateMicrophone(is_open=False, slot=0)]
    assert [o.stream_id for o in of(PublisherStateUpdate, outputs)] == ["main"]


def test_a_busy_channel_and_an_id_on_the_other_are_refused_at_once() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset, "main")
    with pytest.raises(AlreadyPublishing):
        handset.handle(PublishWanted("other"))
    with pytest.raises(StreamIdTaken):
        handset.handle(PublishWanted("main", 1))


def test_a_refusal_ends_the_channel_it_is_about() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset, "main")
    request = sent(Publish, handset.handle(PublishWanted("aux", 1)))
    outputs = handset.hear(Error(1003028, "taken", request.id))
    (told,) = of(PublisherStateUpdate, outputs)
    assert told == PublisherStateUpdate("aux", PublisherState.NO_PUBLISH, 1003028)


def test_after_a_loss_both_channels_and_their_microphones_come_back() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset, "main")
    request = sent(Publish, handset.handle(PublishWanted("aux", 1)))
    handset.hear(Ok(request.id))
    outputs = handset.handle(MicStateWanted(1, MUTE))
    assert sent(wire.MicState, outputs).stream_id == "aux"
    assert handset.handle(MicStateWanted(1, MUTE)) == []
    requests = all_sent(Publish, reconnect(handset))
    assert [(r.stream_id, r.slot, r.mic_state) for r in requests] == [
        ("main", 0, OPEN),
        ("aux", 1, MUTE),
    ]


def test_a_muted_play_is_asked_for_muted_again_after_a_loss() -> None:
    handset = Handset()
    handset.enter()
    playing(handset, "bob-1")
    outputs = handset.handle(MutePlayWanted("bob-1", is_muted=True))
    assert sent(MutePlay, outputs).muted
    assert handset.handle(MutePlayWanted("bob-1", is_muted=True)) == []
    assert handset.handle(MutePlayWanted("nobody", is_muted=True)) == []
    (play,) = all_sent(Play, reconnect(handset))
    assert play.muted


def test_a_remote_microphone_is_told_while_it_plays_and_only_news() -> None:
    handset = Handset()
    handset.enter()
    outputs = handset.handle(PlayWanted("bob-1"))
    handset.hear(Ok(sent(Play, outputs).id))
    assert of(RemoteMicStateUpdate, handset.hear(MicStateUpdate("bob-1", 9))) == []
    outputs = handset.hear(PlayState("bob-1", playing=True, mic_state=10))
    assert of(RemoteMicStateUpdate, outputs) == [RemoteMicStateUpdate("bob-1", MUTE)]
    assert handset.hear(MicStateUpdate("bob-1", 10)) == []
    outputs = handset.hear(MicStateUpdate("bob-1", 0))
    assert outputs == [RemoteMicStateUpdate("bob-1", OPEN)]
    assert handset.hear(MicStateUpdate("nobody", 10)) == []
