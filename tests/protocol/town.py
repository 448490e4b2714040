"""A whole town in memory: one server, many clients, wires that break, virtual time.

Real machines at both ends and real JSON in between; sockets, media connections and
the clock are make-believe.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable

from intercomd.domain.errors import IntercomError
from intercomd.domain.events import (
    Event,
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
    UpdateType,
    User,
)
from intercomd.protocol import client_events as client
from intercomd.protocol import room_events as server
from intercomd.protocol.client_calls import CallSettled
from intercomd.protocol.client_session import ClientSession
from intercomd.protocol.credentials import Credentials
from intercomd.protocol.messages import (
    RECEIVE_SLOTS_MAX,
    Answer,
    ClientMessage,
    ServerMessage,
)
from intercomd.protocol.rooms import Rooms
from intercomd.protocol.server_session import (
    Negotiate,
    ServerSession,
    SessionLimits,
)
from intercomd.protocol.wire import decode_server_message, encode

APP_ID, APP_SIGN = 1, "0123456789abcdef" * 4
LATENCY_S = (0.001, 0.05)
NOTICE_S = (0.0, 12.0)
"""How long an end may take to notice that a wire is cut."""
PROMPT_S, LATE_S = (0.0, 0.02), (8.0, 9.0)
"""How long an offer or answer takes; a client gives up an offer after 8 s."""
MEDIA_S = 0.04


class Town:
    """The clock, and everything that is to happen, in order."""

    def __init__(self, seed: int, *, late_answers: float = 0.0) -> None:
        """`late_answers` is the share of offers answered when it is too late."""
        self.now = 0.0
        self.late_answers = late_answers
        self.random = random.Random(seed)
        self.server = RoomServer(self)
        self.clients: list[Client] = []
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Do this in so many seconds."""
        entry = (self.now + delay_s, next(self._order), action)
        heapq.heappush(self._agenda, entry)

    def run(self, seconds: float) -> None:
        """Let so many seconds go by."""
        end = self.now + seconds
        while self._agenda and self._agenda[0][0] <= end:
            self.now, _, action = heapq.heappop(self._agenda)
            action()
        self.now = end

    def delay_s(self, bounds: tuple[float, float]) -> float:
        return self.random.uniform(*bounds)


class Wire:
    """One connection: in order, until it is closed or cut."""

    def __init__(self, town: Town, owner: Client, session: ServerSession) -> None:
        self.session = session
        self._town = town
        self._owner = owner
        self._latency_s = town.delay_s(LATENCY_S)
        self._is_cut = False

    def up(self, message: ClientMessage) -> None:
        """Carry a message to the server."""
        text = encode(message)
        self._carry(lambda: self._town.server.receive(self, text))

    def down(self, message: ServerMessage) -> None:
        """Carry a message to the client."""
        text = encode(message)
        self._carry(lambda: self._owner.receive(self, decode_server_message(text)))

    def close_up(self) -> None:
        """The client closes, behind everything it sent."""
        self._carry(lambda: self._town.server.lose(self))

    def close_down(self) -> None:
        """The server closes, behind everything it sent."""
        self._carry(lambda: self._owner.lose(self))
        self._town.after(self._latency_s, lambda: self._town.server.lose(self))

    def cut(self) -> None:
        """Nothing arrives any more; each end notices in its own time."""
        if self._is_cut:
            return
        self._is_cut = True
        notice_s = self._town.delay_s
        self._town.after(notice_s(NOTICE_S), lambda: self._owner.lose(self))
        self._town.after(notice_s(NOTICE_S), lambda: self._town.server.lose(self))

    def _carry(self, deliver: Callable[[], None]) -> None:
        self._town.after(self._latency_s, lambda: None if self._is_cut else deliver())


