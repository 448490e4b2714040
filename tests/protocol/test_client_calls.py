"""What a user says to its room: settled once, whatever becomes of the connection."""

from __future__ import annotations

import pytest

from intercomd.domain.errors import (
    ErrorCode,
    IntercomError,
    MessageRoomNotSame,
    NotLoggedIn,
    RoomIdIncorrect,
)
from intercomd.domain.events import (
    RecvRoomTransparentMessage,
    RoomExtraInfoUpdate,
    RoomOnlineUserCountUpdate,
    RoomStreamExtraInfoUpdate,
)
from intercomd.domain.room import User
from intercomd.domain.room_messages import TransparentMessage
from intercomd.protocol import messages as wire
from intercomd.protocol.client_calls import (
    BarrageWanted,
    BroadcastWanted,
    CallSettled,
    CommandWanted,
    RoomExtraInfoWanted,
    TransparentWanted,
)
from intercomd.protocol.client_events import (
    ConnectionLost,
    Input,
    LogoutWanted,
    PublishWanted,
    StreamExtraInfoWanted,
    UnpublishWanted,
)
from intercomd.protocol.messages import (
    Broadcast,
    Command,
    Error,
    ExtraInfoEntry,
    MessageSent,
    Ok,
    OnlineUserCount,
    Publish,
    RoomExtraInfo,
    SetStreamExtraInfo,
    StreamEntry,
    StreamExtraInfo,
    Transparent,
)
from tests.protocol.handset import (
    BOB,
    BOB_STREAM,
    Handset,
    events,
    of,
    publishing,
    reconnect,
    sent,
)

NEWS = RoomExtraInfo((ExtraInfoEntry("topic", "tea", BOB, 1000),))


def test_a_call_is_settled_by_its_own_answer() -> None:
    handset = Handset()
    handset.enter()
    first = sent(Broadcast, handset.handle(BroadcastWanted(7, "lobby", "tea")))
    second = sent(Command, handset.handle(CommandWanted(8, "lobby", "mute")))
    assert of(CallSettled, handset.hear(Ok(second.id))) == [CallSettled(8)]
    settled = of(CallSettled, handset.hear(MessageSent(first.id, 42)))
    assert settled == [CallSettled(7, message_id=42)]
    assert handset.hear(MessageSent(first.id, 42)) == []


def test_bytes_are_sent_and_heard_as_they_are() -> None:
    handset = Handset()
    handset.enter()
    content = bytes(range(256))
    asked = handset.handle(TransparentWanted(7, "lobby", content, ("bob",)))
    request = sent(Transparent, asked)
    assert (request.content, request.to) == (content, ("bob",))
    assert handset.hear(Ok(request.id)) == [CallSettled(7)]
    request = sent(Transparent, handset.handle(TransparentWanted(8, "lobby", b"!")))
    code = ErrorCode.ROOM_CALLS_TOO_FREQUENT
    assert handset.hear(Error(code, "no", request.id)) == [CallSettled(8, code, "no")]
    assert handset.hear(wire.TransparentMessage(BOB, content)) == [
        RecvRoomTransparentMessage(
            "lobby", TransparentMessage(User("bob", "Bob"), content)
        )
    ]


def test_a_refused_call_is_settled_with_the_servers_code() -> None:
    handset = Handset()
    handset.enter()
    asked = sent(Broadcast, handset.handle(BroadcastWanted(7, "lobby", "tea")))
    code = ErrorCode.BROADCAST_TOO_FREQUENT
    outputs = handset.hear(Error(code, "slow down", asked.id))
    assert outputs == [CallSettled(7, code, "slow down")]


@pytest.mark.parametrize("end", [ConnectionLost(), LogoutWanted()])
def test_what_is_not_answered_any_more_has_failed(end: Input) -> None:
    handset = Handset()
    handset.enter()
    handset.handle(BroadcastWanted(7, "lobby", "tea"))
    handset.handle(RoomExtraInfoWanted(8, "lobby", "topic", "tea"))
    assert of(CallSettled, handset.handle(end)) == [
        CallSettled(7, ErrorCode.MESSAGE_SEND_FAILED),
        CallSettled(8, ErrorCode.CONNECTION_BROKEN),
    ]


