"""What keys do: to the call, the microphone and the loudspeaker.

Stations tell each other by custom commands who calls whom; see docs/semantics.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from intercomd.domain.errors import IntercomError
from intercomd.domain.room import User
from intercomd.domain.sound import PublishChannel
from intercomd.engine import Engine
from intercomd.station.call import Call
from intercomd.station.loudspeaker import VOLUME_MAX, Loudspeaker
from intercomd.station.panel_config import Channel, Does
from intercomd.station.tones import Tone
from intercomd.station.watch import Watch

VOLUME_STEP = 10
CALLED_S = 30.0

CALL = "intercom:call"
LISTEN = "intercom:listen"
UNLISTEN = "intercom:unlisten"

_CHANNELS = {Channel.MAIN: PublishChannel.MAIN, Channel.AUX: PublishChannel.AUX}

_log = logging.getLogger(__name__)


class Actions:
    """Does what keys ask for. All methods belong to the event loop's thread.

    is_called   somebody called within the last 30 s, and was not answered since
    """

    def __init__(
        self,
        engine: Engine,
        call: Call,
        loudspeaker: Loudspeaker,
        watch: Watch,
        *,
        room_id: str,
        reply_stream_id: str | None,
        spawn: Callable[[Coroutine[object, object, object]], object],
    ) -> None:
        """`spawn` starts a task of the station."""
        self.is_called = False
        self._engine = engine
        self._call = call
        self._loudspeaker = loudspeaker
        self._watch = watch
        self._room_id = room_id
        self._reply_stream_id = reply_stream_id
        self._spawn = spawn
        self._talkers: dict[PublishChannel, set[object]] = {
            channel: set() for channel in _CHANNELS.values()
        }
        self._replying_to: User | None = None
        self._called_until: asyncio.TimerHandle | None = None
        engine.on("im_recv_custom_command", self._command_received)

    def talk(self, by: object, *, on: bool, channel: Channel) -> None:
        """Begin or end to talk on a channel; a tone tells whether somebody listens.

        `by` is whose talk it is, a key's for one: the channel is open as long as
        anybody's lasts.
        """
        self.is_called = False
        self._talk(by, _CHANNELS[channel], on=on)
        if on:
            may_talk = self._watch.may_talk(_CHANNELS[channel])
            self._loudspeaker.play(Tone.MAY_TALK if may_talk else Tone.MAY_NOT)

    def go_on(self) -> None:
        """Open again the channels that somebody talks on: how they talk was changed."""
        for channel, talkers in self._talkers.items():
            self._engine.talk(bool(talkers), channel)

    def reply(self, by: object, *, on: bool) -> bool:
        """Begin or end to talk to the last talker alone; False, and a low tone, if
        there is none."""
        if on:
            self._replying_to = self._call.last_talker
        if self._replying_to is None or self._reply_stream_id is None:
            self._loudspeaker.play(Tone.MAY_NOT)
            return False
        self.is_called = False
        verb = LISTEN if on else UNLISTEN
        self._tell(f"{verb} {self._reply_stream_id}", [self._replying_to.user_id])
        self._talk(by, PublishChannel.AUX, on=on)
        return True

    def tell_stuck(self) -> None:
        """Let a fault be heard: somebody talked for too long, or a key is stuck."""
        self._loudspeaker.play(Tone.FAULT)

    def do(self, does: Does) -> None:
        """Do what is done at once; talking is `talk` and `reply`."""
        match does:
            case Does.CALL:
                self._tell(CALL, [])
            case Does.LOGIN:
                self._toggle_login()
            case Does.MUTE_MICROPHONE:
                self._engine.mute_microphone(not self._engine.is_microphone_muted)
                self._tell_mute(is_muted=self._engine.is_microphone_muted)
            case Does.MUTE_SPEAKER:
                self._engine.mute_speaker(not self._engine.is_speaker_muted)
                self._tell_mute(is_muted=self._engine.is_speaker_muted)
            case Does.LOUDER:
                self.turn(VOLUME_STEP)
            case Does.QUIETER:
                self.turn(-VOLUME_STEP)
            case Does.TALK | Does.REPLY:
                raise AssertionError("a talk has a beginning and an end")

    def turn(self, by: int) -> None:
        """Make the loudspeaker louder or quieter."""
        volume = self._loudspeaker.volume + by
        self._loudspeaker.volume = max(0, min(VOLUME_MAX, volume))

    def _talk(self, by: object, channel: PublishChannel, *, on: bool) -> None:
        talkers = self._talkers[channel]
        (talkers.add if on else talkers.discard)(by)
        self._engine.talk(bool(talkers), channel)

    def _toggle_login(self) -> None:
        if self._call.is_wanted:
            self._spawn(self._call.leave())
        else:
            self._call.come_back()

    def _tell_mute(self, *, is_muted: bool) -> None:
        self._loudspeaker.play(Tone.MUTED if is_muted else Tone.UNMUTED)

    def _tell(self, command: str, users: list[str]) -> None:
        self._spawn(self._send(command, users))

    async def _send(self, command: str, users: list[str]) -> None:
        try:
            await self._engine.send_custom_command(self._room_id, command, users)
        except IntercomError as error:
            _log.warning("not told %s room=%s: %s", command, self._room_id, error)
            self._loudspeaker.play(Tone.MAY_NOT)

    def _command_received(self, room_id: str, from_user: User, command: str) -> None:
        verb, _, stream_id = command.partition(" ")
        match verb:
            case "intercom:call":
                _log.info("called room=%s user=%s", room_id, from_user.user_id)
                self._loudspeaker.play(Tone.CALLED)
                self._ring()
            case "intercom:listen" if stream_id:
                self._spawn(self._call.listen(stream_id, on=True))
            case "intercom:unlisten" if stream_id:
                self._spawn(self._call.listen(stream_id, on=False))
            case _:
                pass  # another application's

    def _ring(self) -> None:
        self.is_called = True
        if self._called_until is not None:
            self._called_until.cancel()
        loop = asyncio.get_running_loop()
        self._called_until = loop.call_later(CALLED_S, self._stop_ringing)

    def _stop_ringing(self) -> None:
        self.is_called = False