class RoomServer:
    """The shell of `Rooms` and its sessions."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._session_ids = itertools.count(1)
        self._lives = itertools.count(1)
        self._wires: dict[server.SessionId, Wire] = {}
        self._media: dict[server.SessionId, str] = {}
        self.routes: dict[tuple[int, int], tuple[int, int]] = {}
        self.rooms = self._new_rooms()

    def accept(self, owner: Client) -> Wire:
        """A client connects."""
        session = ServerSession(
            next(self._session_ids),
            app_signs={APP_ID: APP_SIGN},
            nonce=f"{self._town.random.getrandbits(256):064x}",
            limits=SessionLimits(),
            now=self._town.now,
        )
        wire = self._wires[session.session] = Wire(self._town, owner, session)
        wire.down(session.hello)
        return wire

    def receive(self, wire: Wire, text: str) -> None:
        """A client's frame arrived."""
        if self._wires.get(wire.session.session) is not wire:
            return
        for output in wire.session.handle(text, self._town.now):
            match output:
                case server.Send(_, message):
                    wire.down(message)
                case server.HangUp():
                    wire.close_down()
                case Negotiate():
                    self._negotiate(output)
                case _:
                    self._tell(output)

    def lose(self, wire: Wire) -> None:
        """A connection is over, or noticed to be."""
        session = wire.session.session
        if self._wires.get(session) is wire:
            del self._wires[session]
            self._tell(server.Dropped(session))

    def restart(self) -> None:
        """Everything is forgotten and every connection gone."""
        wires = list(self._wires.values())
        self._wires.clear()
        self._media.clear()
        self.routes.clear()
        self.rooms = self._new_rooms()
        for wire in wires:
            wire.cut()

    def media_changed(self, session: server.SessionId, sdp: str, *, up: bool) -> None:
        """A media connection came up or died, if it is still the session's."""
        if self._media.get(session) == sdp:
            self._tell(server.MediaChanged(session, RECEIVE_SLOTS_MAX if up else None))

    def _new_rooms(self) -> Rooms:
        return Rooms(
            heartbeat_timeout_s=100.0,
            max_members=0,
            announced_members=500,
            plays_max=64,
            new_id=lambda: f"life-{next(self._lives)}",
            new_key=lambda: f"key-{next(self._lives)}",
            wall_ms=lambda: int(self._town.now * 1000),
        )

    def _negotiate(self, offer: Negotiate) -> None:
        session = offer.session
        if session in self._media:
            self._tell(server.MediaChanged(session, None))
        self._media[session] = offer.sdp

        def answer() -> None:
            if session in self._wires:
                self._wires[session].down(Answer(offer.request_id, offer.sdp))

        is_late = self._town.random.random() < self._town.late_answers
        self._town.after(self._town.delay_s(LATE_S if is_late else PROMPT_S), answer)

    def _tell(self, event: server.Input) -> None:
        for output in self.rooms.handle(event, self._town.now):
            match output:
                case server.Send(session, message) if session in self._wires:
                    self._wires[session].down(message)
                case server.HangUp(session) if session in self._wires:
                    self._wires.pop(session).close_down()
                case server.Adopt(session, by):
                    self._adopt(session, by)
                case server.CloseMedia(session):
                    self._media.pop(session, None)
                case server.Route(source, source_slot, target, target_slot):
                    self.routes[target, target_slot] = (source, source_slot)
                case server.Unroute(target, target_slot):
                    del self.routes[target, target_slot]
                case _:
                    pass
        self._arm()

    def _adopt(self, session: server.SessionId, by: server.SessionId) -> None:
        old = self._wires.pop(session, None)
        if old is not None:
            old.close_down()
        wire = self._wires.pop(by)
        wire.session.session = session
        self._wires[session] = wire

    def _arm(self) -> None:
        deadline, rooms = self.rooms.deadline, self.rooms
        if deadline is not None:
            delay_s = max(0.0, deadline - self._town.now)
            self._town.after(
                delay_s,
                lambda: (
                    self._tell(server.TimePassed()) if rooms is self.rooms else None
                ),
            )


