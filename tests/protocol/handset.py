"""A `ClientSession` with a clock of its own; the test is its server and its user."""

from __future__ import annotations

from typing import TypeVar

from intercomd.domain.events import (
    Event,
    PlayerStateUpdate,
    PublisherStateUpdate,
    RoomStateChanged,
)
from intercomd.domain.room import (
    PlayerState,
    PublisherState,
    RoomStateReason,
    Stream,
    UpdateType,
    User,
)
from intercomd.protocol.client_events import (
    Connect,
    ConnectionLost,
    Input,
    LoginWanted,
    MediaChanged,
    Output,
    PlayWanted,
    PublishWanted,
    Received,
    TimePassed,
    Transmit,
)
from intercomd.protocol.client_session import ClientSession
from intercomd.protocol.credentials import Credentials
from intercomd.protocol.ladder import ClientState
from intercomd.protocol.messages import (
    ClientMessage,
    Hello,
    Listeners,
    LoggedIn,
    Login,
    Ok,
    Play,
    PlayState,
    Publish,
    ServerMessage,
    StreamEntry,
    UserEntry,
)

APP_ID = 1
APP_SIGN = "0123456789abcdef" * 4
ALICE = User("alice", "Alice")
RETRY_TIME_S = 60.0

ADD, DELETE = UpdateType.ADD, UpdateType.DELETE
BOB, CAROL = UserEntry("bob", "Bob"), UserEntry("carol", "Carol")
BOB_STREAM = StreamEntry("bob-1", BOB)
CAROL_STREAM = StreamEntry("carol-1", CAROL)

_Message = TypeVar("_Message", bound=ClientMessage)
_Output = TypeVar("_Output", bound=Output)


class Handset:
    """Every call returns what the machine wanted done; `outputs` keeps all of it."""

    def __init__(self, *, receive_slots: int = 8, chance: float = 0.5) -> None:
        self.chance = chance
        self.session = ClientSession(
            Credentials(APP_ID, APP_SIGN),
            receive_slots=receive_slots,
            retry_time_s=RETRY_TIME_S,
            chance=lambda: self.chance,
        )
        self.now = 1000.0
        self.outputs: list[Output] = []

    def handle(self, event: Input) -> list[Output]:
        """Let the machine handle it now."""
        outputs = self.session.handle(event, self.now)
        self.outputs += outputs
        return outputs

    def hear(self, message: ServerMessage) -> list[Output]:
        """The server says this."""
        return self.handle(Received(message))

    def wait(self) -> list[Output]:
        """Let time pass until the machine wants to be woken, and wake it."""
        assert self.session.deadline is not None
        self.now = max(self.now, self.session.deadline)
        return self.handle(TimePassed())

    def log_in(self) -> list[Output]:
        """The user wants in."""
        return self.handle(LoginWanted("lobby", ALICE, is_user_status_notify=True))

    def let_in(
        self,
        users: tuple[UserEntry, ...] = (),
        streams: tuple[StreamEntry, ...] = (),
        nonce: str = "ab" * 32,
    ) -> list[Output]:
        """The connection is made and the server lets the user in."""
        login = sent(Login, self.hear(Hello(nonce)))
        return self.hear(LoggedIn(login.id, "life-1", users, streams))

    def enter(
        self,
        users: tuple[UserEntry, ...] = (),
        streams: tuple[StreamEntry, ...] = (),
    ) -> list[Output]:
        """Log in, as far as being in the room with media up."""
        outputs = self.log_in() + self.let_in(users, streams)
        return outputs + self.handle(MediaChanged(is_up=True))


def sent(kind: type[_Message], outputs: list[Output]) -> _Message:
    """The one message of this kind among the outputs."""
    (message,) = all_sent(kind, outputs)
    return message


def all_sent(kind: type[_Message], outputs: list[Output]) -> list[_Message]:
    """The messages of this kind among the outputs."""
    messages = [output.message for output in outputs if isinstance(output, Transmit)]
    return [message for message in messages if isinstance(message, kind)]


def of(kind: type[_Output], outputs: list[Output]) -> list[_Output]:
    """The outputs of this kind."""
    return [output for output in outputs if isinstance(output, kind)]


def events(outputs: list[Output]) -> list[Event]:
    """What the application is told."""
    return [output for output in outputs if isinstance(output, Event)]


def a_user(entry: UserEntry) -> User:
    """The user an entry of the wire names."""
    return User(entry.user_id, entry.user_name)


def a_stream(entry: StreamEntry) -> Stream:
    """The stream an entry of the wire names."""
    return Stream(entry.stream_id, a_user(entry.user))


def room_states(outputs: list[Output]) -> list[tuple[RoomStateReason, int]]:
    """The reasons and codes told of the room."""
    changes = of(RoomStateChanged, outputs)
    return [(change.reason, change.error_code) for change in changes]


def publisher_states(outputs: list[Output]) -> list[tuple[PublisherState, int]]:
    """The states and codes told of the published stream."""
    return [(o.state, o.error_code) for o in of(PublisherStateUpdate, outputs)]


def player_states(outputs: list[Output]) -> list[tuple[str, PlayerState, int]]:
    """The streams, states and codes told of what is played."""
    updates = of(PlayerStateUpdate, outputs)
    return [(o.stream_id, o.state, o.error_code) for o in updates]


def publishing(handset: Handset, stream_id: str = "alice-1") -> None:
    """Publish as far as PUBLISHING."""
    outputs = handset.handle(PublishWanted(stream_id))
    outputs = handset.hear(Ok(sent(Publish, outputs).id))
    assert publisher_states(outputs) == [(PublisherState.PUBLISHING, 0)]


def playing(handset: Handset, stream_id: str = "bob-1") -> None:
    """Play as far as PLAYING."""
    outputs = handset.handle(PlayWanted(stream_id))
    handset.hear(Ok(sent(Play, outputs).id))
    outputs = handset.hear(PlayState(stream_id, playing=True))
    assert player_states(outputs) == [(stream_id, PlayerState.PLAYING, 0)]


def talking_and_hearing() -> Handset:
    """In the room, heard by one, and hearing Bob."""
    handset = Handset()
    handset.enter((BOB,), (BOB_STREAM,))
    publishing(handset)
    playing(handset)
    handset.hear(Listeners("alice-1", 1))
    return handset


def reconnect(
    handset: Handset,
    users: tuple[UserEntry, ...] = (),
    streams: tuple[StreamEntry, ...] = (),
) -> list[Output]:
    """Be lost, wait, connect and be let in again."""
    lost = handset.handle(ConnectionLost())
    assert of(Connect, handset.wait())
    return lost + handset.let_in(users, streams, nonce="cd" * 32)


def handset_in(state: ClientState) -> Handset:
    """A handset that was brought into this state."""
    handset = Handset()
    if state is ClientState.OUT:
        return handset
    handset.log_in()
    match state:
        case ClientState.LOGGING_IN:
            handset.hear(Hello("ab" * 32))
        case ClientState.IN | ClientState.WAITING:
            handset.let_in()
            handset.handle(MediaChanged(is_up=True))
        case ClientState.CONNECTING:
            pass
    if state is ClientState.WAITING:
        handset.handle(ConnectionLost())
    return handset
