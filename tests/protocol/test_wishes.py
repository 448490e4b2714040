"""What the user wants published and played: granted, refused, asked for again."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import (
    AlreadyPublishing,
    ErrorCode,
)
from intercomd.domain.events import (
    PlayerStateUpdate,
    PublisherListenersUpdate,
    PublisherStateUpdate,
    RoomStateChanged,
)
from intercomd.domain.room import (
    PlayerState,
    PublisherState,
    RoomStateReason,
)
from intercomd.protocol.client_events import (
    BindSlot,
    CloseMedia,
    Connect,
    ConnectionLost,
    GateMicrophone,
    MediaChanged,
    OpenMedia,
    Output,
    PlayWanted,
    PublishWanted,
    StopWanted,
    Transmit,
    UnpublishWanted,
)
from intercomd.protocol.messages import (
    Error,
    Hello,
    Listeners,
    LoggedIn,
    Login,
    Ok,
    Play,
    PlayedEntry,
    PlayState,
    Publish,
    SlotBound,
    Stop,
    Unpublish,
)
from tests.protocol.handset import (
    BOB,
    BOB_STREAM,
    Handset,
    all_sent,
    events,
    of,
    player_states,
    playing,
    publisher_states,
    publishing,
    reconnect,
    sent,
    talking_and_hearing,
)


def test_publishing_needs_the_servers_word_and_the_media() -> None:
    handset = Handset()
    handset.log_in()
    handset.let_in()
    outputs = handset.handle(PublishWanted("alice-1"))
    assert publisher_states(outputs) == [(PublisherState.PUBLISH_REQUESTING, 0)]
    assert events(handset.hear(Ok(sent(Publish, outputs).id))) == []
    assert handset.handle(MediaChanged(is_up=True)) == [
        GateMicrophone(is_open=True),
        PublisherStateUpdate("alice-1", PublisherState.PUBLISHING),
    ]


def test_publishing_needs_the_media_and_the_servers_word() -> None:
    handset = Handset()
    handset.enter()
    outputs = handset.handle(PublishWanted("alice-1"))
    assert of(GateMicrophone, outputs) == [GateMicrophone(is_open=False)]
    assert handset.hear(Ok(sent(Publish, outputs).id)) == [
        GateMicrophone(is_open=True),
        PublisherStateUpdate("alice-1", PublisherState.PUBLISHING),
    ]


def test_playing_needs_the_servers_word_and_the_media() -> None:
    handset = Handset()
    handset.log_in()
    handset.let_in()
    outputs = handset.handle(PlayWanted("bob-1"))
    assert of(BindSlot, outputs) == [BindSlot(0, "bob-1")]
    assert player_states(outputs) == [("bob-1", PlayerState.PLAY_REQUESTING, 0)]
    assert events(handset.hear(Ok(sent(Play, outputs).id))) == []
    assert events(handset.hear(PlayState("bob-1", playing=True))) == []
    outputs = handset.handle(MediaChanged(is_up=True))
    assert player_states(outputs) == [("bob-1", PlayerState.PLAYING, 0)]


def test_a_stream_that_does_not_exist_is_waited_for() -> None:
    handset = Handset()
    handset.enter()
    outputs = handset.handle(PlayWanted("bob-1"))
    handset.hear(Ok(sent(Play, outputs).id))
    outputs = handset.hear(PlayState("bob-1", playing=True))
    assert player_states(outputs) == [("bob-1", PlayerState.PLAYING, 0)]


def test_a_stream_that_ends_is_waited_for_again() -> None:
    handset = Handset()
    handset.enter()
    playing(handset)
    outputs = handset.hear(PlayState("bob-1", playing=False))
    code = ErrorCode.PLAY_INTERRUPTED
    assert player_states(outputs) == [("bob-1", PlayerState.PLAY_REQUESTING, code)]
    outputs = handset.hear(PlayState("bob-1", playing=True))
    assert player_states(outputs) == [("bob-1", PlayerState.PLAYING, 0)]


def test_playing_a_stream_twice_is_playing_it_once() -> None:
    handset = Handset()
    handset.enter()
    handset.handle(PlayWanted("bob-1"))
    assert handset.handle(PlayWanted("bob-1")) == []


def test_each_played_stream_has_a_slot_of_its_own() -> None:
    handset = Handset()
    handset.enter()
    slots = [sent(Play, handset.handle(PlayWanted(f"s{n}"))).slot for n in range(8)]
    assert slots == list(range(8))


def crowded(*stream_ids: str) -> Handset:
    """One that has two slots and plays these, all granted."""
    handset = Handset(receive_slots=2)
    handset.enter()
    for stream_id in stream_ids:
        play = sent(Play, handset.handle(PlayWanted(stream_id)))
        handset.hear(Ok(play.id))
    return handset


def test_one_stream_more_than_there_are_slots_waits() -> None:
    handset = crowded("s1", "s2")
    outputs = handset.handle(PlayWanted("s3"))
    assert sent(Play, outputs).slot is None
    assert of(BindSlot, outputs) == []


def test_who_waits_is_played_as_the_others_are() -> None:
    handset = crowded("s1", "s2", "s3")
    handset.handle(MediaChanged(is_up=True))
    outputs = handset.hear(PlayState("s3", playing=True))
    assert player_states(outputs) == [("s3", PlayerState.PLAYING, 0)]


def test_a_slot_carries_what_the_server_says() -> None:
    handset = crowded("s1", "s2", "s3")
    assert handset.hear(SlotBound(1, "s3", 700)) == [BindSlot(1, "s3", 700)]
    assert handset.handle(StopWanted("s2"))[0] != BindSlot(1, None)
    assert handset.handle(StopWanted("s3"))[0] == BindSlot(1, None)
    assert sent(Play, handset.handle(PlayWanted("s4"))).slot == 1


def test_nobody_overtakes_those_who_wait() -> None:
    handset = crowded("s1", "s2", "s3")
    handset.handle(StopWanted("s1"))
    assert sent(Play, handset.handle(PlayWanted("s4"))).slot is None
    assert handset.hear(SlotBound(0, "s3", 700)) == [BindSlot(0, "s3", 700)]


def test_a_slot_given_to_a_stream_that_was_stopped_meanwhile_is_free() -> None:
    handset = crowded("s1", "s2", "s3")
    handset.handle(StopWanted("s3"))
    assert handset.hear(SlotBound(0, "s3", 700)) == [BindSlot(0, None)]
    assert handset.hear(SlotBound(0, "s1", 710)) == [BindSlot(0, "s1", 710)]


def test_a_resumed_session_has_the_slots_the_server_says() -> None:
    handset = crowded("s1", "s2", "s3")
    played = [PlayedEntry("s1", None, True), PlayedEntry("s2", 1, True)]
    played.append(PlayedEntry("s3", 0, True))
    handset.handle(ConnectionLost())
    handset.wait()
    login = sent(Login, handset.hear(Hello("cd" * 32)))
    outputs = handset.hear(
        LoggedIn(login.id, "life-1", resumed=True, played=tuple(played))
    )
    assert of(BindSlot, outputs) == [BindSlot(0, "s3")]
    assert all_sent(Play, outputs) + all_sent(Stop, outputs) == []


def test_the_slot_used_next_is_the_one_free_longest() -> None:
    handset = Handset(receive_slots=3)
    handset.enter()
    handset.handle(PlayWanted("s1"))
    handset.handle(StopWanted("s1"))
    assert sent(Play, handset.handle(PlayWanted("s2"))).slot == 1


def test_stopping_tells_the_server_and_the_application() -> None:
    handset = Handset()
    handset.enter()
    playing(handset)
    outputs = handset.handle(StopWanted("bob-1"))
    assert player_states(outputs) == [("bob-1", PlayerState.NO_PLAY, 0)]
    assert of(BindSlot, outputs) == [BindSlot(0, None)]
    assert sent(Stop, outputs).stream_id == "bob-1"


def test_unpublishing_closes_the_microphone_first() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    outputs = handset.handle(UnpublishWanted())
    assert sent(Unpublish, outputs).stream_id == "alice-1"
    assert of(GateMicrophone, outputs) == [GateMicrophone(is_open=False)]
    assert publisher_states(outputs) == [(PublisherState.NO_PUBLISH, 0)]


def test_unpublishing_nothing_does_nothing() -> None:
    handset = Handset()
    handset.enter()
    assert handset.handle(UnpublishWanted()) == []


def test_listeners_are_told_when_their_number_changes() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    outputs = handset.hear(Listeners("alice-1", 2))
    assert outputs == [PublisherListenersUpdate("alice-1", 2)]
    assert handset.hear(Listeners("alice-1", 2)) == []
    assert handset.hear(Listeners("another", 3)) == []
    outputs = handset.handle(UnpublishWanted())
    assert of(PublisherListenersUpdate, outputs) == [
        PublisherListenersUpdate("alice-1", 0)
    ]


def test_a_second_stream_is_refused_while_the_first_is_wanted() -> None:
    handset = Handset()
    handset.enter()
    handset.handle(PublishWanted("alice-1"))
    with pytest.raises(AlreadyPublishing):
        handset.handle(PublishWanted("alice-2"))
    handset.handle(UnpublishWanted())
    handset.handle(PublishWanted("alice-2"))


def test_a_refused_publish_ends_the_wish() -> None:
    handset = Handset()
    handset.enter()
    publish = sent(Publish, handset.handle(PublishWanted("taken")))
    outputs = handset.hear(Error(ErrorCode.STREAM_ID_TAKEN, "no", publish.id))
    code = ErrorCode.STREAM_ID_TAKEN
    assert publisher_states(outputs) == [(PublisherState.NO_PUBLISH, code)]
    assert all_sent(Publish, reconnect(handset)) == []


def test_a_refused_play_ends_the_wish_and_frees_the_slot() -> None:
    handset = Handset(receive_slots=1)
    handset.enter()
    play = sent(Play, handset.handle(PlayWanted("bob-1")))
    outputs = handset.hear(Error(ErrorCode.TOO_MANY_PLAYED, "no", play.id))
    code = ErrorCode.TOO_MANY_PLAYED
    assert player_states(outputs) == [("bob-1", PlayerState.NO_PLAY, code)]
    assert of(BindSlot, outputs) == [BindSlot(0, None)]
    handset.handle(PlayWanted("carol-1"))


LOST = RoomStateChanged(
    "lobby", RoomStateReason.RECONNECTING, ErrorCode.CONNECTION_BROKEN
)


def test_the_sound_outlives_the_signalling() -> None:
    handset = talking_and_hearing()
    outputs = handset.handle(ConnectionLost())
    assert events(outputs) == [LOST]
    assert not of(CloseMedia, outputs) + of(GateMicrophone, outputs)


def test_a_resumed_session_has_nothing_to_ask_for() -> None:
    handset = talking_and_hearing()
    handset.handle(ConnectionLost())
    handset.wait()
    login = sent(Login, handset.hear(Hello("cd" * 32)))
    reply = LoggedIn(
        id=login.id,
        room_session_id="life-1",
        users=(BOB,),
        streams=(BOB_STREAM,),
        resumed=True,
        published=("alice-1",),
        played=(PlayedEntry("bob-1", 0, playing=True),),
    )
    outputs = handset.hear(reply)
    assert [event.reason for event in of(RoomStateChanged, outputs)] == [
        RoomStateReason.RECONNECTED
    ]
    assert len(events(outputs)) == 1
    assert not of(OpenMedia, outputs)
    assert not all_sent(Publish, outputs) + all_sent(Play, outputs)


def test_a_resumed_session_is_brought_to_what_was_wished_meanwhile() -> None:
    handset = talking_and_hearing()
    handset.handle(ConnectionLost())
    handset.handle(UnpublishWanted())
    handset.handle(StopWanted("bob-1"))
    handset.handle(PublishWanted("alice-2"))
    handset.handle(PlayWanted("carol-1"))
    handset.wait()
    login = sent(Login, handset.hear(Hello("cd" * 32)))
    reply = LoggedIn(
        id=login.id,
        room_session_id="life-1",
        resumed=True,
        published=("alice-1",),
        played=(PlayedEntry("bob-1", 0, playing=True),),
    )
    outputs = handset.hear(reply)
    assert sent(Unpublish, outputs).stream_id == "alice-1"
    assert sent(Stop, outputs).stream_id == "bob-1"
    assert sent(Publish, outputs).stream_id == "alice-2"
    assert sent(Play, outputs).stream_id == "carol-1"


@pytest.mark.parametrize("slot", [0, 1])
def test_what_was_published_anew_meanwhile_is_published_anew_at_the_server(
    slot: int,
) -> None:
    handset = talking_and_hearing()
    handset.handle(ConnectionLost())
    handset.handle(UnpublishWanted())
    handset.handle(PublishWanted("alice-1", slot))
    outputs = resume(handset, published=("alice-1",))
    assert publisher_states(outputs) == []
    requests = [o.message for o in outputs if isinstance(o, Transmit)]
    unpublish, publish = (m for m in requests if isinstance(m, Unpublish | Publish))
    assert isinstance(unpublish, Unpublish)
    assert isinstance(publish, Publish)
    assert (publish.stream_id, publish.slot) == ("alice-1", slot)
    outputs = handset.hear(Ok(publish.id))
    assert publisher_states(outputs) == [(PublisherState.PUBLISHING, 0)]


def test_a_publish_whose_answer_was_lost_is_asked_for_anew() -> None:
    handset = Handset()
    handset.enter()
    handset.handle(PublishWanted("alice-1"))
    handset.handle(ConnectionLost())
    outputs = resume(handset, published=("alice-1",))
    assert sent(Unpublish, outputs).stream_id == "alice-1"
    publish = sent(Publish, outputs)
    assert publisher_states(handset.hear(Ok(publish.id))) == [
        (PublisherState.PUBLISHING, 0)
    ]


def resume(handset: Handset, *, published: tuple[str, ...]) -> list[Output]:
    """Be let in again by a server that kept these."""
    handset.wait()
    login = sent(Login, handset.hear(Hello("cd" * 32)))
    return handset.hear(LoggedIn(login.id, "life-1", resumed=True, published=published))


def test_a_server_that_knows_nothing_any_more_is_asked_for_everything() -> None:
    handset = talking_and_hearing()
    handset.handle(ConnectionLost())
    assert handset.wait() == [Connect()]
    outputs = handset.let_in((BOB,), (BOB_STREAM,), nonce="cd" * 32)
    assert events(outputs) == [
        RoomStateChanged(
            "lobby", RoomStateReason.RECONNECTED, 0, {"room_session_id": "life-1"}
        ),
        PublisherListenersUpdate("alice-1", 0),
        PublisherStateUpdate(
            "alice-1",
            PublisherState.PUBLISH_REQUESTING,
            ErrorCode.PUBLISH_INTERRUPTED,
        ),
        PlayerStateUpdate(
            "bob-1", PlayerState.PLAY_REQUESTING, ErrorCode.PLAY_INTERRUPTED
        ),
    ]
    assert of(CloseMedia, outputs)
    assert of(OpenMedia, outputs)
    publish, play = sent(Publish, outputs), sent(Play, outputs)
    assert (publish.stream_id, play.stream_id, play.slot) == ("alice-1", "bob-1", 0)
    handset.hear(Ok(publish.id))
    handset.hear(Ok(play.id))
    handset.hear(PlayState("bob-1", playing=True))
    outputs = handset.handle(MediaChanged(is_up=True))
    assert publisher_states(outputs) == [(PublisherState.PUBLISHING, 0)]
    assert player_states(outputs) == [("bob-1", PlayerState.PLAYING, 0)]


def test_what_is_wished_during_a_loss_is_asked_for_after_it() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    playing(handset)
    handset.handle(ConnectionLost())
    outputs = handset.handle(UnpublishWanted())
    outputs += handset.handle(StopWanted("bob-1"))
    outputs += handset.handle(PublishWanted("alice-2"))
    outputs += handset.handle(PlayWanted("carol-1"))
    assert all_sent(Unpublish, outputs) == []
    assert all_sent(Publish, outputs) == []
    handset.wait()
    outputs = handset.let_in()
    assert sent(Publish, outputs).stream_id == "alice-2"
    assert sent(Play, outputs).stream_id == "carol-1"


def test_what_is_wished_before_the_login_is_done_is_asked_for_after_it() -> None:
    handset = Handset()
    handset.log_in()
    handset.handle(PublishWanted("alice-1"))
    handset.handle(PlayWanted("bob-1"))
    outputs = handset.let_in()
    assert sent(Publish, outputs).stream_id == "alice-1"
    assert sent(Play, outputs).stream_id == "bob-1"


def test_the_refusal_of_a_publish_taken_back_does_not_hit_the_next() -> None:
    handset = Handset()
    handset.enter()
    first = sent(Publish, handset.handle(PublishWanted("alice-1")))
    handset.handle(UnpublishWanted())
    second = sent(Publish, handset.handle(PublishWanted("alice-1")))
    assert handset.hear(Error(ErrorCode.STREAM_ID_TAKEN, "no", first.id)) == []
    outputs = handset.hear(Ok(second.id))
    assert publisher_states(outputs) == [(PublisherState.PUBLISHING, 0)]


def test_the_listeners_of_a_publication_taken_back_are_not_the_nexts() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    handset.handle(UnpublishWanted())
    handset.handle(PublishWanted("alice-1"))
    assert handset.hear(Listeners("alice-1", 3)) == []


def test_the_state_of_a_play_taken_back_is_not_the_nexts() -> None:
    handset = Handset()
    handset.enter()
    first = sent(Play, handset.handle(PlayWanted("bob-1")))
    handset.handle(StopWanted("bob-1"))
    second = sent(Play, handset.handle(PlayWanted("bob-1")))
    assert handset.hear(Ok(first.id)) == []
    assert handset.hear(PlayState("bob-1", playing=True)) == []
    handset.hear(Ok(second.id))
    outputs = handset.hear(PlayState("bob-1", playing=True))
    assert player_states(outputs) == [("bob-1", PlayerState.PLAYING, 0)]


def test_the_refusal_of_a_play_taken_back_does_not_hit_the_next() -> None:
    handset = Handset()
    handset.enter()
    first = sent(Play, handset.handle(PlayWanted("bob-1")))
    handset.handle(StopWanted("bob-1"))
    handset.handle(PlayWanted("bob-1"))
    assert handset.hear(Error(ErrorCode.TOO_MANY_PLAYED, "no", first.id)) == []
