"""The client's end: logging in and out, publishing, playing, being refused."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import (
    AlreadyPublishing,
    ErrorCode,
    IntercomError,
    NotLoggedIn,
    RoomCountExceeded,
    RoomIdIncorrect,
    StreamNotPlayed,
    TooManyPlayed,
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
)
from intercomd.protocol.authentication import proof
from intercomd.protocol.client_events import (
    AcceptMedia,
    BindSlot,
    CloseMedia,
    Connect,
    ConnectionLost,
    Disconnect,
    GateMicrophone,
    Input,
    LoginWanted,
    LogoutWanted,
    MediaChanged,
    MediaOffered,
    OpenMedia,
    PlayWanted,
    PublishWanted,
    StopWanted,
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
    Logout,
    Offer,
    Ok,
    Play,
    PlayState,
    Publish,
    Stop,
    StreamUpdate,
    Unpublish,
    UserUpdate,
)
from tests.protocol.handset import (
    ADD,
    ALICE,
    APP_ID,
    APP_SIGN,
    BOB,
    BOB_STREAM,
    CAROL,
    DELETE,
    Handset,
    a_stream,
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

# Logging in


def test_a_login_connects_greets_proves_and_is_in() -> None:
    handset = Handset()
    assert handset.log_in() == [
        RoomStateChanged("lobby", RoomStateReason.LOGINING),
        Connect(),
    ]
    login = sent(Login, handset.hear(Hello("ab" * 32)))
    assert login == Login(
        id=login.id,
        app_id=APP_ID,
        room_id="lobby",
        user_id="alice",
        user_name="Alice",
        proof=proof(
            APP_SIGN,
            nonce="ab" * 32,
            app_id=APP_ID,
            room_id="lobby",
            user_id="alice",
        ),
        is_user_status_notify=True,
    )
    assert handset.hear(LoggedIn(login.id, "life-1")) == [
        RoomStateChanged(
            "lobby", RoomStateReason.LOGINED, 0, {"room_session_id": "life-1"}
        ),
        OpenMedia(),
    ]
    assert handset.session.state is ClientState.IN


def test_the_users_and_then_the_streams_there_are_told_after_logined() -> None:
    handset = Handset()
    outputs = handset.log_in() + handset.let_in((BOB, CAROL), (BOB_STREAM,))
    assert events(outputs)[1:] == [
        RoomStateChanged(
            "lobby", RoomStateReason.LOGINED, 0, {"room_session_id": "life-1"}
        ),
        RoomUserUpdate("lobby", ADD, (a_user(BOB), a_user(CAROL))),
        RoomStreamUpdate("lobby", ADD, (a_stream(BOB_STREAM),)),
    ]


def test_the_media_connection_is_offered_and_answered() -> None:
    handset = Handset()
    handset.log_in()
    assert of(OpenMedia, handset.let_in())
    offer = sent(Offer, handset.handle(MediaOffered("v=0 offer")))
    assert offer.sdp == "v=0 offer"
    assert handset.hear(Answer(offer.id, "v=0 answer")) == [AcceptMedia("v=0 answer")]
    handset.handle(MediaChanged(is_up=True))
    assert handset.session.deadline is None


def test_the_credentials_do_not_show_the_app_sign() -> None:
    assert APP_SIGN not in repr(vars(Handset().session))


# Publishing and playing


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
    assert sorted(slots) == list(range(8))


def test_one_stream_more_than_there_are_slots_is_too_many() -> None:
    handset = Handset(receive_slots=2)
    handset.enter()
    handset.handle(PlayWanted("s1"))
    handset.handle(PlayWanted("s2"))
    with pytest.raises(TooManyPlayed):
        handset.handle(PlayWanted("s3"))
    handset.handle(StopWanted("s1"))
    assert sent(Play, handset.handle(PlayWanted("s3"))).slot == 0


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


def test_who_comes_and_goes_is_told_as_it_happens() -> None:
    handset = Handset()
    handset.enter()
    assert handset.hear(UserUpdate(0, (BOB,))) == [
        RoomUserUpdate("lobby", ADD, (a_user(BOB),))
    ]
    assert handset.hear(StreamUpdate(0, (BOB_STREAM,))) == [
        RoomStreamUpdate("lobby", ADD, (a_stream(BOB_STREAM),))
    ]
    assert handset.hear(StreamUpdate(1, (BOB_STREAM,), 2)) == [
        RoomStreamUpdate(
            "lobby",
            DELETE,
            (a_stream(BOB_STREAM),),
            {
                "stream_delete_reason": [
                    {
                        "stream_id": "bob-1",
                        "code": 2,
                        "description": "heartbeat_timeout",
                    }
                ]
            },
        )
    ]
    assert handset.hear(UserUpdate(1, (BOB,))) == [
        RoomUserUpdate("lobby", DELETE, (a_user(BOB),))
    ]


# Wishes that cannot be granted


WRONG_WISHES: dict[str, tuple[bool, Input, type[IntercomError]]] = {
    "publish outside": (False, PublishWanted("a"), NotLoggedIn),
    "play outside": (False, PlayWanted("a"), NotLoggedIn),
    "stop nothing": (True, StopWanted("a"), StreamNotPlayed),
    "stop outside": (False, StopWanted("a"), StreamNotPlayed),
    "log in again": (True, LoginWanted("lobby", ALICE), RoomCountExceeded),
    "log in elsewhere": (True, LoginWanted("attic", ALICE), RoomCountExceeded),
    "log out of another": (True, LogoutWanted("attic"), RoomIdIncorrect),
    "log out of none": (False, LogoutWanted("attic"), RoomIdIncorrect),
}


@pytest.mark.parametrize(
    ("is_in", "wish", "error"), WRONG_WISHES.values(), ids=WRONG_WISHES.keys()
)
def test_a_wish_that_makes_no_sense_raises_and_changes_nothing(
    wish: Input, error: type[IntercomError], *, is_in: bool
) -> None:
    handset = Handset()
    if is_in:
        handset.enter()
    state, outputs = handset.session.state, list(handset.outputs)
    with pytest.raises(error):
        handset.handle(wish)
    assert (handset.session.state, handset.outputs) == (state, outputs)


def test_a_second_stream_is_refused_while_the_first_is_wanted() -> None:
    handset = Handset()
    handset.enter()
    handset.handle(PublishWanted("alice-1"))
    with pytest.raises(AlreadyPublishing):
        handset.handle(PublishWanted("alice-2"))
    handset.handle(UnpublishWanted())
    handset.handle(PublishWanted("alice-2"))


# Refusals of the server


@pytest.mark.parametrize(
    "code",
    [ErrorCode.APP_ID_INCORRECT, ErrorCode.APP_SIGN_INCORRECT, ErrorCode.ROOM_FULL],
)
def test_a_refused_login_is_final(code: ErrorCode) -> None:
    handset = Handset()
    handset.log_in()
    login = sent(Login, handset.hear(Hello("ab" * 32)))
    outputs = handset.hear(Error(code, "no", login.id))
    assert room_states(outputs) == [(RoomStateReason.LOGIN_FAILED, code)]
    assert of(Disconnect, outputs)
    assert handset.session.state is ClientState.OUT
    assert handset.session.deadline is None
    assert handset.handle(ConnectionLost()) == []


def test_a_login_refused_on_the_way_back_is_final_too() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    playing(handset)
    handset.handle(ConnectionLost())
    handset.wait()
    login = sent(Login, handset.hear(Hello("ab" * 32)))
    outputs = handset.hear(Error(ErrorCode.ROOM_FULL, "no", login.id))
    code = ErrorCode.ROOM_FULL
    assert room_states(outputs) == [(RoomStateReason.RECONNECT_FAILED, code)]
    assert publisher_states(outputs) == [(PublisherState.NO_PUBLISH, code)]
    assert player_states(outputs) == [("bob-1", PlayerState.NO_PLAY, code)]


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


def test_a_refused_offer_is_made_anew_after_a_wait() -> None:
    handset = Handset(chance=1.0)
    handset.log_in()
    handset.let_in()
    offer = sent(Offer, handset.handle(MediaOffered("v=0")))
    assert handset.hear(Error(ErrorCode.MEDIA_REFUSED, "no", offer.id)) == []
    assert handset.session.deadline == handset.now + 0.25
    assert handset.wait() == [OpenMedia()]


def test_a_refusal_of_nothing_in_particular_changes_nothing() -> None:
    handset = Handset()
    handset.enter()
    assert handset.hear(Error(ErrorCode.WIRE_MALFORMED, "what?")) == []
    assert handset.hear(Error(ErrorCode.WIRE_MALFORMED, "what?", 4711)) == []
    assert handset.session.state is ClientState.IN


# Being kicked


def test_a_kick_ends_the_streams_first_and_with_its_code() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    playing(handset)
    code = ErrorCode.KICKED_OUT
    outputs = handset.hear(Kicked(code, "elsewhere"))
    assert events(outputs) == [
        PublisherStateUpdate("alice-1", PublisherState.NO_PUBLISH, code),
        PlayerStateUpdate("bob-1", PlayerState.NO_PLAY, code),
        RoomStateChanged(
            "lobby",
            RoomStateReason.KICK_OUT,
            code,
            {"custom_kickout_message": "elsewhere"},
        ),
    ]
    assert of(GateMicrophone, outputs) == [GateMicrophone(is_open=False)]


def test_a_kicked_client_never_comes_back_by_itself() -> None:
    handset = Handset()
    handset.enter()
    handset.hear(Kicked(ErrorCode.KICKED_OUT, "elsewhere"))
    assert handset.session.deadline is None
    assert handset.handle(ConnectionLost()) == []
    assert handset.session.state is ClientState.OUT
    assert handset.session.room_id is None


# Logging out


@pytest.mark.parametrize("state", ClientState)
def test_every_state_is_reached_here(state: ClientState) -> None:
    assert handset_in(state).session.state is state


@pytest.mark.parametrize("room_id", [None, "lobby"])
@pytest.mark.parametrize("state", [s for s in ClientState if s is not ClientState.OUT])
def test_a_logout_is_a_logout_in_every_state(
    state: ClientState, room_id: str | None
) -> None:
    handset = handset_in(state)
    outputs = handset.handle(LogoutWanted(room_id))
    assert room_states(outputs) == [(RoomStateReason.LOGOUT, 0)]
    assert of(Disconnect, outputs)
    assert of(CloseMedia, outputs)
    assert handset.session.state is ClientState.OUT
    assert handset.session.deadline is None
    assert handset.handle(ConnectionLost()) == []
    assert handset.enter()


def test_a_logout_without_a_login_succeeds_silently() -> None:
    assert Handset().handle(LogoutWanted()) == []


@pytest.mark.parametrize(
    ("state", "is_told"),
    [
        (ClientState.CONNECTING, False),
        (ClientState.LOGGING_IN, True),
        (ClientState.IN, True),
        (ClientState.WAITING, False),
    ],
)
def test_the_server_is_told_of_a_logout_wherever_it_may_know_the_user(
    state: ClientState,
    is_told: bool,
) -> None:
    handset = handset_in(state)
    outputs = handset.handle(LogoutWanted())
    assert bool(all_sent(Logout, outputs)) is is_told


def test_a_logout_ends_the_streams_without_an_error() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    playing(handset)
    assert events(handset.handle(LogoutWanted())) == [
        PublisherStateUpdate("alice-1", PublisherState.NO_PUBLISH),
        PlayerStateUpdate("bob-1", PlayerState.NO_PLAY),
        RoomStateChanged("lobby", RoomStateReason.LOGOUT),
    ]


def test_nothing_of_one_login_is_left_for_the_next() -> None:
    handset = Handset(receive_slots=1)
    handset.enter((BOB,), (BOB_STREAM,))
    publishing(handset)
    playing(handset)
    handset.handle(LogoutWanted())
    outputs = handset.enter((BOB,), (BOB_STREAM,))
    assert len(of(RoomUserUpdate, outputs)) == len(of(RoomStreamUpdate, outputs)) == 1
    assert all_sent(Publish, outputs) == []
    assert all_sent(Play, outputs) == []
    handset.handle(PlayWanted("carol-1"))
