"""Keys, knobs and lights wired to what they do and show; the shell of their machines.

A pin that cannot be had is one line in the log: the station goes on without it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from types import TracebackType
from typing import Self

from intercomd.domain.errors import PinUnavailable
from intercomd.hardware.foot_switch import FootSwitch
from intercomd.hardware.pins import ContactPin, Lamp, Pins
from intercomd.station.actions import Actions
from intercomd.station.background import end
from intercomd.station.config import StationConfig
from intercomd.station.key_machine import (
    Contact,
    Press,
    PressMachine,
    Stuck,
    Talk,
    TalkKeyMachine,
)
from intercomd.station.lights import LOOKS, Color, Condition, Facts, level, shown
from intercomd.station.panel_config import (
    TALKING,
    Active,
    Does,
    KeySettings,
    LightSettings,
    NightSettings,
    Pull,
    time_of_day,
)
from intercomd.station.watch import Watch

LAMP_TEST_S = 0.5
LOOK_S = 0.1
"""How often the facts are looked at, besides after every key."""

_PULLS = {Pull.UP: True, Pull.DOWN: False, Pull.NONE: None}

_log = logging.getLogger(__name__)


class Panel:
    """A station's front, working while it is entered."""

    def __init__(self, config: StationConfig, actions: Actions, watch: Watch) -> None:
        self._config = config
        self._actions = actions
        self._watch = watch
        self._changed = asyncio.Event()
        self._present: list[_Key] = []
        self._keys = AsyncExitStack()
        self._lights = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._enter_keys()
        self._enter_lights()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._lights.aclose()
        await self._keys.aclose()

    @property
    def is_key_stuck(self) -> bool:
        """Whether a talk key was cut off, and has not been pressed since."""
        return any(key.is_stuck for key in self._present)

    async def change(self, config: StationConfig) -> None:
        """Have these keys, knobs and lights from now on.

        Lights change without the keys: whoever talks goes on. A talk by a key that
        changes ends.
        """
        old, self._config = self._config, config
        are_keys_new = (old.keys, old.knobs) != (config.keys, config.knobs)
        are_lights_new = (old.lights, old.night) != (config.lights, config.night)
        # Pins may go from one to the other: all is given back before anything is taken.
        if are_lights_new:
            await self._lights.aclose()
        if are_keys_new:
            await self._keys.aclose()
            await self._enter_keys()
        if are_lights_new:
            self._enter_lights()

    async def _enter_keys(self) -> None:
        used = self._changed.set
        keys = [_Key(key, self._actions, used) for key in self._config.keys]
        self._present = keys
        for key in keys:
            self._keys.callback(key.give_up)
        if self._config.knobs or any(key.is_pin for key in keys):
            with _or_without():
                pins = self._keys.enter_context(Pins())
                for key in keys:
                    with _or_without():
                        key.watch(pins)
                self._watch_knobs(pins)
        await self._enter_foot_switches(keys)

    def _enter_lights(self) -> None:
        lights: list[_Light] = []
        if self._config.lights:
            with _or_without():
                pins = self._lights.enter_context(Pins())
                for settings in self._config.lights:
                    with _or_without():
                        lights.append(self._light(pins, settings))
        if lights:
            task = asyncio.create_task(self._keep_showing(lights))
            self._lights.push_async_callback(end, task)

    async def _enter_foot_switches(self, keys: list[_Key]) -> None:
        names = dict.fromkeys(key.settings.usb for key in keys if key.settings.usb)
        for name in names:
            codes = {k.settings.code: k.edge for k in keys if k.settings.usb == name}
            try:
                switch = FootSwitch(name, codes)
            except ValueError as error:
                _log.error("panel: foot-switch %s: %s", name, error)
            else:
                await self._keys.enter_async_context(switch)

    def _watch_knobs(self, pins: Pins) -> None:
        loop = asyncio.get_running_loop()
        for knob in self._config.knobs:
            first, second = knob.pins

            def turned(notches: int, step: int = knob.step) -> None:
                loop.call_soon_threadsafe(self._actions.turn, step * notches)

            with _or_without():
                pins.watch_turns(first, second, turned)

    def _light(self, pins: Pins, settings: LightSettings) -> _Light:
        lamp = pins.lamp(settings.pins, is_active_high=settings.active is Active.HIGH)
        return _Light(lamp, settings, self._config.night)

    async def _keep_showing(self, lights: list[_Light]) -> None:
        for light in lights:
            light.test()
        await asyncio.sleep(LAMP_TEST_S)
        while True:
            self._changed.clear()
            facts = self._watch.facts(
                is_key_stuck=self.is_key_stuck, is_called=self._actions.is_called
            )
            now = time.monotonic()
            wait_s = min(light.show(facts, now) for light in lights)
            try:
                async with asyncio.timeout(min(wait_s, LOOK_S)):
                    await self._changed.wait()
            except TimeoutError:
                continue


