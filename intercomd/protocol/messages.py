"""Every message of `intercom.v1` as a type; docs/protocol.md says what each means.

JSON text, one message a frame, told apart by the field `type`.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

PROTOCOL = "intercom.v1"
SDP_CHARACTERS = 65_536
TOKEN_CHARACTERS = 4096
RECEIVE_SLOTS_MAX = 32

RequestId = Annotated[int, Meta(ge=1, le=2**31 - 1)]
"""Chosen by the client, echoed in the reply; unique among its open requests."""

Text = Annotated[str, Meta(max_length=512)]
Sdp = Annotated[str, Meta(max_length=SDP_CHARACTERS)]
TokenText = Annotated[str, Meta(max_length=TOKEN_CHARACTERS)]
SendSlot = Annotated[int, Meta(ge=0, le=1)]
ReceiveSlot = Annotated[int, Meta(ge=0, le=RECEIVE_SLOTS_MAX - 1)]
SequenceNumber = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
MicStateNumber = Annotated[int, Meta(ge=0, le=15)]
QualityNumber = Annotated[int, Meta(ge=0, le=5)]
LongText = Annotated[str, Meta(max_length=4096)]
Base64 = Annotated[bytes, Meta(max_length=4096)]
MessageId = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Milliseconds = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""Of the server's wall clock, since 1970 in UTC."""


class UserEntry(Struct, frozen=True):
    """A user, inside other messages."""

    user_id: Text
    user_name: Text = ""


class StreamEntry(Struct, frozen=True):
    """A stream and who publishes it, inside other messages."""

    stream_id: Text
    user: UserEntry
    extra_info: LongText = ""


class ExtraInfoEntry(Struct, frozen=True):
    """A room's extra info, and who set it when, inside other messages."""

    key: Text
    value: Text
    user: UserEntry
    time_ms: Milliseconds


class ChatEntry(Struct, frozen=True):
    """A broadcast or barrage message, inside other messages."""

    message: LongText
    message_id: MessageId
    user: UserEntry
    time_ms: Milliseconds


class PlayedEntry(Struct, frozen=True):
    """A stream the user plays, inside `logged_in`; with no slot it waits for one."""

    stream_id: Text
    slot: ReceiveSlot | None
    playing: bool
    mic_state: MicStateNumber = 0


class Login(Struct, frozen=True, tag="login"):
    """Enter a room. `proof` is of `authentication.proof`; the AppSign stays home."""

    id: RequestId
    app_id: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    room_id: Text
    user_id: Text
    proof: Annotated[str, Meta(max_length=64)] = ""
    user_name: Text = ""
    is_user_status_notify: bool = False
    max_member_count: Count = 0
    resume_key: Text = ""
    token: TokenText = ""


class Offer(Struct, frozen=True, tag="offer"):
    """Open the media connection, or replace it by a new one."""

    id: RequestId
    sdp: Sdp


class Publish(Struct, frozen=True, tag="publish"):
    """Announce that the sound of send slot `slot` is stream `stream_id`."""

    id: RequestId
    stream_id: Text
    slot: SendSlot = 0
    extra_info: LongText = ""
    mic_state: MicStateNumber = 0


class Unpublish(Struct, frozen=True, tag="unpublish"):
    """Stop publishing a stream."""

    id: RequestId
    stream_id: Text


class Play(Struct, frozen=True, tag="play"):
    """Ask for a stream's sound in receive slot `slot`; it need not exist yet."""

    id: RequestId
    stream_id: Text
    slot: ReceiveSlot | None = None
    muted: bool = False


class MutePlay(Struct, frozen=True, tag="mute_play"):
    """Send nothing of a played stream for now, or send it again."""

    id: RequestId
    stream_id: Text
    muted: bool


class MicState(Struct, frozen=True, tag="mic_state"):
    """Tell those who play a stream what its microphone does from now on."""

    id: RequestId
    stream_id: Text
    state: MicStateNumber


class Report(Struct, frozen=True, tag="report"):
    """Tell those who play this user's streams how its ways to the server are."""

    id: RequestId
    upstream: QualityNumber = 5
    downstream: QualityNumber = 5
    speaker_state: MicStateNumber = 0


class Stop(Struct, frozen=True, tag="stop"):
    """Stop playing a stream; its slot is free again."""

    id: RequestId
    stream_id: Text


class RenewToken(Struct, frozen=True, tag="renew_token"):
    """Let this token count for the next publish; running streams go on."""

    id: RequestId
    token: TokenText


class SetStreamExtraInfo(Struct, frozen=True, tag="set_stream_extra_info"):
    """Change the text that goes with a stream this user publishes."""

    id: RequestId
    stream_id: Text
    extra_info: LongText


class SetRoomExtraInfo(Struct, frozen=True, tag="set_room_extra_info"):
    """Set the text the room keeps for everybody, also for who comes later."""

    id: RequestId
    key: Text
    value: Text


class Broadcast(Struct, frozen=True, tag="broadcast"):
    """Tell the others in the room something; it arrives."""

    id: RequestId
    message: LongText


class Barrage(Struct, frozen=True, tag="barrage"):
    """Tell the others in the room something of little weight."""

    id: RequestId
    message: LongText


class Command(Struct, frozen=True, tag="command"):
    """Tell these users of the room something, or with no `to` all others."""

    id: RequestId
    command: LongText
    to: tuple[Text, ...] = ()


class Transparent(Struct, frozen=True, tag="transparent"):
    """Send these users of the room some bytes, or with no `to` all others."""

    id: RequestId
    content: Base64
    to: tuple[Text, ...] = ()


class Logout(Struct, frozen=True, tag="logout"):
    """Leave the room; the server closes the connection after its `ok`."""

    id: RequestId


