"""The engine's calls that concern sound: volumes, mutes, settings and meters."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from intercomd.domain.audio import SILENCE, Frame
from intercomd.domain.errors import (
    ConfigAfterEngineStarted,
    ConfigAfterLogin,
    IllegalParameter,
    SoundLevelIntervalInvalid,
    StreamNotPlayed,
)
from intercomd.domain.events import (
    Event,
    LocalDeviceExceptionOccurred,
    PlayerStateUpdate,
    PublisherStateUpdate,
)
from intercomd.domain.identifiers import check_stream_id
from intercomd.domain.room import PlayerState, PublisherState, Scenario
from intercomd.domain.sound import (
    DeviceExceptionType,
    DeviceType,
    MicState,
    PublishChannel,
)
from intercomd.engine.link import Link
from intercomd.engine.meters import Meters
from intercomd.engine.microphone import Microphone
from intercomd.engine.outlet import Outlet
from intercomd.engine.play_settings import PlaySettings
from intercomd.engine.profile import EngineConfig
from intercomd.engine.sound_settings import (
    SCENARIOS,
    AudioConfig,
    AudioPreset,
    configured,
)
from intercomd.media.playout import Playout
from intercomd.protocol.client_events import MicStateWanted, MutePlayWanted

VOLUME_MAX = 200
LEVEL_INTERVAL_MS = (100, 3000)


@dataclass(frozen=True, slots=True)
class SoundLevelConfig:
    """`startSoundLevelMonitor`'s argument: how often, 100 to 3000, and whether the
    microphone's level says if it is speech."""

    millisecond: int = 100
    enable_vad: bool = False


