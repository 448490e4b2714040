"""Who publishes and who plays what, and from where to where the sound goes.

A part of `rooms.Rooms`: it knows members, and not how they came to be in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from intercomd.domain.errors import (
    AlreadyPublishing,
    ErrorCode,
    StreamIdTaken,
    StreamNotPlayed,
    TooManyPlayed,
    WireOutOfOrder,
)
from intercomd.domain.identifiers import check_stream_id
from intercomd.domain.room_texts import check_stream_extra_info
from intercomd.protocol.announcements import Announcements
from intercomd.protocol.membership import Listing, Member, Publication, Room
from intercomd.protocol.messages import (
    Listeners,
    MicState,
    MicStateUpdate,
    MutePlay,
    Ok,
    Play,
    PlayedEntry,
    PlayEnded,
    PlayState,
    Publish,
    PublishEnded,
    Report,
    ServerMessage,
    SetStreamExtraInfo,
    Stop,
    StreamEntry,
    StreamReport,
    Unpublish,
)
from intercomd.protocol.room_events import (
    Bind,
    DeleteReason,
    Output,
    Route,
    Send,
    SessionId,
    StreamKey,
    Talking,
    Unroute,
)


class Streams:
    """All streams of a server; what is to be done goes to `emit`."""

    def __init__(
        self,
        emit: Callable[[Output], None],
        announcements: Announcements,
        *,
        plays_max: int,
    ) -> None:
        """A member may play `plays_max` streams at once, whatever slots it has."""
        self.publications: dict[StreamKey, Publication] = {}
        self.players: dict[StreamKey, dict[SessionId, Member]] = {}
        self._emit = emit
        self._announcements = announcements
        self._plays_max = plays_max
        self._contested: dict[SessionId, Member] = {}

    @property
    def is_contested(self) -> bool:
        """Whether anybody plays more streams than it has slots."""
        return bool(self._contested)

    # Requests

    def publish(self, member: Member, request: Publish) -> None:
        """Announce a stream, and forward it to whoever waits for it."""
        check_stream_id(request.stream_id)
        check_stream_extra_info(request.extra_info)
        key = (member.app_id, request.stream_id)
        if any(p.slot == request.slot for p in member.publications.values()):
            raise AlreadyPublishing(f"slot {request.slot}")
        if key in self.publications:
            raise StreamIdTaken(f"stream {request.stream_id}")
        entry = StreamEntry(request.stream_id, member.user, request.extra_info)
        publication = Publication(
            entry, member, request.slot, mic_state=request.mic_state
        )
        self.publications[key] = publication
        member.publications[request.stream_id] = publication
        self._send(member, Ok(request.id))
        if member.media_slots is not None:
            self._list(publication)
        for player in self.players.get(key, {}).values():
            self._begin_forwarding(publication, player)
        self._count_listeners(publication)

    def unpublish(self, member: Member, request: Unpublish) -> None:
        """End a stream of this member."""
        publication = _own(member, request.stream_id)
        self._end(publication)
        self._send(member, Ok(request.id))
        self._tell_gone(member, (publication,), DeleteReason.PUBLISHER_STOPPED)

    def set_extra_info(self, member: Member, request: SetStreamExtraInfo) -> None:
        """Change what goes with a stream; the others hear of it if it is new."""
        publication = _own(member, request.stream_id)
        check_stream_extra_info(request.extra_info)
        is_new = publication.entry.extra_info != request.extra_info
        publication.entry = StreamEntry(
            request.stream_id, member.user, request.extra_info
        )
        self._send(member, Ok(request.id))
        if is_new and publication.is_listed:
            self._announcements.extra_info_changed(member, publication.entry)

    def play(self, member: Member, request: Play) -> None:
        """Remember what this member wants to hear; forward it if it exists.

        In the slot it asks for, else in a free one; if there is none, it waits.
        """
        stream_id, slot = request.stream_id, request.slot
        check_stream_id(stream_id)
        if stream_id in member.plays:
            raise WireOutOfOrder(f"stream {stream_id} is played already")
        if len(member.plays) >= self._plays_max:
            raise TooManyPlayed(f"{len(member.plays)} streams")
        key = (member.app_id, stream_id)
        if slot is None or slot in member.plays.values():
            slot = member.free_slot()
        member.plays[stream_id] = slot
        if request.muted:
            member.muted_plays.add(stream_id)
        self.players.setdefault(key, {})[member.session] = member
        self._send(member, Ok(request.id))
        if slot is None:
            self._contested[member.session] = member
        elif slot != request.slot:
            self._emit(Bind(member.session, slot, stream_id))
        publication = self.publications.get(key)
        if publication is not None:
            self._begin_forwarding(publication, member)
            self._count_listeners(publication)

    def mute_play(self, member: Member, request: MutePlay) -> None:
        """Forward nothing of a played stream for now, or forward it again."""
        stream_id = request.stream_id
        if stream_id not in member.plays:
            raise StreamNotPlayed(f"stream {stream_id}")
        self._send(member, Ok(request.id))
        if request.muted == (stream_id in member.muted_plays):
            return
        if request.muted:
            self._unroute(member, stream_id)
        member.muted_plays ^= {stream_id}
        publication = self.publications.get((member.app_id, stream_id))
        if publication is not None:
            if not request.muted:
                self._route(publication, member)
            self._count_listeners(publication)

    def set_mic_state(self, member: Member, request: MicState) -> None:
        """Tell those who play a stream what its microphone does, if it is news."""
        publication = _own(member, request.stream_id)
        self._send(member, Ok(request.id))
        if publication.mic_state == request.state:
            return
        publication.mic_state = request.state
        update = MicStateUpdate(request.stream_id, request.state)
        for player in self.players.get((member.app_id, request.stream_id), {}).values():
            self._send(player, update)

    def report(self, member: Member, request: Report) -> None:
        """Pass on what a member says of itself to those who play its streams."""
        self._send(member, Ok(request.id))
        for stream_id in member.publications:
            passed_on = StreamReport(
                stream_id,
                member.user.user_id,
                request.upstream,
                request.downstream,
                request.speaker_state,
            )
            for player in self.players.get((member.app_id, stream_id), {}).values():
                self._send(player, passed_on)

    def stop(self, member: Member, request: Stop) -> None:
        """Forward a stream to this member no more."""
        if request.stream_id not in member.plays:
            raise StreamNotPlayed(f"stream {request.stream_id}")
        self._stop(member, request.stream_id)
        self._send(member, Ok(request.id))

    # Coming and going

    def stop_all(self, member: Member) -> None:
        """The member leaves: it plays nothing any more."""
        for stream_id in sorted(
            member.plays, key=lambda s: member.plays[s] is not None
        ):
            self._stop(member, stream_id)

    def end_all(self, member: Member, reason: DeleteReason) -> None:
        """The member leaves: it publishes nothing any more."""
        publications = tuple(member.publications.values())
        for publication in publications:
            self._end(publication)
        self._tell_gone(member, publications, reason)

    def strike(self, room: Room, stream_id: str) -> None:
        """Let the others believe that the stream went. Who plays it goes on hearing
        it until it stops, and its publisher is told nothing."""
        publication = self.publications.get((room.app_id, stream_id))
        if publication is None or publication.publisher.room is not room:
            return
        self._tell_gone(
            publication.publisher, (publication,), DeleteReason.REMOVED_BY_SERVER
        )
        publication.listing = Listing.STRUCK

    def forbid(self, key: StreamKey) -> None:
        """End a stream for who publishes it and for all who play it."""
        for player in list(self.players.get(key, {}).values()):
            self._stop(player, key[1])
            self._send(player, PlayEnded(key[1], ErrorCode.PLAY_FORBIDDEN))
        publication = self.publications.get(key)
        if publication is not None:
            self._end(publication)
            ended = PublishEnded(key[1], ErrorCode.PUBLISH_FORBIDDEN)
            self._send(publication.publisher, ended)
            reason = DeleteReason.REMOVED_BY_SERVER
            self._tell_gone(publication.publisher, (publication,), reason)

    def media_changed(self, member: Member, slots: int | None) -> None:
        """The member's media connection has so many receive slots; None: it went."""
        if member.media_slots == slots:
            return
        member.media_slots = slots
        self._fill_slots(member)
        for publication in member.publications.values():
            if slots is not None and publication.listing is Listing.AWAITED:
                self._list(publication)
            self._count_listeners(publication)
        for stream_id in member.plays:
            played = self.publications.get((member.app_id, stream_id))
            if played is not None:
                self._count_listeners(played)

    def played(self, member: Member) -> tuple[PlayedEntry, ...]:
        """What this member plays, and how each of it is."""
        entries = []
        for stream_id, slot in member.plays.items():
            publication = self.publications.get((member.app_id, stream_id))
            mic_state = 0 if publication is None else publication.mic_state
            is_there = publication is not None
            entries.append(PlayedEntry(stream_id, slot, is_there, mic_state))
        return tuple(entries)

    def remind_of_listeners(self, member: Member) -> None:
        """Tell a member that was away how many hear its streams."""
        for stream_id, publication in member.publications.items():
            self._send(member, Listeners(stream_id, publication.listeners))

    def hear(self, talking: Talking, now: float) -> None:
        """Give the slots of those who play more streams than they have slots to the
        loudest."""
        for member in self._contested.values():
            levels = self._levels(member, talking)
            while switch := member.contest.next_switch(member.plays, levels, now):
                self._unroute(member, switch.loser)
                # Put last, so that it has waited the shortest.
                del member.plays[switch.loser]
                member.plays[switch.loser] = None
                self._give(member, switch.slot, switch.winner)

    # Inside

    def _levels(self, member: Member, talking: Talking) -> dict[str, float]:
        """How loud what this member plays is; who is muted is as silent."""
        levels = {}
        for stream_id in member.plays.keys() - member.muted_plays:
            publication = self.publications.get((member.app_id, stream_id))
            if publication is not None:
                source = publication.publisher.session, publication.slot
                if source in talking.levels:
                    levels[stream_id] = talking.levels[source]
        return levels

    def _fill_slots(self, member: Member) -> None:
        """Let no stream wait while a slot is free."""
        while (waiting := member.first_waiting()) is not None:
            slot = member.free_slot()
            if slot is None:
                return
            self._give(member, slot, waiting)
        self._contested.pop(member.session, None)

    def _give(self, member: Member, slot: int, stream_id: str) -> None:
        member.plays[stream_id] = slot
        self._emit(Bind(member.session, slot, stream_id))
        publication = self.publications.get((member.app_id, stream_id))
        if publication is not None:
            self._route(publication, member)

    def _stop(self, member: Member, stream_id: str) -> None:
        self._unroute(member, stream_id)
        key = (member.app_id, stream_id)
        players = self.players[key]
        del players[member.session]
        if not players:
            del self.players[key]
        publication = self.publications.get(key)
        if publication is not None:
            self._count_listeners(publication)
        member.muted_plays.discard(stream_id)
        del member.plays[stream_id]
        self._fill_slots(member)

    def _begin_forwarding(self, publication: Publication, player: Member) -> None:
        stream_id = publication.entry.stream_id
        self._route(publication, player)
        state = publication.mic_state
        self._send(player, PlayState(stream_id, playing=True, mic_state=state))

    def _end(self, publication: Publication) -> None:
        stream_id = publication.entry.stream_id
        member = publication.publisher
        key = (member.app_id, stream_id)
        for player in self.players.get(key, {}).values():
            self._unroute(player, stream_id)
            self._send(player, PlayState(stream_id, playing=False))
        del self.publications[key]
        del member.publications[stream_id]

    def _route(self, publication: Publication, player: Member) -> None:
        stream_id = publication.entry.stream_id
        slot = player.plays[stream_id]
        if slot is not None and stream_id not in player.muted_plays:
            source = publication.publisher.session
            self._emit(Route(source, publication.slot, player.session, slot))

    def _unroute(self, player: Member, stream_id: str) -> None:
        slot = player.plays[stream_id]
        is_there = (player.app_id, stream_id) in self.publications
        if is_there and slot is not None and stream_id not in player.muted_plays:
            self._emit(Unroute(player.session, slot))

    def _count_listeners(self, publication: Publication) -> None:
        """Tell the publisher when the number of those who can hear it changed."""
        publisher = publication.publisher
        stream_id = publication.entry.stream_id
        count = 0
        if publisher.media_slots is not None:
            players = self.players.get((publisher.app_id, stream_id), {}).values()
            count = sum(player.can_hear(stream_id) for player in players)
        if count != publication.listeners:
            publication.listeners = count
            self._send(publisher, Listeners(stream_id, count))

    def _list(self, publication: Publication) -> None:
        publication.listing = Listing.LISTED
        self._announcements.stream_came(publication.publisher, publication.entry)

    def _tell_gone(
        self, publisher: Member, gone: Sequence[Publication], reason: DeleteReason
    ) -> None:
        entries = tuple(p.entry for p in gone if p.is_listed)
        self._announcements.streams_went(publisher, entries, reason)

    def _send(self, member: Member, message: ServerMessage) -> None:
        self._emit(Send(member.session, message))


def _own(member: Member, stream_id: str) -> Publication:
    publication = member.publications.get(stream_id)
    if publication is None:
        raise WireOutOfOrder(f"stream {stream_id} is not published by this user")
    return publication
