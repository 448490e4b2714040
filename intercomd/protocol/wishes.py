"""What the user wants published, played and muted, asked for until it is granted.

It remembers the wishes over every loss and asks for all of them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from intercomd.domain.room import Stream, User
from intercomd.protocol import messages as wire
from intercomd.protocol.client_events import (
    MicStateWanted,
    MutePlayWanted,
    Output,
    PlayWanted,
    PublisherReported,
    PublishWanted,
    ReportWanted,
    StopWanted,
    StreamExtraInfoWanted,
    StreamWish,
    UnpublishWanted,
)
from intercomd.protocol.ladder import Ladder
from intercomd.protocol.media_ladder import MediaLadder
from intercomd.protocol.open_requests import OpenRequests
from intercomd.protocol.own_streams import OwnStreams, Play, Publication

StreamNews = (
    wire.PlayState
    | wire.SlotBound
    | wire.PublishEnded
    | wire.PlayEnded
    | wire.MicStateUpdate
    | wire.StreamReport
    | wire.Listeners
)


class Wishes:
    """A part of `client_session.ClientSession`."""

    def __init__(
        self,
        emit: Callable[[Output], None],
        *,
        signalling: Ladder,
        media: MediaLadder,
        requests: OpenRequests,
        receive_slots: int,
    ) -> None:
        self._emit = emit
        self._signalling = signalling
        self._media = media
        self._requests = requests
        self._own = OwnStreams(receive_slots=receive_slots)

    def want(self, wish: StreamWish) -> None:
        """Take a wish; raise the `IntercomError` of one that cannot be granted."""
        match wish:
            case PublishWanted():
                self._want_publish(wish)
            case UnpublishWanted(slot, code):
                self._want_unpublish(slot, code)
            case MicStateWanted(slot, mic_state):
                self._want_mic_state(slot, mic_state)
            case ReportWanted(upstream, downstream, speaker_state):
                if self._own.publications:
                    number = self._next_id()
                    self._ask(wire.Report(number, upstream, downstream, speaker_state))
            case PlayWanted(stream_id, is_muted):
                self._want_play(stream_id, is_muted=is_muted)
            case MutePlayWanted(stream_id, is_muted):
                self._want_play_muted(stream_id, is_muted=is_muted)
            case StopWanted(stream_id, code):
                self._want_stop(stream_id, code)
            case StreamExtraInfoWanted(slot, extra_info):
                self._want_extra_info(slot, extra_info)

    def enter(self, reply: wire.LoggedIn, *, is_back: bool) -> None:
        """Take over what the server kept, if it did, and drop what else it had."""
        if reply.resumed:
            self._reconcile(reply)
        elif is_back:  # the server knows nothing of before any more
            self._media.close()
            self._tell(self._own.forget_confirmations())
        self.settle()

    def ask_all(self) -> None:
        """Ask for everything that is wished and not granted yet."""
        for publication in self._own.publications.values():
            if not publication.is_accepted:
                self._ask_publish(publication)
        for play in self._own.plays.values():
            if not play.is_accepted:
                self._ask_play(play)

    def granted(self, request: wire.ClientMessage | None) -> None:
        """The server said `ok` to this."""
        match request:
            case wire.Publish(_, stream_id):
                publication = self._own.publication_of(stream_id)
                if publication is not None:
                    publication.accept()
                    self.settle()
            case wire.Play(_, stream_id) if stream_id in self._own.plays:
                self._own.plays[stream_id].is_accepted = True
            case _:
                pass  # the others are confirmed by what follows them

    def refused(self, request: wire.Publish | wire.Play, code: int) -> None:
        """The server will not have it: that wish is over."""
        match request:
            case wire.Publish(_, stream_id, slot):
                if self._own.publication_of(stream_id) is not None:
                    self._tell(self._own.unpublish(slot, code))
            case wire.Play(_, stream_id):
                if stream_id in self._own.plays:
                    self._tell(self._own.stop(stream_id, code))

    def receive(self, news: StreamNews) -> None:
        """Take what the server says of a stream that is published or played."""
        match news:
            case wire.PlayState(stream_id, playing, mic_state):
                if playing:
                    self._tell(self._own.note_mic_state(stream_id, mic_state))
                play = self._own.plays.get(stream_id)
                if play is not None and play.is_accepted:
                    play.is_forwarded = playing
                    self.settle()
            case wire.SlotBound(slot, stream_id, sequence):
                self._tell(self._own.bind(slot, stream_id, sequence))
            case wire.PublishEnded(stream_id, code):
                publication = self._own.publication_of(stream_id)
                if publication is not None and publication.is_accepted:
                    self._tell(self._own.unpublish(publication.slot, code))
            case wire.PlayEnded(stream_id, code):
                play = self._own.plays.get(stream_id)
                if play is not None and play.is_accepted:
                    self._tell(self._own.stop(stream_id, code))
            case wire.MicStateUpdate(stream_id, mic_state):
                self._tell(self._own.note_mic_state(stream_id, mic_state))
            case wire.StreamReport(stream_id, user_id, up, down, speaker_state):
                if stream_id in self._own.plays:
                    self._emit(
                        PublisherReported(stream_id, user_id, up, down, speaker_state)
                    )
            case wire.Listeners(stream_id, count):
                self._tell(self._own.count_listeners(stream_id, count))

    def published(self, user: User) -> tuple[Stream, ...]:
        """The streams of this user that the server has accepted."""
        return tuple(
            Stream(p.stream_id, user, self._own.extra_infos.get(p.slot, ""))
            for p in self._own.publications.values()
            if p.is_accepted
        )

    def settle(self) -> None:
        """Tell each state that changed."""
        self._tell(self._own.settle(media_up=self._media.is_up))

    def end(self, publish_code: int, play_code: int) -> None:
        """The room is over: nothing is wished any more."""
        self._tell(self._own.end(publish_code, play_code))

    # Wishes

    def _want_publish(self, wish: PublishWanted) -> None:
        self._tell(self._own.publish(wish.stream_id, wish.slot, wish.mic_state))
        self._ask_publish(self._own.publications[wish.slot])

    def _want_unpublish(self, slot: int, code: int) -> None:
        publication = self._own.publications.get(slot)
        if publication is not None and self._signalling.is_in:
            self._forget(wire.Publish, publication.stream_id)
            self._unpublish(publication.stream_id)
        self._tell(self._own.unpublish(slot, code))

    def _want_mic_state(self, slot: int, state: int) -> None:
        publication = self._own.publications.get(slot)
        if publication is not None and publication.mic_state != state:
            publication.mic_state = state
            self._ask_mic_state(publication)

    def _want_play(self, stream_id: str, *, is_muted: bool) -> None:
        if stream_id not in self._own.plays:
            self._tell(self._own.play(stream_id, is_muted=is_muted))
            self._ask_play(self._own.plays[stream_id])

    def _want_play_muted(self, stream_id: str, *, is_muted: bool) -> None:
        play = self._own.plays.get(stream_id)
        if play is not None and play.is_muted != is_muted:
            play.is_muted = is_muted
            self._ask_muted(play)

    def _want_stop(self, stream_id: str, code: int) -> None:
        self._tell(self._own.stop(stream_id, code))
        if self._signalling.is_in:
            self._forget(wire.Play, stream_id)
            self._stop(stream_id)

    def _want_extra_info(self, slot: int, extra_info: str) -> None:
        self._own.extra_infos[slot] = extra_info
        publication = self._own.publications.get(slot)
        if publication is not None:
            self._ask_extra_info(publication)

    def _reconcile(self, reply: wire.LoggedIn) -> None:
        """Ask for what was wished, and for the end of what was unwished, meanwhile."""
        unwished, unplayed = self._own.resume(reply.published, reply.played)
        self._tell(self._own.rebind(reply.played))
        for stream_id in unwished:
            self._unpublish(stream_id)
        for stream_id in unplayed:
            self._stop(stream_id)
        for publication in self._own.publications.values():
            if publication.is_accepted:
                self._ask_mic_state(publication)
                self._ask_extra_info(publication)
        for play in self._own.plays.values():
            if play.is_accepted:
                self._ask_muted(play)

    # Asking, while there is a server to ask

    def _ask_publish(self, publication: Publication) -> None:
        stream_id, slot = publication.stream_id, publication.slot
        extra_info = self._own.extra_infos.get(slot, "")
        mic_state = publication.mic_state
        self._ask(wire.Publish(self._next_id(), stream_id, slot, extra_info, mic_state))

    def _ask_mic_state(self, publication: Publication) -> None:
        stream_id, state = publication.stream_id, publication.mic_state
        self._ask(wire.MicState(self._next_id(), stream_id, state))

    def _ask_extra_info(self, publication: Publication) -> None:
        stream_id = publication.stream_id
        extra_info = self._own.extra_infos.get(publication.slot, "")
        self._ask(wire.SetStreamExtraInfo(self._next_id(), stream_id, extra_info))

    def _ask_play(self, play: Play) -> None:
        stream_id, slot, is_muted = play.stream_id, play.slot, play.is_muted
        self._ask(wire.Play(self._next_id(), stream_id, slot, is_muted))

    def _ask_muted(self, play: Play) -> None:
        stream_id, is_muted = play.stream_id, play.is_muted
        self._ask(wire.MutePlay(self._next_id(), stream_id, is_muted))

    def _unpublish(self, stream_id: str) -> None:
        self._ask(wire.Unpublish(self._next_id(), stream_id))

    def _stop(self, stream_id: str) -> None:
        self._ask(wire.Stop(self._next_id(), stream_id))

    def _ask(self, request: wire.ClientMessage) -> None:
        if self._signalling.is_in:
            self._requests.ask(request)

    def _next_id(self) -> int:
        return self._requests.next_id()

    def _forget(
        self, kind: type[wire.Publish] | type[wire.Play], stream_id: str
    ) -> None:
        self._requests.forget(
            lambda request: isinstance(request, kind) and request.stream_id == stream_id
        )

    def _tell(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            self._emit(output)
