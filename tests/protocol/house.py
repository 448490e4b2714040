"""`Rooms` with a clock of its own and a letter box for each session."""

from __future__ import annotations

import itertools
from collections import defaultdict

from intercomd.protocol.messages import (
    RECEIVE_SLOTS_MAX,
    OnlineUserCount,
    ServerMessage,
    UserEntry,
)
from intercomd.protocol.room_events import (
    Dropped,
    HangUp,
    Input,
    Joined,
    MediaChanged,
    Output,
    Requested,
    RoomRequest,
    Route,
    Send,
    SessionId,
    TimePassed,
    Unroute,
)
from intercomd.protocol.rooms import Rooms
from intercomd.protocol.wire import CloseCode

ALICE, BOB, CAROL, DAVE = 1, 2, 3, 4
NAMES = {ALICE: "alice", BOB: "bob", CAROL: "carol", DAVE: "dave"}


def user(session: SessionId) -> UserEntry:
    """The user who is called as the session is."""
    return UserEntry(NAMES[session], NAMES[session].title())


class House:
    """Joins, requests and losses by session; what came of it, by session."""

    def __init__(
        self,
        *,
        heartbeat_timeout_s: float = 100.0,
        max_members: int = 0,
        announced_members: int = 500,
        plays_max: int = 64,
        key: str = "",
    ):
        lives = itertools.count(1)
        self.rooms = Rooms(
            heartbeat_timeout_s=heartbeat_timeout_s,
            max_members=max_members,
            announced_members=announced_members,
            plays_max=plays_max,
            new_id=lambda: f"life-{next(lives)}",
            new_key=lambda: key,
            wall_ms=lambda: int(self.now * 1000),
        )
        self.now = 0.0
        self.outputs: list[Output] = []
        self.hung_up: dict[SessionId, CloseCode] = {}
        self.routes: dict[tuple[SessionId, int], tuple[SessionId, int]] = {}
        self._letters: defaultdict[SessionId, list[ServerMessage]] = defaultdict(list)
        self._request_ids = itertools.count(100)

    def enter(
        self,
        *sessions: SessionId,
        as_user: str | None = None,
        room_id: str = "lobby",
        app_id: int = 1,
        is_user_status_notify: bool = True,
        max_member_count: int = 0,
        has_media: bool = True,
    ) -> None:
        """Log these sessions in, one after the other."""
        for session in sessions:
            joined = Joined(
                session=session,
                request_id=1,
                app_id=app_id,
                room_id=room_id,
                user=UserEntry(as_user) if as_user else user(session),
                is_user_status_notify=is_user_status_notify,
                max_member_count=max_member_count,
            )
            self.handle(joined)
            if has_media:
                self.media(session)

    def next_id(self) -> int:
        """A request ID nobody used yet."""
        return next(self._request_ids)

    def ask(self, session: SessionId, request: RoomRequest) -> None:
        """A session's request."""
        self.handle(Requested(session, request))

    def lose(self, session: SessionId) -> None:
        """A session's connection ends without a word."""
        self.handle(Dropped(session))

    def media(self, *sessions: SessionId, up: bool = True) -> None:
        """The media connections of these sessions come up or go."""
        for session in sessions:
            self.handle(MediaChanged(session, RECEIVE_SLOTS_MAX if up else None))

    def pass_time(self, seconds: float) -> None:
        """Let time go by, waking the machine when it wants to be."""
        end = self.now + seconds
        while (deadline := self.rooms.deadline) is not None and deadline <= end:
            self.now = max(self.now, deadline)
            self.handle(TimePassed())
        self.now = end

    def handle(self, event: Input) -> None:
        """Let the machine handle it; keep what it wants done."""
        for output in self.rooms.handle(event, self.now):
            self.outputs.append(output)
            match output:
                case Send(session, message):
                    self._letters[session].append(message)
                case HangUp(session, code):
                    self.hung_up[session] = code
                case Route(source, source_slot, target, target_slot):
                    self.routes[target, target_slot] = (source, source_slot)
                case Unroute(target, target_slot):
                    del self.routes[target, target_slot]
                case _:
                    pass

    def read(self, session: SessionId) -> list[ServerMessage]:
        """What the session was sent since it was last read, but for the counts."""
        letters = self._letters.pop(session, [])
        return [m for m in letters if not isinstance(m, OnlineUserCount)]

    def read_counts(self, session: SessionId) -> list[int]:
        """The counts of users it was told meanwhile; it throws away the rest."""
        letters = self._letters.pop(session, [])
        return [m.count for m in letters if isinstance(m, OnlineUserCount)]

    def forget(self) -> None:
        """Throw away all that was sent and done so far."""
        self._letters.clear()
        self.outputs.clear()
