"""The engine's calls that concern the microphone and how it is encoded."""

from __future__ import annotations

from collections.abc import Callable

from intercomd.domain.audio import Frame
from intercomd.domain.errors import (
    ConfigAfterEngineStarted,
    ConfigAfterLogin,
    IllegalParameter,
    ModuleMissing,
)
from intercomd.domain.room import Scenario
from intercomd.domain.sound import (
    PUBLISH_CHANNELS,
    AudioSourceType,
    DeviceExceptionType,
    MicState,
    PublishChannel,
    state_of,
)
from intercomd.engine.channel import check_channel
from intercomd.engine.part import EnginePart
from intercomd.engine.sound_settings import (
    SCENARIOS,
    AudioConfig,
    AudioPreset,
    configured,
)
from intercomd.engine.volume import gain_of
from intercomd.protocol.client_events import MicStateWanted


class MicrophoneCalls(EnginePart):
    """A part of `Engine`.

    on_capture_device  called with False when the microphone's card is to be closed,
                       with True when it is to be opened; set by whoever owns it
    """

    _scenario: Scenario
    _channels: dict[str, PublishChannel]

    def __init__(self) -> None:
        super().__init__()
        self.on_capture_device: Callable[[bool], None] | None = None
        self._fault: DeviceExceptionType | None = None
        self._audio_configs: dict[PublishChannel, AudioConfig] = {}

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

    def enable_headphone_monitor(self, enable: bool) -> None:
        """Let `render` return the microphone's own sound, too, or no more.

        As it was captured: before volumes and mutes. Only for who wears headphones:
        a loudspeaker would howl, and nothing here can tell them apart.
        """
        self._check_alive()
        self._sidetone.is_on = enable

    def set_headphone_monitor_volume(self, volume: int) -> None:
        """How loud that is: 0 to 200, at first 60. Raises `IllegalParameter`."""
        self._check_alive()
        self._sidetone.gain = gain_of(volume)

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
        self._microphone.gain = gain_of(volume)

    def mute_publish_stream_audio(
        self, mute: bool, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Send silence in place of all the sound of a channel, or the sound again.

        The microphone is captured and measured as before; those who play the stream
        are told `MicState.MUTE`.
        """
        self._check_alive()
        check_channel(channel)
        self._microphone.outlets[channel].is_muted = mute
        self._tell_mic_states()

    def set_audio_source(
        self, source: AudioSourceType, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Choose what a channel carries, until another is chosen.

        NONE is silence. On Main all others are what `capture` is given. On Aux
        DEFAULT is the microphone until `capture_aux` is given something, CUSTOM is
        nothing but that, MICROPHONE and MAIN_PUBLISH_CHANNEL the microphone alone.
        Raises `ModuleMissing` for MEDIA_PLAYER, SCREEN_CAPTURE and other channels,
        and `IllegalParameter` for Main as the source of itself.
        """
        self._check_alive()
        check_channel(channel)
        if source in (AudioSourceType.MEDIA_PLAYER, AudioSourceType.SCREEN_CAPTURE):
            raise ModuleMissing(f"audio source {source.name}")
        is_main = channel is PublishChannel.MAIN
        if is_main and source is AudioSourceType.MAIN_PUBLISH_CHANNEL:
            raise IllegalParameter("Main cannot be its own source")
        self._microphone.use_source(channel, source)
        self._tell_mic_states()

    def capture(self, frame: Frame, captured_at: float) -> None:
        """Take a microphone frame: the engine's `domain.audio.Deliver`.

        Callable from any one thread; ignored while nothing is published.
        """
        self._sidetone.hear(frame)
        self._microphone.capture(frame, captured_at)

    def capture_aux(self, frame: Frame, captured_at: float) -> None:
        """Take a frame of sound for the Aux channel, in place of the microphone's.

        From the first such frame until the Aux channel stops publishing, it carries
        nothing else. Callable from any one thread.
        """
        self._microphone.capture_aux(frame, captured_at)

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
        check_channel(channel)
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

    # Inside

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
        return state_of(self._fault)

    def _tell_mic_states(self) -> None:
        for channel in PUBLISH_CHANNELS:
            self._link.handle(MicStateWanted(channel, self._mic_state(channel)))
