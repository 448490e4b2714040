"""The engine's calls that fit what is sent to what the network carries."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from intercomd.domain.errors import (
    BitrateInvalid,
    ModuleMissing,
    TrafficModeInvalid,
)
from intercomd.domain.sound import PublishChannel
from intercomd.engine.bitrate_control import BitrateControl
from intercomd.engine.channel import check_channel
from intercomd.engine.part import EnginePart
from intercomd.engine.sound_settings import KBPS_MAX, KBPS_MIN
from intercomd.engine.ticker import Ticker

LEAST_KBPS = 24
"""Below it low delay sounds poor: so far down only who asks for it."""

CONTROL_S = 1.0


class TrafficProperty(IntFlag):
    """What may give way; of sound alone only the bitrate can."""

    BASIC = 0
    ADAPTIVE_FPS = 1
    ADAPTIVE_RESOLUTION = 2
    ADAPTIVE_AUDIO_BITRATE = 4


class TrafficFocus(IntEnum):
    """Whose network is looked at."""

    LOCAL_ONLY = 0
    REMOTE = 1


class TrafficCalls(EnginePart):
    """A part of `Engine`."""

    def __init__(self) -> None:
        super().__init__()
        self._controls: dict[PublishChannel, BitrateControl] = {}
        self._least_kbps: dict[PublishChannel, int] = {}
        self._traffic = Ticker(self._control_traffic)

    def enable_traffic_control(
        self,
        enable: bool,
        traffic_property: int = TrafficProperty.ADAPTIVE_FPS,
        channel: PublishChannel = PublishChannel.MAIN,
    ) -> None:
        """Let a channel's bitrate give way to loss on the way to the server, or not.

        Only ADAPTIVE_AUDIO_BITRATE (4) has an effect, and at first it is off; the
        others concern video. Raises `TrafficModeInvalid` for any other bit.
        """
        self._check_alive()
        check_channel(channel)
        if traffic_property & ~sum(TrafficProperty):
            raise TrafficModeInvalid(f"property {traffic_property}; 0 to 7")
        if enable and traffic_property & TrafficProperty.ADAPTIVE_AUDIO_BITRATE:
            wanted = self._wanted_kbps(channel)
            self._controls.setdefault(channel, BitrateControl(wanted))
            self._traffic.start(CONTROL_S)
        elif self._controls.pop(channel, None) is not None:
            outlet = self._microphone.outlets[channel]
            outlet.set_bitrate(self._wanted_kbps(channel))
        if not self._controls:
            self._traffic.stop()

    def set_min_audio_bitrate_for_traffic_control(
        self, bitrate_kbps: int, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Never go below this, 6 to 192; 24 unless set. Raises `BitrateInvalid`."""
        self._check_alive()
        check_channel(channel)
        if not KBPS_MIN <= bitrate_kbps <= KBPS_MAX:
            raise BitrateInvalid(f"{bitrate_kbps} kbit/s; {KBPS_MIN} to {KBPS_MAX}")
        self._least_kbps[channel] = bitrate_kbps

    def set_traffic_control_focus_on(
        self, focus: TrafficFocus, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Accept LOCAL_ONLY; raise `ModuleMissing` for REMOTE: one stream goes to all
        listeners, and the server forwards it as it is."""
        self._check_alive()
        check_channel(channel)
        if focus is not TrafficFocus.LOCAL_ONLY:
            raise ModuleMissing("traffic control by the listeners' networks")

    # Inside

    def _control_traffic(self) -> None:
        for channel, control in list(self._controls.items()):
            wanted = self._wanted_kbps(channel)
            if control.wanted_kbps != wanted:  # configured anew meanwhile
                control = self._controls[channel] = BitrateControl(wanted)
            loss = self._link.send_stats(channel).loss
            before = control.kbps
            if (
                loss is not None
                and control.report(loss, self._least(channel)) != before
            ):
                self._microphone.outlets[channel].set_bitrate(control.kbps)

    def _least(self, channel: PublishChannel) -> int:
        return self._least_kbps.get(channel, LEAST_KBPS)

    def _wanted_kbps(self, channel: PublishChannel) -> int:
        raise NotImplementedError
