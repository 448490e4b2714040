"""All of the engine's sound: its parts, begun, kept in step with events, ended."""

from __future__ import annotations

import asyncio
from functools import partial

from intercomd.domain.events import Event, PlayerStateUpdate, PublisherStateUpdate
from intercomd.domain.room import PlayerState, PublisherState, Scenario
from intercomd.domain.sound import PUBLISH_CHANNELS, PublishChannel
from intercomd.engine.device_calls import DeviceCalls
from intercomd.engine.meter_calls import MeterCalls
from intercomd.engine.meters import Meters
from intercomd.engine.microphone import Microphone
from intercomd.engine.microphone_calls import MicrophoneCalls
from intercomd.engine.network_monitor import NetworkMonitor
from intercomd.engine.outlet import Outlet
from intercomd.engine.performance_monitor import PerformanceMonitor
from intercomd.engine.play_settings import PlaySettings
from intercomd.engine.processing_calls import ProcessingCalls
from intercomd.engine.profile import EngineConfig
from intercomd.engine.sidetone import Sidetone
from intercomd.engine.sound_settings import SCENARIOS
from intercomd.engine.speaker_calls import SpeakerCalls
from intercomd.engine.spectrum_monitor import SpectrumMonitor
from intercomd.engine.stream_courses import StreamCourses


class SoundCalls(
    MicrophoneCalls, ProcessingCalls, SpeakerCalls, MeterCalls, DeviceCalls
):
    """A part of `Engine`."""

    def _begin_sound(self, scenario: Scenario, config: EngineConfig) -> None:
        """Once the link is there. Opens nothing."""
        settings = SCENARIOS[scenario]
        self._scenario = scenario
        self._processing = config.processing
        self._play_settings = PlaySettings()
        self._sidetone = Sidetone()
        self._microphone = Microphone(
            [
                Outlet(settings, partial(self._link.send, slot))
                for slot in PUBLISH_CHANNELS
            ]
        )
        for outlet in self._microphone.outlets:
            outlet.is_thinning = config.enable_dtx
        self._meters = Meters(
            microphone=self._microphone,
            playout=self._playout,
            link=self._link,
            is_muted=self._play_settings.is_muted,
            on_event=self._told,
            quality_interval_s=config.quality_interval_s,
        )
        self._spectrum = SpectrumMonitor(
            microphone=self._microphone,
            playout=self._playout,
            link=self._link,
            on_event=self._told,
        )
        self._network = NetworkMonitor(
            link=self._link,
            playout=self._playout,
            meters=self._meters,
            speaker_state=self._speaker_state,
            on_event=self._told,
        )
        self._performance = PerformanceMonitor(self._told)
        self._courses = StreamCourses()

    def _attach_sound(self, loop: asyncio.AbstractEventLoop) -> None:
        """Reports go to this loop from now on."""
        self._loop = loop
        if self._reports:
            loop.call_soon(self._tell_devices)

    def _close_sound(self) -> None:
        self._loop = None
        self._microphone.close()
        self._meters.close()
        self._spectrum.stop()
        self._network.stop()
        self._performance.stop()

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
                        self._microphone.aux_stopped()
            case PlayerStateUpdate(stream_id, player):
                self._tell_start(is_end=player is PlayerState.NO_PLAY)
                self._meters.player_changed(stream_id, player)
                if player is PlayerState.NO_PLAY:
                    self._network.forget(stream_id)
                    self._play_settings.forget(stream_id)
                else:
                    if player is PlayerState.PLAY_REQUESTING:
                        self._network.interrupt(stream_id)
                    self._apply_gain(stream_id)
                    self._apply_wait(stream_id)
            case _:
                pass

    def _after_telling(self, event: Event) -> None:
        """A state update is followed by what it means for its stream's course;
        `engine_state_update` Stop goes after all."""
        if isinstance(event, (PublisherStateUpdate, PlayerStateUpdate)):
            self._told(self._courses.follow(event))
        match event:
            case (
                PublisherStateUpdate(state=PublisherState.NO_PUBLISH)
                | PlayerStateUpdate(state=PlayerState.NO_PLAY)
            ) if not self._meters.is_running:
                self._network.stop()
                self._meters.tell_stop()
            case _:
                pass

    def _tell_start(self, *, is_end: bool) -> None:
        if not is_end and not self._meters.is_running:
            self._network.start()
            self._meters.tell_start()