class SoundCalls:
    """A part of `Engine`, in a file of its own.

    on_capture_device  called with False when the microphone's card is to be closed,
                       with True when it is to be opened; set by whoever owns it
    """

    _link: Link
    _playout: Playout

    def __init__(self) -> None:
        super().__init__()
        self.on_capture_device: Callable[[bool], None] | None = None
        self._is_speaker_muted = False

    def _begin_sound(self, scenario: Scenario, config: EngineConfig) -> None:
        """Once the link is there. Opens nothing."""
        settings = SCENARIOS[scenario]
        self._scenario = scenario
        self._audio_configs: dict[PublishChannel, AudioConfig] = {}
        self._play_settings = PlaySettings()
        self._channels: dict[str, PublishChannel] = {}
        self._fault: DeviceExceptionType | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reports: deque[LocalDeviceExceptionOccurred | None] = deque(maxlen=100)
        self._microphone = Microphone(
            [
                Outlet(settings, partial(self._link.send, slot))
                for slot in PublishChannel
            ]
        )
        self._meters = Meters(
            microphone=self._microphone,
            playout=self._playout,
            link=self._link,
            is_muted=self._play_settings.is_muted,
            on_event=self._told,
            quality_interval_s=config.quality_interval_s,
        )

    # Microphone

    def enable_camera(self, enable: bool) -> None:
        """Accept the reference's `enableCamera(false)`: there is no camera here.

        Raises NotImplementedError for True.
        """
        self._check_alive()
        if enable:
            raise NotImplementedError("intercomd carries sound only: no camera")

    def mute_microphone(self, mute: bool) -> None:
        """Take the microphone's frames for silence, or for what they are again.

        At once. The card stays open and what is published goes on, as silence;
        those who play it are told `MicState.MUTE`.
        """
        self._check_alive()
        self._microphone.is_muted = mute
        self._tell_mic_states()

    @property
    def is_microphone_muted(self) -> bool:
        """Whether `mute_microphone` holds the microphone back."""
        return self._microphone.is_muted

    def enable_audio_capture_device(self, enable: bool) -> None:
        """Have the microphone's card closed, or opened again.

        The engine owns no card: `on_capture_device` is called. Meanwhile frames are
        ignored, what is published goes on as silence, and those who play it are told
        `MicState.DISABLE`.
        """
        self._check_alive()
        if enable == self._microphone.is_enabled:
            return
        self._microphone.is_enabled = enable
        if not enable:
            self._microphone.fall_silent()
        self._tell_mic_states()
        if self.on_capture_device is not None:
            self.on_capture_device(enable)

    def set_capture_volume(self, volume: int) -> None:
        """Make the microphone louder or quieter: 0 to 200, 100 is as it is.

        A factor on the amplitude, held to full scale; at once, also while publishing.
        Raises `IllegalParameter`.
        """
        self._check_alive()
        self._microphone.gain = _gain(volume)

    def mute_publish_stream_audio(
        self, mute: bool, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Send silence in place of all the sound of a channel, or the sound again.

        The microphone is captured and measured as before; those who play the stream
        are told `MicState.MUTE`.
        """
        self._check_alive()
        self._microphone.outlets[channel].is_muted = mute
        self._tell_mic_states()

    def capture(self, frame: Frame, captured_at: float) -> None:
        """Take a microphone frame: the engine's `domain.audio.Deliver`.

        Callable from any one thread; ignored while nothing is published.
        """
        self._microphone.capture(frame, captured_at)

    def capture_aux(self, frame: Frame, captured_at: float) -> None:
        """Take a frame of sound for the Aux channel, in place of the microphone's.

        From the first such frame until the Aux channel stops publishing, it carries
        nothing else. Callable from any one thread.
        """
        self._microphone.capture_aux(frame, captured_at)

    # Settings

    def set_audio_config(
        self,
        config: AudioConfig | AudioPreset,
        channel: PublishChannel = PublishChannel.MAIN,
    ) -> None:
        """Encode a channel so, until `set_room_scenario`.

        The bitrate may change while publishing; another codec raises
        `ConfigAfterEngineStarted` then. Stereo raises `ModuleMissing`, a bitrate
        outside 6 to 192 kbit/s `BitrateInvalid`.
        """
        self._check_alive()
        config = config.value if isinstance(config, AudioPreset) else config
        settings = configured(SCENARIOS[self._scenario], config)
        now = self._audio_configs.get(channel, AudioConfig())
        if channel in self._channels.values() and config.codec_id != now.codec_id:
            raise ConfigAfterEngineStarted(f"codec of channel {channel.name}")
        self._audio_configs[channel] = config
        self._microphone.outlets[channel].use(settings)

    def set_room_scenario(self, scenario: Scenario) -> None:
        """Encode all channels as `sound_settings.SCENARIOS` says; forgets
        `set_audio_config`. Raises `ConfigAfterLogin`, and changes nothing, once a
        room is logged in to."""
        self._check_alive()
        if self._link.room_id is not None:
            raise ConfigAfterLogin(f"room {self._link.room_id}")
        self._scenario = scenario
        self._audio_configs.clear()
        for outlet in self._microphone.outlets:
            outlet.use(SCENARIOS[scenario])

    # Loudspeaker

    def mute_speaker(self, mute: bool) -> None:
        """Let `render` return silence, or sound again."""
        self._check_alive()
        self._is_speaker_muted = mute

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
        gain = _gain(volume)
        if stream_id not in self._link.slots:
            raise StreamNotPlayed(f"stream {stream_id}")
        self._play_settings.set_gain([stream_id], gain)
        self._apply_gain(stream_id)

    def set_all_play_stream_volume(self, volume: int) -> None:
        """`set_play_volume` for every stream that is played now."""
        self._check_alive()
        self._play_settings.set_gain(self._link.slots, _gain(volume))
        for stream_id in self._link.slots:
            self._apply_gain(stream_id)

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
        for stream_id in tuple(self._link.slots):
            self._apply_play_mute(stream_id)

    def render(self, plays_at: float) -> Frame:
        """Return the next loudspeaker frame: the engine's `domain.audio.Pull`.

        Callable from any one thread; silence while nothing is played.
        """
        frame = self._playout.render(plays_at)
        return SILENCE if self._is_speaker_muted else frame

    # Meters

    def start_sound_level_monitor(self, config: SoundLevelConfig | None = None) -> None:
        """Tell `captured_sound_level_info_update`, and while streams are played
        `remote_sound_level_update`, so often. Each level is the loudest 10 ms since
        the last. Raises `SoundLevelIntervalInvalid`."""
        self._check_alive()
        config = config or SoundLevelConfig()
        least, most = LEVEL_INTERVAL_MS
        if not least <= config.millisecond <= most:
            raise SoundLevelIntervalInvalid(f"{config.millisecond} ms")
        self._microphone.listen_for_speech(on=config.enable_vad)
        self._meters.monitor(config.millisecond / 1000)

    def stop_sound_level_monitor(self) -> None:
        """Tell levels no more."""
        self._check_alive()
        self._microphone.listen_for_speech(on=False)
        self._meters.monitor(None)

    def report_device(
        self,
        device_type: DeviceType,
        exception_type: DeviceExceptionType | None,
        device_id: str,
    ) -> None:
        """Say that a card does not work, or with None that it works again.

        Told as `local_device_exception_occurred`; of a microphone those who play its
        stream are told too. Callable from any thread.
        """
        if device_type is DeviceType.MICROPHONE:
            self._fault = exception_type
        if exception_type is None:
            self._reports.append(None)
        else:
            self._reports.append(
                LocalDeviceExceptionOccurred(exception_type, device_type, device_id)
            )
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._tell_devices)

    # Inside

    def _attach_sound(self, loop: asyncio.AbstractEventLoop) -> None:
        """Sound and reports go to this loop from now on."""
        self._microphone.attach(loop)
        self._loop = loop
        if self._reports:
            loop.call_soon(self._tell_devices)

    def _close_sound(self) -> None:
        self._loop = None
        self._microphone.detach()
        self._meters.close()

    def _gate_microphone(self, slot: int, is_open: bool) -> None:
        self._microphone.outlets[slot].is_open = is_open

    def _mic_state(self, channel: PublishChannel) -> MicState:
        """Closed on purpose goes before muted, and that before broken."""
        is_aux_own = channel is PublishChannel.AUX and self._microphone.is_own_aux
        if not is_aux_own and not self._microphone.is_enabled:
            return MicState.DISABLE
        if self._microphone.outlets[channel].is_muted:
            return MicState.MUTE
        if is_aux_own:
            return MicState.OPEN
        if self._microphone.is_muted:
            return MicState.MUTE
        if self._fault is None:
            return MicState.OPEN
        if self._fault > DeviceExceptionType.MEDIA_SERVICES_LOST:
            return MicState.GENERIC_ERROR
        return MicState(self._fault or MicState.GENERIC_ERROR)

    def _tell_mic_states(self) -> None:
        for channel in PublishChannel:
            self._link.handle(MicStateWanted(channel, self._mic_state(channel)))

    def _tell_devices(self) -> None:
        if self._loop is None:
            return
        while self._reports:
            report = self._reports.popleft()
            if report is not None:
                self._told(report)
        self._tell_mic_states()

    def _apply_gain(self, stream_id: str) -> None:
        slot = self._link.slots.get(stream_id)
        if slot is not None:
            self._playout.set_gain(slot, self._play_settings.gain(stream_id))

    def _apply_play_mute(self, stream_id: str) -> None:
        slot = self._link.slots.get(stream_id)
        if slot is None:
            return
        self._apply_gain(stream_id)
        is_muted = self._play_settings.is_muted(stream_id)
        if is_muted:
            self._playout.expect_silence(slot)
        self._link.handle(MutePlayWanted(stream_id, is_muted))

    def _before_telling(self, event: Event) -> None:
        """Keep the meters in step; `engine_state_update` Start goes before all."""
        match event:
            case PublisherStateUpdate(stream_id, publisher):
                self._tell_start(is_end=publisher is PublisherState.NO_PUBLISH)
                channel = self._channels.get(stream_id, PublishChannel.MAIN)
                self._meters.publisher_changed(stream_id, channel, publisher)
                if publisher is PublisherState.NO_PUBLISH:
                    self._channels.pop(stream_id, None)
                    if channel is PublishChannel.AUX:
                        self._microphone.is_own_aux = False
            case PlayerStateUpdate(stream_id, player):
                self._tell_start(is_end=player is PlayerState.NO_PLAY)
                self._meters.player_changed(stream_id, player)
                if player is PlayerState.NO_PLAY:
                    self._play_settings.forget(stream_id)
                else:
                    self._apply_gain(stream_id)
            case _:
                pass

    def _after_telling(self, event: Event) -> None:
        """`engine_state_update` Stop goes after all."""
        match event:
            case (
                PublisherStateUpdate(state=PublisherState.NO_PUBLISH)
                | PlayerStateUpdate(state=PlayerState.NO_PLAY)
            ) if not self._meters.is_running:
                self._meters.tell_stop()
            case _:
                pass

    def _tell_start(self, *, is_end: bool) -> None:
        if not is_end and not self._meters.is_running:
            self._meters.tell_start()

    def _told(self, event: Event) -> None:
        raise NotImplementedError

    def _check_alive(self) -> None:
        raise NotImplementedError


def _gain(volume: int) -> float:
    if not 0 <= volume <= VOLUME_MAX:
        raise IllegalParameter(f"volume {volume}; 0 to {VOLUME_MAX}")
    return volume / 100
