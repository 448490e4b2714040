"""Rooms against a model: whatever happens, everybody's picture is the true one.

The model knows only who is in, publishes and plays. Each member's picture is built
from nothing but the messages it was sent, and the routes from the outputs.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from intercomd.domain.errors import ErrorCode
from intercomd.domain.room import UpdateType
from intercomd.protocol.announcements import GATHER_S
from intercomd.protocol.messages import (
    Error,
    Kicked,
    Listeners,
    LoggedIn,
    Logout,
    Ok,
    OnlineUserCount,
    Play,
    PlayState,
    Publish,
    ServerMessage,
    Stop,
    StreamUpdate,
    Unpublish,
    UserEntry,
    UserUpdate,
)
from intercomd.protocol.room_events import (
    Adopt,
    Bind,
    CloseMedia,
    Dropped,
    HangUp,
    Input,
    Joined,
    MediaChanged,
    Requested,
    RoomRequest,
    Route,
    Send,
    Talking,
    TimePassed,
    Unroute,
)
from intercomd.protocol.room_information import COUNT_INTERVAL_S
from intercomd.protocol.rooms import Rooms

TIMEOUT_S = 10.0

APPS = st.sampled_from([1, 1, 2])
ROOMS = st.sampled_from(["lobby", "kitchen"])
USERS = st.sampled_from(["ann", "bea", "cat", "dot"])
STREAMS = st.sampled_from(["s1", "s2", "s3"])
SLOTS = 2
WHO = st.integers(0, 7)

RoomKey: TypeAlias = tuple[int, str]


@dataclass
class Member:
    """The truth about one who is in."""

    session: int
    app_id: int
    room_id: str
    user_id: str
    is_notified: bool
    publications: dict[str, int] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    plays: dict[str, int | None] = field(default_factory=dict)
    media_up: bool = False
    lost_at: float | None = None

    @property
    def room(self) -> RoomKey:
        return self.app_id, self.room_id


@dataclass
class Picture:
    """What one member was told. Each message has to say something new."""

    users: set[str] = field(default_factory=set)
    streams: dict[str, str] = field(default_factory=dict)
    playing: dict[str, bool] = field(default_factory=dict)
    listeners: dict[str, int] = field(default_factory=dict)
    replies: list[int | None] = field(default_factory=list)
    online: int = 0

    def see(self, message: ServerMessage) -> None:
        match message:
            case Ok():
                self.replies.append(None)
            case Error(code):
                self.replies.append(code)
            case UserUpdate(update, users):
                for entry in users:
                    assert (entry.user_id in self.users) == bool(update)
                    self.users ^= {entry.user_id}
            case StreamUpdate(UpdateType.ADD, streams):
                for stream in streams:
                    assert stream.stream_id not in self.streams
                    self.streams[stream.stream_id] = stream.user.user_id
            case StreamUpdate(_, streams, reason):
                for stream in streams:
                    assert self.streams.pop(stream.stream_id) == stream.user.user_id
                    assert reason
            case PlayState(stream_id, playing):
                assert self.playing[stream_id] is not playing
                self.playing[stream_id] = playing
            case Listeners(stream_id, count):
                assert self.listeners[stream_id] != count
                self.listeners[stream_id] = count
            case OnlineUserCount(count):
                self.online = count
            case Kicked():
                pass
            case _:
                raise AssertionError(message)


class RoomsAgainstModel(RuleBasedStateMachine):
    """Random logins, wishes, losses and pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms = Rooms(
            heartbeat_timeout_s=TIMEOUT_S,
            max_members=3,
            announced_members=500,
            plays_max=64,
            new_id=lambda: "life",
            new_key=lambda: "",
            wall_ms=lambda: int(self.now * 1000),
        )
        self.now = 0.0
        self.sessions = itertools.count(1)
        self.members: dict[int, Member] = {}
        self.limits: dict[RoomKey, int] = {}
        self.pictures: dict[int, Picture] = {}
        self.routes: dict[tuple[int, int], tuple[int, int]] = {}
        self.hung_up: set[int] = set()

    # What may happen

    @initialize(media_up=st.booleans())
    def begin_with_company(self, *, media_up: bool) -> None:
        for user_id in ("ann", "bea", "cat"):
            self.log_in(1, "lobby", user_id, is_notified=True, limit=0)
        for who in range(3):
            self.change_media(who, up=media_up)

    @precondition(lambda self: len(self.members) < 6)
    @rule(
        app_id=APPS,
        room_id=ROOMS,
        user_id=USERS,
        is_notified=st.booleans(),
        limit=st.sampled_from([0, 0, 2]),
    )
    def log_in(
        self,
        app_id: int,
        room_id: str,
        user_id: str,
        *,
        is_notified: bool,
        limit: int,
    ) -> None:
        member = Member(next(self.sessions), app_id, room_id, user_id, is_notified)
        before = [
            m
            for m in self.members.values()
            if (m.app_id, m.user_id) == (app_id, user_id)
        ]
        was_there = any(m.room == member.room for m in self.members.values())
        applied = self.limits[member.room] if was_there else limit
        others = [m for m in self.members.values() if m.room == member.room]
        seated = len([m for m in others if m not in before])
        self.pictures[member.session] = picture = Picture()
        is_full = seated >= min(applied or 3, 3)
        if not is_full:
            self._forget(*before)
            self.members[member.session] = member
            self.limits[member.room] = applied
        self._handle(
            Joined(
                session=member.session,
                request_id=1,
                app_id=app_id,
                room_id=room_id,
                user=UserEntry(user_id),
                is_user_status_notify=is_notified,
                max_member_count=limit,
            )
        )
        assert picture.replies == ([ErrorCode.ROOM_FULL] if is_full else [None])
        assert (member.session in self.hung_up) == is_full
        if not is_full:
            for previous in before:
                was_live = previous.lost_at is None
                assert (previous.session in self.hung_up) == was_live

    @precondition(lambda self: self.live)
    @rule(who=WHO, stream_id=STREAMS, slot=st.integers(0, 1))
    def publish(self, who: int, stream_id: str, slot: int) -> None:
        member = self._member(who)
        code = None
        if slot in member.publications.values():
            code = ErrorCode.ALREADY_PUBLISHING
        elif self._publisher(member.app_id, stream_id):
            code = ErrorCode.STREAM_ID_TAKEN
        else:
            member.publications[stream_id] = slot
            member.listed |= {stream_id} if member.media_up else set()
            self.pictures[member.session].listeners[stream_id] = 0
        self._ask(member, Publish(2, stream_id, slot), code)

    @precondition(lambda self: self.live)
    @rule(who=WHO, stream_id=STREAMS)
    def unpublish(self, who: int, stream_id: str) -> None:
        member = self._member(who)
        is_own = member.publications.pop(stream_id, None) is not None
        member.listed.discard(stream_id)
        code = None if is_own else ErrorCode.WIRE_OUT_OF_ORDER
        self._ask(member, Unpublish(2, stream_id), code)
        self.pictures[member.session].listeners.pop(stream_id, None)

    @precondition(lambda self: self.live)
    @rule(who=WHO, stream_id=STREAMS, slot=st.sampled_from([None, 0, 1]))
    def play(self, who: int, stream_id: str, slot: int | None) -> None:
        member = self._member(who)
        code = None
        if stream_id in member.plays:
            code = ErrorCode.WIRE_OUT_OF_ORDER
        else:
            is_taken = slot in member.plays.values()
            member.plays[stream_id] = None if is_taken else slot
            self.pictures[member.session].playing[stream_id] = False
        self._ask(member, Play(2, stream_id, slot), code)

    @precondition(lambda self: self.live)
    @rule(who=WHO, stream_id=STREAMS)
    def stop(self, who: int, stream_id: str) -> None:
        member = self._member(who)
        is_played = stream_id in member.plays
        member.plays.pop(stream_id, None)
        code = None if is_played else ErrorCode.STREAM_NOT_PLAYED
        self._ask(member, Stop(2, stream_id), code)
        self.pictures[member.session].playing.pop(stream_id, None)

    @rule(levels=st.dictionaries(STREAMS, st.floats(0, 50)), app_id=APPS)
    def talk(self, levels: dict[str, float], app_id: int) -> None:
        heard = {}
        for stream_id, level in levels.items():
            publisher = self._publisher(app_id, stream_id)
            if publisher is not None:
                slot = publisher.publications[stream_id]
                heard[publisher.session, slot] = level
        self._handle(Talking(heard))

    @precondition(lambda self: len(self.live) > 2)
    @rule(who=WHO)
    def log_out(self, who: int) -> None:
        member = self._member(who)
        self._forget(member)
        self._ask(member, Logout(2), None)
        assert member.session in self.hung_up

    @precondition(lambda self: len(self.live) > 2)
    @rule(who=WHO)
    def lose(self, who: int) -> None:
        member = self._member(who)
        member.lost_at = self.now
        self._handle(Dropped(member.session))

    @precondition(lambda self: self.members)
    @rule(who=WHO, up=st.booleans())
    def change_media(self, who: int, *, up: bool) -> None:
        everybody = list(self.members.values())
        member = everybody[who % len(everybody)]
        member.media_up = up
        member.listed |= set(member.publications) if up else set()
        self._handle(MediaChanged(member.session, SLOTS if up else None))

    @rule(session=st.integers(1, 5))
    def hear_from_one_who_is_out(self, session: int) -> None:
        if session not in self.members:
            self._handle(Requested(session, Publish(2, "s1")))
            self._handle(MediaChanged(session, SLOTS))
            self._handle(Dropped(session))

    @rule(seconds=st.sampled_from([0.0, 1.0, 4.0, 12.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self._forget(
            *(
                m
                for m in self.members.values()
                if m.lost_at is not None and m.lost_at + TIMEOUT_S <= self.now
            )
        )
        self._handle(TimePassed())

    # What must be true all the time

    @invariant()
    def everybodys_picture_is_true(self) -> None:
        while (due := self.rooms.deadline) is not None and due <= self.now + GATHER_S:
            self.pass_time(due - self.now)  # what is gathered in a storm is told
        for member in self.members.values():
            picture = self.pictures[member.session]
            others = [
                m
                for m in self.members.values()
                if m.room == member.room and m is not member
            ]
            users = {m.user_id for m in others}
            assert picture.users == (users if member.is_notified else set())
            assert picture.streams == {
                stream_id: m.user_id for m in others for stream_id in m.listed
            }
            assert picture.playing == {
                stream_id: self._publisher(member.app_id, stream_id) is not None
                for stream_id in member.plays
            }
            assert picture.listeners == {
                stream_id: self._listeners(member, stream_id)
                for stream_id in member.publications
            }

    @invariant()
    def routes_are_plays_of_what_is_published(self) -> None:
        expected = {}
        for player in self.members.values():
            for stream_id, slot in player.plays.items():
                publisher = self._publisher(player.app_id, stream_id)
                if publisher is not None and slot is not None:
                    source = publisher.session, publisher.publications[stream_id]
                    expected[player.session, slot] = source
        assert self.routes == expected

    @invariant()
    def a_slot_carries_one_stream_and_nobody_waits_for_a_free_one(self) -> None:
        for member in self.members.values():
            carried = [slot for slot in member.plays.values() if slot is not None]
            assert len(carried) == len(set(carried))
            is_waiting = None in member.plays.values()
            assert not is_waiting or not member.media_up or len(carried) == SLOTS
        assert self.rooms.is_contested is any(
            None in member.plays.values() for member in self.members.values()
        )

    @invariant()
    def counts_and_deadline_are_true(self) -> None:
        members = self.members.values()
        assert self.rooms.counts == (
            len({m.room for m in members}),
            len(members),
            sum(len(m.publications) for m in members),
        )
        assert (self.rooms.deadline is None) is (not members)
        lost = [m.lost_at for m in members if m.lost_at is not None]
        if members:
            by = self.now + COUNT_INTERVAL_S
            latest = min([by, *(at + TIMEOUT_S for at in lost)])
            assert self.rooms.deadline is not None
            assert self.now <= self.rooms.deadline <= latest

    def teardown(self) -> None:
        while self.live:
            self.log_out(0)
        self.pass_time(2 * TIMEOUT_S)
        rooms = self.rooms
        assert rooms.counts == (0, 0, 0)
        parts = [rooms, *vars(rooms).values()]
        tables = {
            (type(part).__name__, name): table
            for part in parts
            if type(part).__module__.startswith("intercomd.")
            for name, table in vars(part).items()
            if isinstance(table, dict | list)
        }
        assert len(tables) >= 9
        assert not any(tables.values()), tables
        assert self.routes == {}

    # The model

    @property
    def live(self) -> list[Member]:
        return [m for m in self.members.values() if m.lost_at is None]

    def _member(self, who: int) -> Member:
        return self.live[who % len(self.live)]

    def _publisher(self, app_id: int, stream_id: str) -> Member | None:
        for member in self.members.values():
            if member.app_id == app_id and stream_id in member.publications:
                return member
        return None

    def _listeners(self, publisher: Member, stream_id: str) -> int:
        if not publisher.media_up:
            return 0
        return Counter(
            m.media_up
            for m in self.members.values()
            if m.app_id == publisher.app_id and stream_id in m.plays
        )[True]

    def _forget(self, *members: Member) -> None:
        for member in members:
            del self.members[member.session]

    def _bind(self, session: int, slot: int, stream_id: str) -> None:
        member = self.members.get(session)
        if member is not None:
            for other, carried in member.plays.items():
                if carried == slot:
                    member.plays[other] = None
            member.plays[stream_id] = slot

    def _ask(self, member: Member, request: RoomRequest, code: int | None) -> None:
        picture = self.pictures[member.session]
        picture.replies.clear()
        self._handle(Requested(member.session, request))
        assert picture.replies == [code]

    def _handle(self, event: Input) -> None:
        for output in self.rooms.handle(event, self.now):
            match output:
                case Send(session, LoggedIn(_, _, users, streams)):
                    picture = self.pictures[session]
                    picture.users = {entry.user_id for entry in users}
                    picture.streams = {s.stream_id: s.user.user_id for s in streams}
                    picture.replies.append(None)
                case Send(session, message):
                    assert session not in self.hung_up
                    self.pictures[session].see(message)
                case HangUp(session, _):
                    self.hung_up.add(session)
                case Bind(session, slot, stream_id):
                    self._bind(session, slot, stream_id)
                case Route(source, source_slot, target, target_slot):
                    assert (target, target_slot) not in self.routes
                    self.routes[target, target_slot] = (source, source_slot)
                case Unroute(target, target_slot):
                    del self.routes[target, target_slot]
                case Adopt():
                    raise AssertionError("nobody here comes back with a key")
                case CloseMedia(session):
                    assert session not in self.members
                    ends = {session for session, _ in self.routes}
                    ends |= {session for session, _ in self.routes.values()}
                    assert session not in ends


TestRoomsAgainstModel = RoomsAgainstModel.TestCase
TestRoomsAgainstModel.settings = settings(
    max_examples=150, stateful_step_count=50, deadline=None
)
