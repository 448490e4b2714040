"""Who is in which room with what: the values that the machines of rooms share.

It decides nothing; `rooms.Rooms` and its parts do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from intercomd.protocol.authentication import is_one_of
from intercomd.protocol.loudest import Loudest
from intercomd.protocol.messages import ExtraInfoEntry, StreamEntry, UserEntry
from intercomd.protocol.rate import Allowances, Rate
from intercomd.protocol.room_events import SessionId


class Limited(Enum):
    """What may be done only so often."""

    LOGIN = auto()
    ANNOUNCEMENT = auto()
    BROADCAST = auto()
    BARRAGE = auto()
    COMMAND_TO_ONE = auto()
    COMMAND_TO_MANY = auto()
    TRANSPARENT_TO_ONE = auto()
    TRANSPARENT_TO_MANY = auto()
    EXTRA_INFO = auto()


ROOM_RATES = {
    Limited.LOGIN: Rate(200),
    Limited.ANNOUNCEMENT: Rate(20),
    Limited.BROADCAST: Rate(10),
    Limited.BARRAGE: Rate(20),
    Limited.COMMAND_TO_ONE: Rate(200),
    Limited.COMMAND_TO_MANY: Rate(10),
    Limited.TRANSPARENT_TO_ONE: Rate(200),
    Limited.TRANSPARENT_TO_MANY: Rate(20),
    Limited.EXTRA_INFO: Rate(10),
}
"""How often all of a room together may (reference, sections 2.4 and 7; beyond its
rate an announcement waits and is told together with others)."""

USER_RATES = {Limited.BROADCAST: Rate(1, window_s=0.5)}
"""How often one user may: twice a second, and so half a second apart."""


class Listing(Enum):
    """Whether the others of the room see a stream."""

    AWAITED = auto()  # not yet: its publisher has no media connection
    LISTED = auto()
    STRUCK = auto()  # no more: the operator struck it off


@dataclass(slots=True)
class Publication:
    """A stream that is being published."""

    entry: StreamEntry
    publisher: Member
    slot: int
    listeners: int = 0
    mic_state: int = 0
    listing: Listing = Listing.AWAITED

    @property
    def is_listed(self) -> bool:
        """Whether the others of the room see it."""
        return self.listing is Listing.LISTED


@dataclass(slots=True, eq=False)
class Member:
    """A user in a room, and what it does there."""

    session: SessionId
    app_id: int
    user: UserEntry
    room: Room
    is_user_status_notify: bool
    is_announced: bool = True  # a room has so many who hear of each other, no more
    publications: dict[str, Publication] = field(default_factory=dict)
    plays: dict[str, int | None] = field(default_factory=dict)  # None waits
    contest: Loudest = field(default_factory=Loudest)
    muted_plays: set[str] = field(default_factory=set)
    media_slots: int | None = None  # None while there is no media connection
    lost_at: float | None = None
    resume_keys: tuple[str, ...] = ()  # the newest, and that shown for it
    allowances: Allowances[Limited] = field(
        default_factory=lambda: Allowances(USER_RATES)
    )

    def hears_of(self, other: Member) -> bool:
        """Whether it is told when the other comes and goes."""
        is_asking = self.is_user_status_notify and self.is_announced
        return is_asking and other.is_announced

    def can_hear(self, stream_id: str) -> bool:
        """Whether it wants to, in a slot that it really has or waits for."""
        if self.media_slots is None or stream_id in self.muted_plays:
            return False
        slot = self.plays[stream_id]
        return slot is None or slot < self.media_slots

    def free_slot(self) -> int | None:
        """A slot of its media connection that carries nothing, if there is one."""
        taken = self.plays.values()
        slots = range(self.media_slots or 0)
        return next((slot for slot in slots if slot not in taken), None)

    def first_waiting(self) -> str | None:
        """The stream that has waited longest for a slot, if any does."""
        waits = (stream for stream, slot in self.plays.items() if slot is None)
        return next(waits, None)

    def may_resume(self, key: str) -> bool:
        """Whether this is the key it was given last, or the one it showed then: the
        reply that brought the last one may have been lost with the connection."""
        return is_one_of(key, self.resume_keys)


@dataclass(slots=True, eq=False)
class Room:
    """One life of a room: from its first user to its last."""

    app_id: int
    room_id: str
    session_id: str
    max_members: int
    members: dict[SessionId, Member] = field(default_factory=dict)
    extra_info: ExtraInfoEntry | None = None
    allowances: Allowances[Limited] = field(
        default_factory=lambda: Allowances(ROOM_RATES)
    )

    def others(self, member: Member) -> list[Member]:
        """Everybody in the room but this one, in the order they came."""
        return [other for other in self.members.values() if other is not member]
