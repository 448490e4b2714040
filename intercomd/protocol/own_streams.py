"""The streams this client publishes and plays: what is wanted, what is confirmed.

States are derived, never set: a stream is PUBLISHING or PLAYING only with the
server's word *and* the media connection up.
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.errors import (
    AlreadyPublishing,
    ErrorCode,
    StreamIdTaken,
    StreamNotPlayed,
)
from intercomd.domain.events import (
    PlayerStateUpdate,
    PublisherListenersUpdate,
    PublisherStateUpdate,
    RemoteMicStateUpdate,
)
from intercomd.domain.room import PlayerState, PublisherState
from intercomd.domain.sound import MicState
from intercomd.protocol.client_events import BindSlot, GateMicrophone, Output
from intercomd.protocol.messages import PlayedEntry


@dataclass(slots=True)
class Publication:
    """A stream this client publishes, and the send slot it goes out of."""

    stream_id: str
    slot: int = 0
    mic_state: int = 0
    is_accepted: bool = False
    has_begun: bool = False
    listeners: int = 0
    told: PublisherState = PublisherState.NO_PUBLISH

    def accept(self) -> None:
        """The server has it, and what was to go with it."""
        self.is_accepted = self.has_begun = True


@dataclass(slots=True)
class Play:
    """A stream this client plays, and the receive slot it comes in; None waits."""

    stream_id: str
    slot: int | None
    is_muted: bool = False
    is_accepted: bool = False
    is_forwarded: bool = False
    told: PlayerState = PlayerState.NO_PLAY
    mic_state: int = MicState.OPEN
    told_mic: int = MicState.OPEN


class OwnStreams:
    """Keeps the wishes; every method returns what is to be told and done."""

    def __init__(self, *, receive_slots: int) -> None:
        self.publications: dict[int, Publication] = {}
        self.extra_infos: dict[int, str] = {}  # by send slot, also before there is one
        self.plays: dict[str, Play] = {}
        self._free_slots = list(range(receive_slots))

    def publish(
        self, stream_id: str, slot: int = 0, mic_state: int = 0
    ) -> list[Output]:
        """Want this stream published; raise `AlreadyPublishing` for a second one of
        the slot, `StreamIdTaken` for one that another slot carries."""
        if (busy := self.publications.get(slot)) is not None:
            raise AlreadyPublishing(f"stream {busy.stream_id}")
        if self.publication_of(stream_id) is not None:
            raise StreamIdTaken(f"stream {stream_id}")
        publication = Publication(stream_id, slot, mic_state)
        self.publications[slot] = publication
        return self._tell_publisher(publication, PublisherState.PUBLISH_REQUESTING)

    def publication_of(self, stream_id: str) -> Publication | None:
        """The publication of this ID, if there is one."""
        streams = self.publications.values()
        return next((p for p in streams if p.stream_id == stream_id), None)

    def unpublish(self, slot: int = 0, code: int = ErrorCode.SUCCESS) -> list[Output]:
        """Want it no more, or accept that it cannot be had (`code`). Its extra info
        ends with it; one that no stream went out with yet is for the next."""
        publication = self.publications.pop(slot, None)
        if publication is None:
            return []
        if publication.has_begun:
            self.extra_infos.pop(slot, None)
        return [
            *self._count(publication, 0),
            *self._tell_publisher(publication, PublisherState.NO_PUBLISH, code),
        ]

    def play(self, stream_id: str, *, is_muted: bool = False) -> list[Output]:
        """Want this stream played; without a free slot, or behind others, it waits
        for the server to bind it to one."""
        slot = None
        if self._free_slots and all(p.slot is not None for p in self.plays.values()):
            # The slot free longest: late packets of its last stream are gone by now.
            slot = self._free_slots.pop(0)
        play = Play(stream_id, slot, is_muted)
        self.plays[stream_id] = play
        bound = [] if slot is None else [BindSlot(slot, stream_id)]
        return [*bound, *self._tell_player(play, PlayerState.PLAY_REQUESTING)]

    def bind(self, slot: int, stream_id: str, sequence: int) -> list[Output]:
        """The server says what a slot carries; who was in it waits."""
        for other in self.plays.values():
            if other.slot == slot and other.stream_id != stream_id:
                self._vacate(other)
        play = self.plays.get(stream_id)
        if play is None or not play.is_accepted:  # it is of an earlier play
            return [BindSlot(slot, None)] if slot in self._free_slots else []
        out = [] if play.slot in (None, slot) else self._vacate(play)
        self._take(play, slot)
        return [*out, BindSlot(slot, stream_id, sequence)]

    def stop(self, stream_id: str, code: int = ErrorCode.SUCCESS) -> list[Output]:
        """Want it no more; raise `StreamNotPlayed` when it was not wanted."""
        play = self.plays.pop(stream_id, None)
        if play is None:
            raise StreamNotPlayed(f"stream {stream_id}")
        return [
            *self._vacate(play),
            *self._tell_player(play, PlayerState.NO_PLAY, code),
        ]

    def end(self, publish_code: int, play_code: int) -> list[Output]:
        """The room is over: want nothing any more."""
        out: list[Output] = []
        for slot in list(self.publications):
            out += self.unpublish(slot, publish_code)
        for stream_id in list(self.plays):
            out += self.stop(stream_id, play_code)
        return out

    def count_listeners(self, stream_id: str, count: int) -> list[Output]:
        """The server says how many users it forwards the published stream to."""
        publication = self._accepted(stream_id)
        return [] if publication is None else self._count(publication, count)

    def note_mic_state(self, stream_id: str, state: int) -> list[Output]:
        """The server says what the microphone of a played stream does; tell news."""
        play = self.plays.get(stream_id)
        if play is None or not play.is_accepted:
            return []
        play.mic_state = state
        return self._tell_mic_state(play)

    def forget_confirmations(self) -> list[Output]:
        """The connection is gone: the server has to confirm everything again."""
        out: list[Output] = []
        for publication in self.publications.values():
            publication.is_accepted = False
            out += self._count(publication, 0)
        for play in self.plays.values():
            play.is_accepted = play.is_forwarded = False
        return out

    def resume(
        self, published: tuple[str, ...], played: tuple[PlayedEntry, ...]
    ) -> tuple[list[str], list[str]]:
        """The server kept these for this client while it was away.

        Returns the streams it still publishes, and those it still plays, that are not
        wished any more (or not so): what was published anew meanwhile, perhaps from
        another slot, has the ID of what the server kept, and no more.
        """
        for publication in self.publications.values():
            publication.is_accepted &= publication.stream_id in published
        entries = {entry.stream_id: entry for entry in played}
        for play in self.plays.values():
            entry = entries.get(play.stream_id)
            play.is_accepted = entry is not None
            play.is_forwarded = play.is_accepted and entries[play.stream_id].playing
            if play.is_accepted:
                play.mic_state = entries[play.stream_id].mic_state
        unpublished = [s for s in published if self._accepted(s) is None]
        unplayed = [s for s in entries if s not in self.plays]
        return unpublished, unplayed

    def rebind(self, played: tuple[PlayedEntry, ...]) -> list[Output]:
        """After `resume`: the slots are as the server has them."""
        before = {play.stream_id: play.slot for play in self.plays.values()}
        for play in self.plays.values():
            self._vacate(play)
        slots = {entry.stream_id: entry.slot for entry in played}
        for play in self.plays.values():
            if play.is_accepted:
                self._take(play, slots[play.stream_id])
        for play in self.plays.values():
            if not play.is_accepted:
                self._take(play, before[play.stream_id])
        now = {play.stream_id: play.slot for play in self.plays.values()}
        changed = {s: slot for s, slot in now.items() if slot != before[s]}
        out: list[Output] = []
        for stream_id, slot in changed.items():
            left = before[stream_id]
            if left is not None and left not in now.values():
                out.append(BindSlot(left, None))
            if slot is not None:
                out.append(BindSlot(slot, stream_id))
        return out

    def settle(self, *, media_up: bool) -> list[Output]:
        """Tell each state that changed by what was confirmed, once."""
        out: list[Output] = []
        for publication in self.publications.values():
            if publication.is_accepted and media_up:
                out += self._tell_publisher(publication, PublisherState.PUBLISHING)
            elif publication.told is PublisherState.PUBLISHING:
                out += self._tell_publisher(
                    publication,
                    PublisherState.PUBLISH_REQUESTING,
                    ErrorCode.PUBLISH_INTERRUPTED,
                )
        for play in self.plays.values():
            if play.is_forwarded and media_up:
                out += self._tell_player(play, PlayerState.PLAYING)
                out += self._tell_mic_state(play)
            elif play.told is PlayerState.PLAYING:
                out += self._tell_player(
                    play, PlayerState.PLAY_REQUESTING, ErrorCode.PLAY_INTERRUPTED
                )
        return out

    def _vacate(self, play: Play) -> list[Output]:
        slot, play.slot = play.slot, None
        if slot is None:
            return []
        self._free_slots.append(slot)
        return [BindSlot(slot, None)]

    def _take(self, play: Play, slot: int | None) -> None:
        if slot in self._free_slots:
            self._free_slots.remove(slot)
            play.slot = slot

    @staticmethod
    def _tell_mic_state(play: Play) -> list[Output]:
        """Only while it plays, and what it was before is open."""
        if play.told is not PlayerState.PLAYING or play.told_mic == play.mic_state:
            return []
        play.told_mic = play.mic_state
        return [RemoteMicStateUpdate(play.stream_id, MicState(play.mic_state))]

    def _accepted(self, stream_id: str) -> Publication | None:
        """The publication, unless what is said is of an earlier one of that ID."""
        publication = self.publication_of(stream_id)
        if publication is None:
            return None
        return publication if publication.is_accepted else None

    @staticmethod
    def _count(publication: Publication, count: int) -> list[Output]:
        if publication.listeners == count:
            return []
        publication.listeners = count
        return [PublisherListenersUpdate(publication.stream_id, count)]

    @staticmethod
    def _tell_publisher(
        publication: Publication,
        state: PublisherState,
        code: int = ErrorCode.SUCCESS,
    ) -> list[Output]:
        if publication.told is state:
            return []
        publication.told = state
        return [
            GateMicrophone(state is PublisherState.PUBLISHING, publication.slot),
            PublisherStateUpdate(publication.stream_id, state, code),
        ]

    @staticmethod
    def _tell_player(
        play: Play, state: PlayerState, code: int = ErrorCode.SUCCESS
    ) -> list[Output]:
        if play.told is state:
            return []
        play.told = state
        return [PlayerStateUpdate(play.stream_id, state, code)]
