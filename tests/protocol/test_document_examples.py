"""The examples of docs/protocol.md are played on a real server's machines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, get_args

import pytest

from intercomd.protocol import (
    token,
)
from intercomd.protocol.admission import TokenRules
from intercomd.protocol.messages import (
    RECEIVE_SLOTS_MAX,
    Answer,
    Barrage,
    Broadcast,
    ClientMessage,
    Command,
    MicState,
    Play,
    Publish,
    Report,
    ServerMessage,
    SetRoomExtraInfo,
    SetStreamExtraInfo,
    Transparent,
    Unpublish,
    UserEntry,
)
from intercomd.protocol.room_events import (
    Adopt,
    Departed,
    Dropped,
    HangUp,
    Input,
    Joined,
    MediaChanged,
    Output,
    Requested,
    Send,
    TimePassed,
)
from intercomd.protocol.rooms import Rooms
from intercomd.protocol.server_session import Negotiate, ServerSession, SessionLimits
from intercomd.protocol.wire import (
    CloseCode,
    decode_client_message,
    decode_server_message,
)
from tests.protocol.document import block, section

ALICE, BOB, CAROL = 1, 2, 3
NONCE = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
APP_ID, APP_SIGN = 1234, "0123456789abcdef" * 4
NONCE_2 = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
KEYS = ("5f3c9a7e1b2d4068a1c3e5f708192a3b", "c0de5a7e9d8c7b6a5f4e3d2c1b0a9988")
SECRET = "0123456789abcdef0123456789abcdef"
UNIX_S, EXPIRES_IN_S = 1_700_000_000, 3600
HEARTBEAT_S = 100.0


def joined(session: int, name: str) -> Joined:
    return Joined(session, 1, APP_ID, "lobby", UserEntry(name.lower(), name))


class Stage:
    """A server on which an example is played; `heard` is what Alice is sent."""

    def __init__(self) -> None:
        self.heard: list[ServerMessage] = []
        self.closed: list[CloseCode] = []
        self.now = 0.0
        self._keys = [""]  # Bob's
        self._is_connected = True
        self.rooms = Rooms(
            heartbeat_timeout_s=HEARTBEAT_S,
            max_members=0,
            announced_members=500,
            plays_max=64,
            new_id=lambda: "0c5d1f6e8a7b4932",
            new_key=lambda: self._keys.pop(0) if self._keys else "",
            wall_ms=lambda: 1_700_000_000_000,
        )
        self.connect(ALICE, NONCE)
        self.tell(joined(BOB, "Bob"))
        self.tell(Requested(BOB, Publish(2, "bob-1")))
        self.tell(MediaChanged(BOB, RECEIVE_SLOTS_MAX))
        self._keys = list(KEYS)

    def connect(self, session: int, nonce: str) -> None:
        """Alice makes a connection."""
        self.session = ServerSession(
            session,
            app_signs={APP_ID: APP_SIGN},
            nonce=nonce,
            limits=SessionLimits(),
            now=self.now,
            token_rules={APP_ID: TokenRules(SECRET)},
            wall_offset_s=UNIX_S,
        )
        self._is_connected = True
        self.heard.append(self.session.hello)

    def cut(self) -> None:
        """Alice's connection breaks."""
        self._is_connected = False
        self.tell(Dropped(ALICE))

    def wait(self, seconds: float) -> None:
        """Time goes by, for Alice's token too."""
        self.now += seconds
        for output in self.session.handle_deadline(self.now):
            assert isinstance(output, Send)
            self._perform(output)

    def say(self, text: str) -> None:
        """Alice sends this frame."""
        for output in self.session.handle(text, self.now):
            match output:
                case Send() | HangUp():
                    self._perform(output)
                case Negotiate(_, request_id):
                    self.heard.append(Answer(request_id, "v=0 (the answer)"))
                case _:
                    self.tell(output)

    def tell(self, *events: Input) -> None:
        """Something happens in the rooms."""
        for event in events:
            for output in self.rooms.handle(event, self.now):
                self._perform(output)

    def _perform(self, output: Output) -> None:
        match output:
            case Adopt(session):
                self.session.session = session
            case Send(session, message) if session == self.session.session:
                if self._is_connected:
                    self.heard.append(message)
            case HangUp(session, code) if session == self.session.session:
                self.closed.append(code)
            case _:
                pass