def test_a_message_without_a_connection_is_not_kept_for_later() -> None:
    handset = Handset()
    handset.enter()
    handset.handle(ConnectionLost())
    outputs = handset.handle(BarrageWanted(7, "lobby", "!"))
    assert outputs == [CallSettled(7, ErrorCode.MESSAGE_SEND_FAILED)]


@pytest.mark.parametrize(
    ("is_in", "wish", "error"),
    [
        (False, BroadcastWanted(1, "lobby", "tea"), NotLoggedIn),
        (False, RoomExtraInfoWanted(1, "lobby", "k", "v"), NotLoggedIn),
        (True, CommandWanted(1, "attic", "mute"), MessageRoomNotSame),
        (True, RoomExtraInfoWanted(1, "attic", "k", "v"), RoomIdIncorrect),
    ],
)
def test_a_call_to_a_room_one_is_not_in_raises(
    is_in: bool, wish: Input, error: type[IntercomError]
) -> None:
    handset = Handset()
    if is_in:
        handset.enter()
    with pytest.raises(error):
        handset.handle(wish)


# News


def test_extra_info_is_told_again_after_a_reconnect_only_if_it_changed() -> None:
    handset = Handset()
    handset.enter()
    assert of(RoomExtraInfoUpdate, handset.hear(NEWS))
    reconnect(handset)
    assert handset.hear(NEWS) == []
    later = RoomExtraInfo((ExtraInfoEntry("topic", "tea", BOB, 2000),))
    assert of(RoomExtraInfoUpdate, handset.hear(later))


def test_extra_info_is_told_anew_after_another_login() -> None:
    handset = Handset()
    handset.enter()
    handset.hear(NEWS)
    handset.handle(LogoutWanted())
    handset.enter()
    assert of(RoomExtraInfoUpdate, handset.hear(NEWS))


def test_the_count_is_passed_on() -> None:
    handset = Handset()
    handset.enter()
    outputs = handset.hear(OnlineUserCount(3))
    assert outputs == [RoomOnlineUserCountUpdate("lobby", 3)]


def test_a_streams_extra_info_that_changed_in_an_absence_is_told() -> None:
    handset = Handset()
    handset.enter((BOB,), (BOB_STREAM,))
    changed = StreamEntry("bob-1", BOB, "cellar")
    told = of(RoomStreamExtraInfoUpdate, reconnect(handset, (BOB,), (changed,)))
    assert [update.streams[0].extra_info for update in told] == ["cellar"]
    assert events(handset.hear(StreamExtraInfo((changed,)))) == []


# The own stream's extra info


def test_it_goes_with_the_publication_also_after_a_reconnect() -> None:
    handset = Handset()
    handset.enter()
    assert handset.handle(StreamExtraInfoWanted(0, "kitchen")) == []
    assert sent(Publish, handset.handle(PublishWanted("a"))).extra_info == "kitchen"
    changed = handset.handle(StreamExtraInfoWanted(0, "attic"))
    assert sent(SetStreamExtraInfo, changed).extra_info == "attic"
    assert sent(Publish, reconnect(handset)).extra_info == "attic"


def test_it_outlives_what_never_was_a_stream() -> None:
    handset = Handset()
    handset.enter()
    handset.handle(StreamExtraInfoWanted(0, "kitchen"))
    handset.handle(UnpublishWanted())
    refused = sent(Publish, handset.handle(PublishWanted("taken")))
    handset.hear(Error(ErrorCode.STREAM_ID_TAKEN, "no", refused.id))
    handset.handle(PublishWanted("b"))
    handset.handle(UnpublishWanted())
    assert sent(Publish, handset.handle(PublishWanted("c"))).extra_info == "kitchen"


def test_it_ends_with_a_stream_that_stops_before_it_is_back() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    handset.handle(StreamExtraInfoWanted(0, "kitchen"))
    reconnect(handset)
    handset.handle(UnpublishWanted())
    assert sent(Publish, handset.handle(PublishWanted("b"))).extra_info == ""


def test_it_ends_with_the_stream() -> None:
    handset = Handset()
    handset.enter()
    publishing(handset)
    handset.handle(StreamExtraInfoWanted(0, "kitchen"))
    handset.handle(UnpublishWanted())
    assert sent(Publish, handset.handle(PublishWanted("b"))).extra_info == ""
