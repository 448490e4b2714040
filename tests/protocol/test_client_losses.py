"""The client's end under losses: asked for again, told once, and never confused."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import (
    ErrorCode,
)
from intercomd.domain.events import (
    PlayerStateUpdate,
    PublisherListenersUpdate,
    PublisherStateUpdate,
    RoomStateChanged,
    RoomStreamUpdate,
    RoomUserUpdate,
)
from intercomd.domain.room import (
    PlayerState,
    PublisherState,
    RoomStateReason,
    Stream,
)
from intercomd.protocol.client_events import (
    AcceptMedia,
    CloseMedia,
    Connect,
    ConnectionLost,
    Disconnect,
    GateMicrophone,
    Input,
    LogoutWanted,
    MediaChanged,
    MediaOffered,
    MediaSilent,
    MigrateMedia,
    OpenMedia,
    Output,
    PlayWanted,
    ProbeConnection,
    PublishWanted,
    StopWanted,
    TimePassed,
    UnpublishWanted,
)
from intercomd.protocol.client_session import ClientState
from intercomd.protocol.messages import (
    Answer,
    Error,
    Hello,
    Kicked,
    Listeners,
    LoggedIn,
    Login,
    Offer,
    Ok,
    Play,
    PlayedEntry,
    PlayState,
    Publish,
    ServerMessage,
    Stop,
    StreamEntry,
    StreamUpdate,
    Unpublish,
    UserUpdate,
)
from tests.protocol.handset import (
    ADD,
    BOB,
    BOB_STREAM,
    CAROL,
    CAROL_STREAM,
    DELETE,
    RETRY_TIME_S,
    Handset,
    a_user,
    all_sent,
    events,
    handset_in,
    of,
    player_states,
    playing,
    publisher_states,
    publishing,
    reconnect,
    room_states,
    sent,
)

# Losing the connection


LOST = RoomStateChanged(
    "lobby", RoomStateReason.RECONNECTING, ErrorCode.CONNECTION_BROKEN
)


def talking_and_hearing() -> Handset:
    """In the room, heard by one, and hearing Bob."""
    handset = Handset()
    handset.enter((BOB,), (BOB_STREAM,))
    publishing(handset)
    playing(handset)
    handset.hear(Listeners("alice-1", 1))
    return handset


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


def test_only_the_differences_are_told_after_a_loss() -> None:
    handset = Handset()
    handset.enter((BOB,), (BOB_STREAM,))
    outputs = reconnect(handset, (CAROL,), (CAROL_STREAM,))
    assert [
        (type(event), event.update_type)
        for event in events(outputs)
        if isinstance(event, RoomUserUpdate | RoomStreamUpdate)
    ] == [
        (RoomUserUpdate, DELETE),
        (RoomUserUpdate, ADD),
        (RoomStreamUpdate, DELETE),
        (RoomStreamUpdate, ADD),
    ]
    outputs = reconnect(handset, (CAROL,), (CAROL_STREAM,))
    assert not of(RoomUserUpdate, outputs) + of(RoomStreamUpdate, outputs)


def test_a_stream_that_changed_hands_during_a_loss_went_and_came() -> None:
    handset = Handset()
    handset.enter((BOB, CAROL), (StreamEntry("desk", BOB),))
    outputs = reconnect(handset, (BOB, CAROL), (StreamEntry("desk", CAROL),))
    assert of(RoomStreamUpdate, outputs) == [
        RoomStreamUpdate("lobby", DELETE, (Stream("desk", a_user(BOB)),)),
        RoomStreamUpdate("lobby", ADD, (Stream("desk", a_user(CAROL)),)),
    ]


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


# Media comes and goes on its own


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


# Words that come late or make no sense


def test_a_late_reply_to_an_old_login_does_not_count_for_the_new() -> None:
    handset = Handset()
    handset.log_in()
    old = sent(Login, handset.hear(Hello("ab" * 32)))
    handset.handle(ConnectionLost())
    handset.wait()
    handset.hear(Hello("cd" * 32))
    assert handset.hear(LoggedIn(old.id, "life-1")) == []
    assert handset.hear(Error(ErrorCode.ROOM_FULL, "full", old.id)) == []
    assert handset.session.state is ClientState.LOGGING_IN


def test_late_words_of_an_old_connection_are_not_heard() -> None:
    handset = Handset()
    handset.enter()
    publish = sent(Publish, handset.handle(PublishWanted("alice-1")))
    play = sent(Play, handset.handle(PlayWanted("bob-1")))
    handset.handle(ConnectionLost())
    before = handset.session.state
    late: list[ServerMessage] = [
        Ok(publish.id),
        Error(ErrorCode.STREAM_ID_TAKEN, "no", publish.id),
        Ok(play.id),
        PlayState("bob-1", playing=True),
        Listeners("alice-1", 3),
        UserUpdate(0, (BOB,)),
        StreamUpdate(0, (BOB_STREAM,)),
        Kicked(ErrorCode.KICKED_OUT, "elsewhere"),
        Hello("ab" * 32),
    ]
    for message in late:
        assert handset.hear(message) == []
    assert handset.session.state is before


def test_late_words_of_an_old_login_are_not_for_the_next() -> None:
    handset = Handset()
    handset.enter()
    old = sent(Publish, handset.handle(PublishWanted("alice-1")))
    handset.handle(LogoutWanted())
    handset.enter()
    handset.handle(PublishWanted("alice-1"))
    assert handset.hear(Error(ErrorCode.STREAM_ID_TAKEN, "no", old.id)) == []
    assert handset.hear(Ok(old.id)) == []


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


MEANINGLESS: dict[str, ServerMessage] = {
    "an ok to nothing": Ok(4711),
    "an answer to nothing": Answer(4711, "v=0"),
    "a refusal of nothing": Error(1, "no", 4711),
    "a login reply to nothing": LoggedIn(4711, "life-2"),
    "a state of nothing": PlayState("bob-1", playing=True),
    "listeners of nothing": Listeners("alice-1", 1),
    "a second greeting": Hello("cd" * 32),
}


@pytest.mark.parametrize(
    "message",
    [*MEANINGLESS.values(), Kicked(1, ""), UserUpdate(0, (BOB,))],
    ids=[*MEANINGLESS.keys(), "a kick", "a user"],
)
def test_nothing_is_heard_outside(message: ServerMessage) -> None:
    handset = Handset()
    assert handset.hear(message) == []
    assert handset.session.state is ClientState.OUT


@pytest.mark.parametrize("message", MEANINGLESS.values(), ids=MEANINGLESS.keys())
@pytest.mark.parametrize("state", [ClientState.LOGGING_IN, ClientState.IN])
def test_a_word_that_fits_nothing_changes_nothing(
    state: ClientState, message: ServerMessage
) -> None:
    handset = handset_in(state)
    deadline = handset.session.deadline
    assert handset.hear(message) == []
    assert (handset.session.state, handset.session.deadline) == (state, deadline)


@pytest.mark.parametrize("state", ClientState)
def test_waking_too_early_changes_nothing(state: ClientState) -> None:
    handset = handset_in(state)
    assert handset.handle(TimePassed()) == []
    assert handset.session.state is state


def test_request_ids_are_never_used_twice() -> None:
    handset = Handset()
    handset.enter()
    for _ in range(5):
        handset.handle(PlayWanted("bob-1"))
        handset.handle(StopWanted("bob-1"))
    publishing(handset)
    reconnect(handset)
    ids = [
        message.id
        for kind in (Login, Offer, Publish, Unpublish, Play, Stop)
        for message in all_sent(kind, handset.outputs)
    ]
    assert len(ids) == len(set(ids)) > 10