def bob_says_it_all(stage: Stage) -> None:
    stage.tell(
        Requested(BOB, SetStreamExtraInfo(4, "bob-1", "cellar")),
        Requested(BOB, SetRoomExtraInfo(5, "topic", "wine")),
        Requested(BOB, Broadcast(6, "hello")),
        Requested(BOB, Barrage(7, "?")),
        Requested(BOB, Command(8, "ring")),
        Requested(BOB, Transparent(9, bytes(range(3)))),
    )


def bob_breaks(stage: Stage) -> None:
    stage.tell(Dropped(BOB))
    stage.now += HEARTBEAT_S
    stage.tell(TimePassed())


ELSEWHERE: dict[str, Callable[[Stage], None]] = {
    "Alice's media connection comes up": lambda stage: stage.tell(
        MediaChanged(ALICE, RECEIVE_SLOTS_MAX)
    ),
    "Bob mutes his microphone": lambda stage: stage.tell(
        Requested(BOB, MicState(9, "bob-1", 10))
    ),
    "Bob says how his ways are": lambda stage: stage.tell(
        Requested(BOB, Report(10, 0, 5))
    ),
    "Bob plays alice-1": lambda stage: stage.tell(
        Requested(BOB, Play(3, "alice-1", 0))
    ),
    "Bob says it all too": bob_says_it_all,
    "Carol enters": lambda stage: stage.tell(joined(CAROL, "Carol")),
    "Bob stops publishing": lambda stage: stage.tell(
        Requested(BOB, Unpublish(4, "bob-1"))
    ),
    "Bob's connection breaks, and 100 s go by": bob_breaks,
    "the server closes with 1000": lambda stage: stage.closed.remove(CloseCode.NORMAL),
    "59 min 30 s later": lambda stage: stage.wait(EXPIRES_IN_S - 30),
    "Alice's WebSocket breaks; her media connection does not": Stage.cut,
    "meanwhile Bob stops publishing": lambda stage: stage.tell(
        Requested(BOB, Unpublish(4, "bob-1"))
    ),
    "a moment later Alice connects again": lambda stage: stage.connect(11, NONCE_2),
    "Alice closes the WebSocket with 1001 and is out": lambda stage: stage.tell(
        Departed(ALICE)
    ),
}


UNUSUAL = {"Kicked", "LoggedInMore", "SlotBound", "PublishEnded", "PlayEnded"}


@pytest.mark.parametrize("example", ["session", "resumed"])
def test_the_examples_are_what_really_happens(example: str) -> None:
    stage = Stage()
    for line in block(example).splitlines():
        who, _, text = line.partition(" ")
        match who:
            case "C":
                assert not stage.heard, f"left out before {text}"
                stage.say(text)
            case "S":
                assert stage.heard, f"never sent: {text}"
                assert decode_server_message(text) == stage.heard.pop(0)
            case _:
                assert who == "--"
                assert not stage.heard, f"left out before {text}"
                ELSEWHERE[text](stage)
    assert not stage.heard
    assert not stage.closed
    assert not stage.rooms.has(ALICE)


def test_the_tokens_of_the_example_say_what_the_page_tells_of_them() -> None:
    texts = re.findall(r'"token":"(\w[^"]+)"', block("resumed"))
    first, renewed, again = (
        token.verify(text, SECRET, app_id=APP_ID, user_id="alice", now=UNIX_S)
        for text in texts
    )
    assert (first.created_at, first.expires_at) == (UNIX_S, UNIX_S + EXPIRES_IN_S)
    assert renewed == again
    assert renewed.created_at == first.expires_at - 30
    assert first.privileges.room_id == "lobby"
    assert first.privileges.stream_ids == frozenset({"alice-1"})
    assert f"`{SECRET}`" in section("A token and a resumed session")


def test_the_examples_show_every_message_but_the_unusual() -> None:
    blocks = block("session") + block("resumed")
    lines = [line.partition(" ") for line in blocks.splitlines()]
    shown: set[Any] = set()
    for who, _, text in lines:
        if who == "S":
            shown.add(type(decode_server_message(text)))
        elif who == "C" and "dance" not in text:
            shown.add(type(decode_client_message(text)))
    every = set(get_args(ClientMessage) + get_args(ServerMessage))
    assert {kind.__name__ for kind in every - shown} == UNUSUAL
