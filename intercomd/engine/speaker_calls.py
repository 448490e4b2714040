"""The engine's calls that concern the loudspeaker and the streams it plays."""

from __future__ import annotations

from intercomd.domain.audio import SILENCE, Frame
from intercomd.domain.errors import IllegalParameter, StreamNotPlayed
from intercomd.domain.identifiers import check_stream_id
from intercomd.domain.sound import DeviceExceptionType, MicState, state_of
from intercomd.engine.meters import Meters
from intercomd.engine.network_monitor import NetworkMonitor
from intercomd.engine.part import EnginePart
from intercomd.engine.volume import gain_of
from intercomd.protocol.client_events import MutePlayWanted

BUFFER_MS_MAX = 4000
PRIORITY_MAX = 100


class SpeakerCalls(EnginePart):
    """A part of `Engine`."""

    _meters: Meters
    _network: NetworkMonitor

    def __init__(self) -> None:
        super().__init__()
        self._is_speaker_muted = False
        self._speaker_fault: DeviceExceptionType | None = None
        self._told_speaker = MicState.OPEN

    def mute_speaker(self, mute: bool) -> None:
        """Let `render` return silence, or sound again.

        Those who play this user's streams are told `MicState.MUTE`.
        """
        self._check_alive()
        self._is_speaker_muted = mute
        self._tell_speaker_state()

    @property
    def is_speaker_muted(self) -> bool:
        """Whether `mute_speaker` holds the loudspeaker back."""
        return self._is_speaker_muted

    def set_play_volume(self, stream_id: str, volume: int) -> None:
        """Play a stream louder or quieter: 0 to 200, 100 is as it is.

        The last call counts, this or `set_all_play_stream_volume`, until the stream
        is stopped. Raises `IllegalParameter`, and `StreamNotPlayed` for a stream that
        is not played.
        """
        self._check_alive()
        gain = gain_of(volume)
        if stream_id not in self._meters.playing:
            raise StreamNotPlayed(f"stream {stream_id}")
        self._play_settings.set_gain([stream_id], gain)
        self._apply_gain(stream_id)

    def set_all_play_stream_volume(self, volume: int) -> None:
        """`set_play_volume` for every stream that is played now."""
        self._check_alive()
        self._play_settings.set_gain(self._meters.playing, gain_of(volume))
        for stream_id in self._meters.playing:
            self._apply_gain(stream_id)

    def set_play_stream_buffer_interval_range(
        self,
        stream_id: str,
        min_buffer_interval_ms: int,
        max_buffer_interval_ms: int = BUFFER_MS_MAX,
    ) -> None:
        """Keep what waits of a stream, for jitter, in this range: 0 to 4000.

        Within it the wait adapts; beyond 400 ms more is not kept. May be called before
        the stream is played; stopping it clears this. Raises `IllegalParameter` and a
        stream ID error.
        """
        self._check_alive()
        check_stream_id(stream_id)
        least, most = min_buffer_interval_ms, max_buffer_interval_ms
        if not 0 <= least <= most <= BUFFER_MS_MAX:
            raise IllegalParameter(f"{least} to {most} ms; 0 to {BUFFER_MS_MAX}")
        self._play_settings.waits_s[stream_id] = least / 1000, most / 1000
        self._apply_wait(stream_id)

    def set_play_priority(self, stream_id: str, priority: int) -> None:
        """Lower other streams by 12 dB while this one talks: those of lower priority.

        0 to 100, 0 unless set. An extension of the reference. May be called before
        the stream is played; stopping it clears this. Raises `IllegalParameter` and a
        stream ID error.
        """
        self._check_alive()
        check_stream_id(stream_id)
        if not 0 <= priority <= PRIORITY_MAX:
            raise IllegalParameter(f"priority {priority}; 0 to {PRIORITY_MAX}")
        self._play_settings.priorities[stream_id] = priority
        self._apply_priority(stream_id)

    def mute_play_stream_audio(self, stream_id: str, mute: bool) -> None:
        """Receive nothing of a stream, or receive it again; the play goes on.

        The server stops forwarding, which saves traffic. May be called before the
        stream is played; stopping it clears this. Raises a stream ID error.
        """
        self._check_alive()
        check_stream_id(stream_id)
        self._play_settings.mute(stream_id, is_muted=mute)
        self._apply_play_mute(stream_id)

    def mute_all_play_stream_audio(self, mute: bool) -> None:
        """`mute_play_stream_audio` for all streams, those played later too.

        While it is on, the streams' own switches have no effect; then they count
        again.
        """
        self._check_alive()
        self._play_settings.is_all_muted = mute
        for stream_id in self._meters.playing:
            self._apply_play_mute(stream_id)

    def mute_all_play_audio_streams(self, mute: bool) -> None:
        """Set `mute_play_stream_audio` for every stream, those played later too.

        The last call counts, this or that for one stream. Not to be mixed with
        `mute_all_play_stream_audio`, which goes before both.
        """
        self._check_alive()
        self._play_settings.mute_each(is_muted=mute)
        for stream_id in self._meters.playing:
            self._apply_play_mute(stream_id)

    def render(self, plays_at: float) -> Frame:
        """Return the next loudspeaker frame: the engine's `domain.audio.Pull`.

        Callable from any one thread; silence while nothing is played.
        """
        frame = self._playout.render(plays_at)
        return self._sidetone.over(SILENCE if self._is_speaker_muted else frame)

    # Inside

    def _speaker_state(self) -> MicState:
        """Muted goes before broken."""
        return (
            MicState.MUTE if self._is_speaker_muted else state_of(self._speaker_fault)
        )

    def _tell_speaker_state(self) -> None:
        """Only if it is news: a report tells more than that."""
        state = self._speaker_state()
        if state is not self._told_speaker:
            self._told_speaker = state
            self._network.report()

    def _apply_to_slot(self, stream_id: str) -> None:
        """The stream got a slot: what was set for it goes with it."""
        self._apply_gain(stream_id)
        self._apply_wait(stream_id)
        self._apply_priority(stream_id)
        self._meters.slot_changed(stream_id)

    def _apply_gain(self, stream_id: str) -> None:
        slot = self._link.slots.get(stream_id)
        if slot is not None:
            self._playout.set_gain(slot, self._play_settings.gain(stream_id))

    def _apply_priority(self, stream_id: str) -> None:
        slot = self._link.slots.get(stream_id)
        priority = self._play_settings.priorities.get(stream_id)
        if slot is not None and priority is not None:
            self._playout.set_priority(slot, priority)

    def _apply_wait(self, stream_id: str) -> None:
        slot = self._link.slots.get(stream_id)
        wait_s = self._play_settings.waits_s.get(stream_id)
        if slot is not None and wait_s is not None:
            self._playout.set_wait(slot, *wait_s)

    def _apply_play_mute(self, stream_id: str) -> None:
        if stream_id not in self._meters.playing:
            return
        self._apply_gain(stream_id)
        is_muted = self._play_settings.is_muted(stream_id)
        slot = self._link.slots.get(stream_id)
        if is_muted and slot is not None:
            self._playout.expect_silence(slot)
        self._link.handle(MutePlayWanted(stream_id, is_muted))
