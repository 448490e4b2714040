"""The engine's calls that fit what is sent to what the network carries."""

from __future__ import annotations

import time
from enum import IntEnum, IntFlag

from intercomd.domain.errors import (
    BitrateInvalid,
    ModuleMissing,
    TrafficModeInvalid,
)
from intercomd.domain.sound import PUBLISH_CHANNELS, PublishChannel
from intercomd.engine.channel import check_channel
from intercomd.engine.part import EnginePart
from intercomd.engine.sound_settings import (
    KBPS_MAX,
    KBPS_MIN,
    LONGEST_MS,
    headers_kbps,
)
from intercomd.engine.ticker import Ticker
from intercomd.media.rate_control import RateControl
from intercomd.media.session_stats import PeerStats

LEAST_KBPS = 8
"""Less is hardly speech any more."""

CONTROL_S = 0.1


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
        self._controlled = set(PUBLISH_CHANNELS)
        self._controls: dict[PublishChannel, RateControl] = {}
        self._least_kbps: dict[PublishChannel, int] = {}
        self._traffic = Ticker(self._control_traffic)

    def enable_traffic_control(
        self,
        enable: bool,
        traffic_property: int = TrafficProperty.ADAPTIVE_AUDIO_BITRATE,
        channel: PublishChannel = PublishChannel.MAIN,
    ) -> None:
        """Let a channel's bitrate follow what the way to the server bears, or not.

        At first it does. Of the properties only ADAPTIVE_AUDIO_BITRATE (4) has an
        effect: without it the bitrate stays; the others concern video. Raises
        `TrafficModeInvalid` for any other bit.
        """
        self._check_alive()
        check_channel(channel)
        if traffic_property & ~sum(TrafficProperty):
            raise TrafficModeInvalid(f"property {traffic_property}; 0 to 7")
        if enable and traffic_property & TrafficProperty.ADAPTIVE_AUDIO_BITRATE:
            self._controlled.add(channel)
        else:
            self._controlled.discard(channel)
            self._controls.pop(channel, None)
            outlet = self._microphone.outlets[channel]
            outlet.use(outlet.settings)

    def set_min_audio_bitrate_for_traffic_control(
        self, bitrate_kbps: int, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Never go below this, 6 to 192; 8 unless set. Raises `BitrateInvalid`."""
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

    def _begin_traffic(self) -> None:
        self._traffic.start(CONTROL_S)

    def _control_traffic(self) -> None:
        media = self._link.media_stats
        if media is None:
            return
        now = time.monotonic()
        for channel in self._controlled:
            if self._microphone.outlets[channel].is_open:
                self._control(channel, now, media)

    def _control(self, channel: PublishChannel, now: float, media: PeerStats) -> None:
        outlet = self._microphone.outlets[channel]
        most_kbps = outlet.settings.path_kbps
        control = self._controls.setdefault(channel, RateControl(most_kbps))
        control.aim(most_kbps)
        least_kbps = self._least_kbps.get(channel, LEAST_KBPS)
        sent = self._link.send_stats(channel)
        control.note(
            sent.lost,
            sent.due,
            now,
            is_queueing=media.is_queueing,
            is_late=media.is_late,
            has_copies=bool(sent.distances),
            least_kbps=least_kbps + headers_kbps(LONGEST_MS),
        )
        outlet.fit(control.kbps, least_kbps)