class _Key:
    """One key: its contact's edges in, its actions out.

    is_stuck  it talked for too long, and has not been pressed since
    """

    def __init__(
        self, settings: KeySettings, actions: Actions, on_used: Callable[[], None]
    ) -> None:
        self.settings = settings
        self.is_stuck = False
        self._actions = actions
        self._on_used = on_used
        self._loop = asyncio.get_running_loop()
        self._contact = Contact(settings.bounce_ms / 1000)
        self._machine: TalkKeyMachine | PressMachine
        if settings.does in TALKING:
            limit_s = settings.limit_s or None
            self._machine = TalkKeyMachine(settings.mode, limit_s=limit_s)
        else:
            self._machine = PressMachine(
                has_long=settings.long is not None,
                has_double=settings.double is not None,
            )
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_pin(self) -> bool:
        """Whether it is a button on a pin."""
        return self.settings.pin is not None

    def watch(self, pins: Pins) -> None:
        """Follow the pin, if it has one. Raises `PinUnavailable`."""
        settings = self.settings
        if settings.pin is None:
            return
        is_high = settings.active is Active.HIGH
        contact = ContactPin(settings.pin, _PULLS[settings.pull], is_high)
        if pins.watch(contact, self.edge):
            _log.warning("key on GPIO%d is down at the start", settings.pin)

    def give_up(self) -> None:
        """End what it began; it will not be pressed or released any more."""
        if self._timer is not None:
            self._timer.cancel()
        if isinstance(self._machine, TalkKeyMachine):
            self._do_all(self._machine.give_up(time.monotonic()))

    def edge(self, is_closed: bool, at: float) -> None:  # noqa: FBT001 - `OnContact`
        """The contact closed or opened. Callable from any thread."""
        self._loop.call_soon_threadsafe(self._moved, is_closed, at)

    def _moved(self, is_closed: bool, at: float) -> None:  # noqa: FBT001
        self._follow(at, is_down=self._contact.handle(at, is_closed=is_closed))

    def _tick(self) -> None:
        now = time.monotonic()
        self._follow(now, is_down=self._contact.tick(now))
        self._do_all(self._machine.tick(now))
        self._arm()

    def _follow(self, at: float, *, is_down: bool | None) -> None:
        if is_down is not None:
            self._do_all(self._machine.handle(at, is_down=is_down))
        self._arm()

    def _do_all(self, outputs: list[Talk | Stuck] | list[Press]) -> None:
        for output in outputs:
            self._do(output)

    def _do(self, output: Talk | Stuck | Press) -> None:
        settings = self.settings
        match output:
            case Talk(is_on=is_on):
                self._talk(on=is_on)
            case Stuck():
                self.is_stuck = True
                self._actions.tell_stuck()
                _log.warning("talk key cut off after %d s", settings.limit_s)
            case Press.SINGLE:
                self._actions.do(settings.does)
            case Press.LONG:
                assert settings.long is not None
                self._actions.do(settings.long)
            case Press.DOUBLE:
                assert settings.double is not None
                self._actions.do(settings.double)
        self._on_used()

    def _talk(self, *, on: bool) -> None:
        self.is_stuck = False
        if self.settings.does is not Does.REPLY:
            self._actions.talk(self, on=on, channel=self.settings.channel)
        elif not self._actions.reply(self, on=on):
            assert isinstance(self._machine, TalkKeyMachine)
            # Nobody to talk to: the next press tries again.
            self._machine.give_up(time.monotonic())

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadlines = (self._contact.deadline, self._machine.deadline)
        due = min((at for at in deadlines if at is not None), default=None)
        self._timer = None
        if due is not None:
            wait_s = max(0.0, due - time.monotonic())
            self._timer = self._loop.call_later(wait_s, self._tick)


class _Light:
    """One light: facts in, brightness out."""

    def __init__(
        self, lamp: Lamp, settings: LightSettings, night: NightSettings
    ) -> None:
        self._lamp = lamp
        self._settings = settings
        self._night = night
        self._condition: Condition | None = None
        self._since = 0.0

    def test(self) -> None:
        """All on, so that one sees a light that is broken."""
        self._lamp.show(1.0, Color.WHITE.value)

    def show(self, facts: Facts, now: float) -> float:
        """Show the facts; return in how many seconds it wants to be called again."""
        condition = shown(facts, self._settings.shows)
        if condition is not self._condition:
            self._condition, self._since = condition, now
        look = LOOKS[condition]
        brightness, next_s = level(look.pattern, now - self._since)
        self._lamp.show(brightness * self._limit(), look.color.value)
        return LOOK_S if next_s is None else next_s

    def _limit(self) -> float:
        is_night = self._night.is_now(time_of_day())
        percent = self._night.brightness if is_night else self._settings.brightness
        return percent / 100


@contextmanager
def _or_without() -> Iterator[None]:
    try:
        yield
    except PinUnavailable as error:
        _log.error("panel: %s", error)
