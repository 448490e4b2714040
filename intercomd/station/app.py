"""The station: everything of it wired together, started and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncIterable, Callable, Coroutine, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from intercomd.domain.audio import Frame
from intercomd.domain.errors import ControlRefused
from intercomd.domain.room import User
from intercomd.domain.sound import PublishChannel
from intercomd.engine import Engine, EngineConfig, EngineProfile, TalkKey
from intercomd.station.actions import Actions
from intercomd.station.announcer import Announcer
from intercomd.station.background import end
from intercomd.station.call import LOGIN_RETRY_S, Call
from intercomd.station.changes import Part, concerned
from intercomd.station.config import StationConfig, TalkMode
from intercomd.station.heartbeat import Pulse
from intercomd.station.loudspeaker import Loudspeaker
from intercomd.station.panel import Panel
from intercomd.station.panel_config import Channel, time_of_day
from intercomd.station.repair import Repair
from intercomd.station.repair_ladder import Rung
from intercomd.station.repair_signs import signs
from intercomd.station.saying import Saying
from intercomd.station.sentence import sentence
from intercomd.station.sound import MakeSound, SoundPart, is_card_missing, pulses
from intercomd.station.status import StationStatus
from intercomd.station.watch import Watch

_CATCH_UP_S = 0.5
"""In silence, listeners have caught up with a pressed key's pre-roll by then."""

_log = logging.getLogger(__name__)