class Hello(Struct, frozen=True, tag="hello"):
    """The server's first word. `nonce` is fresh for every connection."""

    nonce: Text
    protocol: Text = PROTOCOL
    server: Text = "intercomd"


class Ok(Struct, frozen=True, tag="ok"):
    """The request was carried out."""

    id: RequestId


class LoggedIn(Struct, frozen=True, tag="logged_in"):
    """The user is in the room, and these were there before."""

    id: RequestId
    room_session_id: Text
    users: tuple[UserEntry, ...] = ()
    streams: tuple[StreamEntry, ...] = ()
    resume_key: Text = ""
    resumed: bool = False
    published: tuple[Text, ...] = ()
    played: tuple[PlayedEntry, ...] = ()
    more: bool = False


class LoggedInMore(Struct, frozen=True, tag="logged_in_more"):
    """The lists of a `logged_in` of this ID go on; it counts once no more come."""

    id: RequestId
    users: tuple[UserEntry, ...] = ()
    streams: tuple[StreamEntry, ...] = ()
    more: bool = False


class Answer(Struct, frozen=True, tag="answer"):
    """The server's half of the media connection."""

    id: RequestId
    sdp: Sdp


class Error(Struct, frozen=True, tag="error"):
    """The request (or, with `id` null, a message that was none) was refused."""

    code: int
    message: str
    id: RequestId | None = None


class UserUpdate(Struct, frozen=True, tag="user_update"):
    """Users came (`update` 0) or went (1)."""

    update: Annotated[int, Meta(ge=0, le=1)]
    users: tuple[UserEntry, ...]


class StreamUpdate(Struct, frozen=True, tag="stream_update"):
    """Streams came (`update` 0) or went (1, with the reference's reason code)."""

    update: Annotated[int, Meta(ge=0, le=1)]
    streams: tuple[StreamEntry, ...]
    reason: int = 0


class StreamExtraInfo(Struct, frozen=True, tag="stream_extra_info"):
    """The extra info of other users' streams changed."""

    streams: tuple[StreamEntry, ...]


class PlayState(Struct, frozen=True, tag="play_state"):
    """Whether a stream asked for with `play` is being forwarded now."""

    stream_id: Text
    playing: bool
    mic_state: MicStateNumber = 0


class SlotBound(Struct, frozen=True, tag="slot_bound"):
    """The server lets a receive slot carry this stream, from `sequence` on."""

    slot: ReceiveSlot
    stream_id: Text
    sequence: SequenceNumber


class PublishEnded(Struct, frozen=True, tag="publish_ended"):
    """To a publisher: the server took back what it had granted."""

    stream_id: Text
    code: int


class PlayEnded(Struct, frozen=True, tag="play_ended"):
    """To one who plays a stream: the server took back what it had granted."""

    stream_id: Text
    code: int


class MicStateUpdate(Struct, frozen=True, tag="mic_state_update"):
    """To those who play a stream: its microphone does something else now."""

    stream_id: Text
    state: MicStateNumber


class StreamReport(Struct, frozen=True, tag="stream_report"):
    """To those who play a stream: what its publisher said in its `report`."""

    stream_id: Text
    user_id: Text
    upstream: QualityNumber
    downstream: QualityNumber
    speaker_state: MicStateNumber = 0


class Listeners(Struct, frozen=True, tag="listeners"):
    """To a publisher: how many users its stream is really forwarded to."""

    stream_id: Text
    count: Count


class TokenWillExpire(Struct, frozen=True, tag="token_will_expire"):
    """The token will have expired in so many seconds: renew it."""

    remaining_s: Count


class MessageSent(Struct, frozen=True, tag="message_sent"):
    """The message was sent to those who are in the room now."""

    id: RequestId
    message_id: MessageId


class OnlineUserCount(Struct, frozen=True, tag="online_user_count"):
    """How many users are in the room, this one included."""

    count: Count


class RoomExtraInfo(Struct, frozen=True, tag="room_extra_info"):
    """What the room keeps, after a login or because another user set it."""

    entries: tuple[ExtraInfoEntry, ...]


class BroadcastMessages(Struct, frozen=True, tag="broadcast_messages"):
    """Other users told the room something."""

    messages: tuple[ChatEntry, ...]


class BarrageMessages(Struct, frozen=True, tag="barrage_messages"):
    """Other users told the room something of little weight."""

    messages: tuple[ChatEntry, ...]


class CustomCommand(Struct, frozen=True, tag="custom_command"):
    """Another user told this one something, perhaps others too."""

    user: UserEntry
    command: LongText


class TransparentMessage(Struct, frozen=True, tag="transparent_message"):
    """Another user sent this one some bytes, perhaps others too."""

    user: UserEntry
    content: Base64


class Kicked(Struct, frozen=True, tag="kicked"):
    """The user was put out of the room and must not come back by itself."""

    code: int
    message: str


ClientMessage = (
    Login
    | Offer
    | Publish
    | Unpublish
    | Play
    | MutePlay
    | MicState
    | Report
    | Stop
    | RenewToken
    | SetStreamExtraInfo
    | SetRoomExtraInfo
    | Broadcast
    | Barrage
    | Command
    | Transparent
    | Logout
)
ServerMessage = (
    Hello
    | Ok
    | LoggedIn
    | LoggedInMore
    | Answer
    | MessageSent
    | Error
    | UserUpdate
    | StreamUpdate
    | StreamExtraInfo
    | PlayState
    | SlotBound
    | PublishEnded
    | PlayEnded
    | MicStateUpdate
    | StreamReport
    | Listeners
    | TokenWillExpire
    | OnlineUserCount
    | RoomExtraInfo
    | BroadcastMessages
    | BarrageMessages
    | CustomCommand
    | TransparentMessage
    | Kicked
)
