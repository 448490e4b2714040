"""The client's end: logging in and out, being refused, and words that make no sense."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import (
    ErrorCode,
    IntercomError,
    NotLoggedIn,
    RoomCountExceeded,
    RoomIdIncorrect,
    StreamNotPlayed,
)
from intercomd.domain.events import (
    PlayerStateUpdate,
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
from intercomd.protocol.authentication import proof
from intercomd.protocol.client_events import (
    AcceptMedia,
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
)
from intercomd.protocol.ladder import ClientState
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
    ServerMessage,
    Stop,
    StreamEntry,
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
    CAROL_STREAM,
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