class Station:
    """A station, in its room (or on the way to it) while it is entered.

    engine  its place in the room, for who wants to look or to bring sound of its own
    on_beyond_repair  called when nothing but a new process can help
    """

    def __init__(
        self, config: StationConfig, app_sign: str, make_sound: MakeSound
    ) -> None:
        """`app_sign` is 64 hexadecimal digits; "" logs in by the token file."""
        self._config = config
        self.engine = Engine(
            EngineProfile(
                config.app.id,
                app_sign,
                server_url=config.server.url,
                server_fingerprint=config.server.fingerprint,
            ),
            EngineConfig(
                room_retry_time_s=math.inf,  # a station never gives up
                av_retry_time_s=math.inf,
                first_wait_ms=config.audio.first_wait_ms,
                processing=config.processing,
            ),
        )
        _set_talk(self.engine, config)
        self._tasks: set[asyncio.Task[object]] = set()
        self._call = Call(
            self.engine,
            room_id=config.room.id,
            user=User(config.user.id, config.user.name),
            published=config.published,
            token_file=config.app.token_file,
            priority=config.audio.priority,
        )
        self._loudspeaker = Loudspeaker(self.engine.render, self._tone_volume)
        self.on_beyond_repair: Callable[[], object] = lambda: None
        self._renewing_cards = asyncio.Lock()
        self._saying = Saying(self.engine.capture)
        self._make_sound = make_sound
        self._sound = self._made_sound()
        self._watch = Watch(
            config,
            self.engine,
            self._call,
            is_card_missing=lambda: is_card_missing(self._sound),
        )
        self._announcer = Announcer(self.engine, self._loudspeaker)
        self._call.on_refused = self._announcer.tell_fault
        self._actions = Actions(
            self.engine,
            self._call,
            self._loudspeaker,
            self._watch,
            room_id=config.room.id,
            reply_stream_id=config.published.get(PublishChannel.AUX),
            spawn=self._spawn,
        )
        self._panel = Panel(config, self._actions, self._watch)
        self._repair = Repair(
            lambda: signs(self.engine, self._watch.status(), self._sound),
            {
                Rung.REOPEN_CARDS: self._renew_cards,
                Rung.MIGRATE_PATH: self._migrate_path,
                Rung.NEW_CONNECTION: self._renew_connection,
                Rung.REJOIN: self._call.rejoin,
                Rung.RESTART: self._give_up,
            },
        )
        self._resources = contextlib.AsyncExitStack()
        self._cards = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._resources.enter_async_context(self.engine)
            self._resources.push_async_callback(self._close_cards)
            await self._open_cards()
            await self._resources.enter_async_context(self._panel)
            call = asyncio.create_task(self._keep_call())
            self._resources.push_async_callback(end, call)
            await self._resources.enter_async_context(self._repair)
        except BaseException:
            await self._resources.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._resources.aclose()

    async def change(self, config: StationConfig, make_sound: MakeSound) -> None:
        """Go on with another configuration, which is of the same engine and call:
        `changes.concerned` says so. Raises nothing."""
        parts = concerned(self._config, config)
        assert Part.STATION not in parts
        self._config = config
        if Part.TALK in parts:
            _set_talk(self.engine, config)
            self._actions.go_on()
        if Part.PROCESSING in parts:
            self.engine.process(config.processing)
        if Part.CARDS in parts:
            self._make_sound = make_sound
            await self._renew_cards()
        if Part.PANEL in parts:
            await self._panel.change(config)

    def tell_config_refused(self, *, is_refused: bool) -> None:
        """Let a tone and its lights tell that its new configuration was refused, or
        its lights that it is no more."""
        if is_refused:
            self._announcer.tell_fault()
        self._watch.is_config_refused = is_refused

    @property
    def is_talking(self) -> bool:
        """Whether the talk key is down, or none is needed."""
        return self._watch.is_talking

    @property
    def talks_by_itself(self) -> bool:
        """Whether no key is needed for it to talk."""
        return self._config.talk_mode is not TalkMode.KEY

    def talk(self, *, on: bool) -> None:
        """Press or release a talk key beside its own; nothing unless the station talks
        by key."""
        self._actions.talk("operator", on=on, channel=Channel.MAIN)

    async def say(self, frames: AsyncIterable[Frame]) -> int:
        """Say these to the room, in the microphone's place; how many listen at the end.

        Where it talks by key, its key is down meanwhile. Raises `ControlRefused`.
        """
        self._check_may_say()
        talk = self._config.talk
        is_by_key = not self.talks_by_itself
        with self._saying.turn():
            # What was heard before is not to go along, nor what is heard just after.
            await self._saying.silence(talk.pre_roll_ms / 1000)
            if is_by_key:
                self._actions.talk("saying", on=True, channel=Channel.MAIN)
            try:
                await self._saying.silence(_CATCH_UP_S)
                await self._saying.put(frames)
            finally:
                if is_by_key:
                    self._actions.talk("saying", on=False, channel=Channel.MAIN)
            await self._saying.silence(talk.tail_ms / 1000)
        return self._watch.status().listeners

    def _check_may_say(self) -> None:
        if self.engine.is_microphone_muted:
            raise ControlRefused(
                "its microphone is muted: run 'intercomd mute microphone off' first"
            )
        if not self._watch.is_heard():
            raise ControlRefused(f"nobody would hear it: {self.sentence()}")

    @property
    def is_called(self) -> bool:
        """Whether somebody called and was not answered yet."""
        return self._actions.is_called

    @property
    def volume(self) -> int:
        """The loudspeaker's: 0 to 200, 100 is as it is."""
        return self._loudspeaker.volume

    @volume.setter
    def volume(self, percent: int) -> None:
        self._loudspeaker.volume = percent

    def take_over(self, before: Station) -> None:
        """Be as muted and as loud as the station before it was."""
        self.volume = before.volume
        self.mute(
            microphone=before.engine.is_microphone_muted,
            speaker=before.engine.is_speaker_muted,
        )

    def mute(self, *, microphone: bool | None, speaker: bool | None) -> None:
        """Shut the microphone or the loudspeaker, or open it; None leaves it."""
        if microphone is not None:
            self.engine.mute_microphone(microphone)
        if speaker is not None:
            self.engine.mute_speaker(speaker)

    def status(self) -> StationStatus:
        """Read everything; cheap enough for ten times a second."""
        tried = {rung.name.lower(): n for rung, n in self._repair.tried.items()}
        return replace(self._watch.status(), repairs=tried)

    def sentence(self) -> str:
        """What it does at the moment, for people."""
        facts = self._watch.facts(is_key_stuck=self._panel.is_key_stuck)
        return sentence(self._config.room.id, facts, refusal=self._call.refusal)

    def pulses(self) -> list[Pulse]:
        """How far the sound of each of its cards has come."""
        return pulses(self._sound)

    def _made_sound(self) -> Sequence[SoundPart]:
        return self._make_sound(
            self.engine, self._saying.capture, self._loudspeaker.render
        )

    async def _open_cards(self) -> None:
        for part in self._sound:
            await self._cards.enter_async_context(part)

    async def _renew_cards(self) -> None:
        async with self._renewing_cards:
            await self._close_cards()
            self._sound = self._made_sound()
            await self._open_cards()

    async def _migrate_path(self) -> None:
        self.engine.migrate_media()

    async def _renew_connection(self) -> None:
        self.engine.renew_media()

    async def _give_up(self) -> None:
        self.on_beyond_repair()

    async def _close_cards(self) -> None:
        await self._cards.aclose()

    def _spawn(self, work: Coroutine[object, object, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_call(self) -> None:
        while True:
            try:
                await self._call.run()
            except Exception:  # noqa: BLE001 - the top of a task
                _log.exception("call failed: please report this; beginning anew")
                await asyncio.sleep(LOGIN_RETRY_S)
                await self.engine.logout_room()

    def _tone_volume(self) -> int:
        tones, night = self._config.tones, self._config.night
        is_quiet = night.is_now(time_of_day()) and not tones.at_night
        return 0 if is_quiet else tones.volume


def _set_talk(engine: Engine, config: StationConfig) -> None:
    key = TalkKey(config.talk.pre_roll_ms, config.talk.tail_ms)
    match config.talk_mode:
        case TalkMode.ALWAYS:
            engine.talk_always()
        case TalkMode.VOICE:
            engine.talk_by_voice()
        case TalkMode.KEY:
            engine.talk_by_key(key)
    engine.talk_by_key(key, PublishChannel.AUX)