class Client:
    """The shell of a `ClientSession`, and an application that plays everybody.

    It notes what it was told, and that nothing came or went twice in a row.
    """

    def __init__(self, town: Town, name: str) -> None:
        self.name = name
        self.stream_id = f"{name}-1"
        self.reasons: list[RoomStateReason] = []
        self.users: set[str] = set()
        self.streams: set[str] = set()
        self.players: dict[str, PlayerState] = {}
        self.publisher = PublisherState.NO_PUBLISH
        self.listeners = 0
        self.is_reachable = True
        self._town = town
        self._wire: Wire | None = None
        self._media: str | None = None
        self._media_numbers = itertools.count(1)
        self._outputs: deque[client.Output] = deque()
        self._is_performing = False
        self._session = ClientSession(
            Credentials(APP_ID, APP_SIGN),
            receive_slots=16,
            retry_time_s=1200.0,
            chance=town.random.random,
        )
        town.clients.append(self)

    def enter(self) -> None:
        """Log in and publish, unless that is what is wanted already."""
        if self._session.room_id is not None:
            return
        self.handle(client.LoginWanted("lobby", User(self.name), True))
        self.handle(client.PublishWanted(self.stream_id))

    def leave(self) -> None:
        """Log out."""
        self.handle(client.LogoutWanted())

    def cut(self) -> None:
        """The network fails under the connection there is."""
        if self._wire is not None:
            self._wire.cut()

    def isolate(self, seconds: float) -> None:
        """No network for a while."""
        self.is_reachable = False
        self.cut()
        self._town.after(seconds, lambda: setattr(self, "is_reachable", True))

    def lose_media(self) -> None:
        """The media connection dies and both ends notice, each in its time."""
        sdp, wire = self._media, self._wire
        if sdp is None or wire is None:
            return
        town, session = self._town, wire.session.session
        town.after(
            town.delay_s(NOTICE_S),
            lambda: town.server.media_changed(session, sdp, up=False),
        )
        town.after(
            town.delay_s((0.0, 1.0)),
            lambda: self._if_current(sdp, client.MediaChanged(is_up=False)),
        )

    def receive(self, wire: Wire, message: ServerMessage) -> None:
        """A server's message arrived on this wire."""
        if wire is self._wire:
            self.handle(client.Received(message))

    def lose(self, wire: Wire) -> None:
        """This wire is over, or noticed to be."""
        if wire is self._wire:
            self._wire = None
            self.handle(client.ConnectionLost())

    def handle(self, event: client.Input) -> None:
        """Tell the machine, and do what it says, in order also when nested."""
        self._outputs += self._session.handle(event, self._town.now)
        if not self._is_performing:
            self._is_performing = True
            while self._outputs:
                self._perform(self._outputs.popleft())
            self._is_performing = False
        self._arm()

    def _perform(self, output: client.Output) -> None:
        match output:
            case client.Connect():
                self._connect()
            case client.Disconnect():
                if self._wire is not None:
                    self._wire.close_up()
                    self._wire = None
            case client.Transmit(message):
                if self._wire is not None:
                    self._wire.up(message)
            case client.OpenMedia():
                self._offer()
            case client.AcceptMedia(sdp):
                assert sdp == self._media, "an answer to another offer"
                self._town.after(MEDIA_S, lambda: self._media_up(sdp))
            case client.CloseMedia():
                self._media = None
            case client.BindSlot() | client.GateMicrophone() | client.TokenRenewed():
                pass
            case client.MigrateMedia() | client.ProbeConnection():
                pass  # the town's media never falls silent: it is up or down
            case CallSettled() | client.PublisherReported():
                pass  # this application says nothing
            case _:
                self._note(output)

    def _arm(self) -> None:
        deadline = self._session.deadline
        if deadline is not None:
            self._town.after(max(0.0, deadline - self._town.now), self._wake)

    def _wake(self) -> None:
        deadline = self._session.deadline
        if deadline is not None and deadline <= self._town.now:
            self.handle(client.TimePassed())

    def _connect(self) -> None:
        self._wire = self._town.server.accept(self)
        if not self.is_reachable:
            self._wire.cut()

    def _offer(self) -> None:
        self._media = sdp = f"{self.name} {next(self._media_numbers)}"
        self._town.after(
            self._town.delay_s(PROMPT_S),
            lambda: self._if_current(sdp, client.MediaOffered(sdp)),
        )

    def _media_up(self, sdp: str) -> None:
        if self._media == sdp and self._wire is not None:
            session = self._wire.session.session
            self._town.server.media_changed(session, sdp, up=True)
            self.handle(client.MediaChanged(is_up=True))

    def _if_current(self, sdp: str, event: client.Input) -> None:
        if self._media == sdp:
            self.handle(event)

    def _note(self, event: Event) -> None:
        match event:
            case RoomStateChanged(_, reason):
                self._note_room(reason)
            case RoomUserUpdate(_, update, users):
                _alternate(self.users, update, [user.user_id for user in users])
            case RoomStreamUpdate(_, update, streams):
                stream_ids = [stream.stream_id for stream in streams]
                _alternate(self.streams, update, stream_ids)
                for stream_id in stream_ids:
                    self._follow(stream_id, update)
            case PlayerStateUpdate(stream_id, state):
                self.players[stream_id] = state
            case PublisherStateUpdate(_, state):
                self.publisher = state
            case PublisherListenersUpdate(_, count):
                self.listeners = count
            case _:
                pass  # news that leave the picture as it is

    def _note_room(self, reason: RoomStateReason) -> None:
        self.reasons.append(reason)
        if reason is RoomStateReason.LOGOUT:
            self.users.clear()
            self.streams.clear()

    def _follow(self, stream_id: str, update: UpdateType) -> None:
        """What the reference asks of an application: play on ADD, stop on DELETE."""
        wish: client.Input = client.PlayWanted(stream_id)
        if update is UpdateType.DELETE:
            wish = client.StopWanted(stream_id)
        try:
            self.handle(wish)
        except IntercomError as error:
            raise AssertionError(f"{self.name}: {error}") from error


def _alternate(known: set[str], update: UpdateType, names: list[str]) -> None:
    """ADD and DELETE of each name take turns, beginning with ADD."""
    for name in names:
        assert (name in known) is (update is UpdateType.DELETE), (name, update)
        known ^= {name}
