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
    TooManyPlayed,
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
    listeners: int = 0
    told: PublisherState = PublisherState.NO_PUBLISH


@dataclass(slots=True)
class Play:
    """A stream this client plays, and the receive slot it comes in."""

    stream_id: str
    slot: int
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
        """Want it no more, or accept that it cannot be had (`code`)."""
        publication = self.publications.pop(slot, None)
        self.extra_infos.pop(slot, None)
        if publication is None:
            return []
        return [
            *self._count(publication, 0),
            *self._tell_publisher(publication, PublisherState.NO_PUBLISH, code),
        ]

    def play(self, stream_id: str, *, is_muted: bool = False) -> list[Output]:
        """Want this stream played; raise `TooManyPlayed` when no slot is free."""
        if not self._free_slots:
            raise TooManyPlayed(f"{len(self.plays)} streams")
        # The slot free longest: late packets of its last stream are gone by now.
        play = Play(stream_id, self._free_slots.pop(0), is_muted)
        self.plays[stream_id] = play
        return [
            BindSlot(play.slot, stream_id),
            *self._tell_player(play, PlayerState.PLAY_REQUESTING),
        ]

    def stop(self, stream_id: str, code: int = ErrorCode.SUCCESS) -> list[Output]:
        """Want it no more; raise `StreamNotPlayed` when it was not wanted."""
        play = self.plays.pop(stream_id, None)
        if play is None:
            raise StreamNotPlayed(f"stream {stream_id}")
        self._free_slots.append(play.slot)
        return [
            BindSlot(play.slot, None),
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
        wished any more (or not so).
        """
        for publication in self.publications.values():
            publication.is_accepted = publication.stream_id in published
        entries = {entry.stream_id: entry for entry in played}
        for play in self.plays.values():
            entry = entries.get(play.stream_id)
            play.is_accepted = entry is not None and entry.slot == play.slot
            play.is_forwarded = play.is_accepted and entries[play.stream_id].playing
            if play.is_accepted:
                play.mic_state = entries[play.stream_id].mic_state
        unpublished = [s for s in published if self.publication_of(s) is None]
        unplayed = [
            s for s in entries if s not in self.plays or not self.plays[s].is_accepted
        ]
        return unpublished, unplayed

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
