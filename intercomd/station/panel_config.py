"""What config/station.yaml may say of keys, knobs, lights and tones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated

from intercomd.domain.document import Document, KeyPath, Value, dotted
from intercomd.domain.errors import ConfigInvalid
from intercomd.domain.settings import Check, Range
from intercomd.station.key_machine import KeyMode
from intercomd.station.lights import Shows

PINS = (2, 27)
"""GPIO numbers of the 40-pin header; 0 and 1 are the HAT's memory."""


class Does(Enum):
    """What a key does."""

    TALK = "talk"
    REPLY = "reply"
    CALL = "call"
    LOGIN = "login"
    MUTE_MICROPHONE = "mute_microphone"
    MUTE_SPEAKER = "mute_speaker"
    LOUDER = "louder"
    QUIETER = "quieter"


TALKING = frozenset({Does.TALK, Does.REPLY})


class Channel(Enum):
    """Which of the station's two streams a talk key opens."""

    MAIN = "main"
    AUX = "aux"


class Pull(Enum):
    """The resistor that holds an open contact's pin."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class Active(Enum):
    """The level of a pin when its key is pressed, or its light lit."""

    LOW = "low"
    HIGH = "high"


Pin = Annotated[int, Range(*PINS)]


def check_time(text: str) -> str:
    """Return `text`, or raise `ConfigInvalid` unless it is a time of day as 22:30."""
    if text and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ConfigInvalid(f"must be a time of day as \"22:30\", not '{text}'")
    return text


def check_code(code: str) -> str:
    """Return `code`, or raise `ConfigInvalid` unless it is like KEY_B or BTN_LEFT."""
    if code and not re.fullmatch(r"(KEY|BTN)_[A-Z0-9_]+", code):
        raise ConfigInvalid(f"must be a key of the kernel's, say KEY_B, not '{code}'")
    return code


TimeOfDay = Annotated[str, Check(check_time)]


@dataclass(frozen=True, slots=True)
class KeySettings:
    """A push-button on a pin, or a key of a USB foot-switch."""

    does: Does
    pin: Pin | None = None
    usb: str = ""
    code: Annotated[str, Check(check_code)] = ""
    mode: KeyMode = KeyMode.HYBRID
    channel: Channel = Channel.MAIN
    long: Does | None = None
    double: Does | None = None
    pull: Pull = Pull.UP
    active: Active = Active.LOW
    bounce_ms: Annotated[int, Range(0, 500, "ms")] = 20
    limit_s: Annotated[int, Range(0, 3600, "s")] = 120

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """What is wrong with it as a whole."""
        if self.pin is not None and self.usb:
            yield (), "is bound twice: leave out either pin or usb"
        elif self.pin is None and not self.usb:
            yield (), "is bound to nothing: give it either pin or usb with code"
        elif self.usb and not self.code:
            yield ("usb",), "needs code as well, say KEY_B: see 'intercomd doctor'"
        if self.does in TALKING:
            for name in ("long", "double"):
                if getattr(self, name) is not None:
                    told = f"cannot be, of a key that does {self.does.value}"
                    yield (name,), f"{told}: give it a key of its own"
        elif TALKING & {self.long, self.double}:
            yield (), "long and double presses cannot talk: give talk a key of its own"
        pulled_to = {Pull.UP: Active.HIGH, Pull.DOWN: Active.LOW}.get(self.pull)
        if self.pin is not None and pulled_to is self.active:
            told = f"cannot be {self.active.value}: pull holds the pin there unpressed"
            yield ("active",), f"{told}; change one of the two"


@dataclass(frozen=True, slots=True)
class KnobSettings:
    """A rotary encoder that sets the loudspeaker's volume."""

    pins: tuple[Pin, ...]
    step: Annotated[int, Range(1, 50)] = 5

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """What is wrong with it as a whole."""
        if len(self.pins) != 2:
            yield ("pins",), "must be the encoder's two pins, as [5, 6]"


@dataclass(frozen=True, slots=True)
class LightSettings:
    """One LED, or one with red, green and blue."""

    pin: Pin | None = None
    rgb: tuple[Pin, ...] = ()
    shows: Shows = Shows.EVERYTHING
    active: Active = Active.HIGH
    brightness: Annotated[int, Range(1, 100, "%")] = 100

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """What is wrong with it as a whole."""
        if self.pin is not None and self.rgb:
            yield (), "has both pin and rgb: leave out one"
        elif self.pin is None and not self.rgb:
            yield (), "needs either pin or rgb"
        elif self.rgb and len(self.rgb) != 3:
            yield ("rgb",), "must be the pins of red, green and blue, as [23, 24, 25]"

    @property
    def pins(self) -> tuple[int, ...]:
        return self.rgb if self.pin is None else (self.pin,)


@dataclass(frozen=True, slots=True)
class NightSettings:
    """When lights are dimmed and tones are not played; "" is never."""

    begins: TimeOfDay = ""
    ends: TimeOfDay = ""
    brightness: Annotated[int, Range(0, 100, "%")] = 10

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """What is wrong with it as a whole."""
        if (not self.begins) != (not self.ends):
            yield (), "needs both begins and ends, or neither"

    def is_now(self, time_of_day: str) -> bool:
        """Whether it is night at `time_of_day`, as "22:30"."""
        if not self.begins:
            return False
        if self.begins <= self.ends:
            return self.begins <= time_of_day < self.ends
        return time_of_day >= self.begins or time_of_day < self.ends


@dataclass(frozen=True, slots=True)
class ToneSettings:
    """How loud the station's own tones are."""

    volume: Annotated[int, Range(0, 100)] = 30
    at_night: bool = False


def time_of_day() -> str:
    """Now, at the station's own place, as "22:30"."""
    return datetime.now().strftime("%H:%M")  # noqa: DTZ005 - no zone is meant


def pin_problems(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """Two things on one pin. Looks at the text, so that other mistakes hide none."""
    owners: dict[int, KeyPath] = {}
    for path, pin in pins_in(document.value):
        if pin in owners:
            yield path, f"pin {pin} is taken by {dotted(owners[pin])} already"
        else:
            owners[pin] = path


def pins_in(root: Value) -> Iterator[tuple[KeyPath, int]]:
    """Every pin that the text gives to a key, knob or light, and where it says so."""
    if not isinstance(root, dict):
        return
    for section in ("keys", "knobs", "lights"):
        things = root.get(section)
        for index, thing in enumerate(things if isinstance(things, list) else ()):
            if not isinstance(thing, dict):
                continue
            pin = thing.get("pin")
            if isinstance(pin, int):
                yield (section, index, "pin"), pin
            for name in ("pins", "rgb"):
                several = thing.get(name)
                for place, one in enumerate(
                    several if isinstance(several, list) else ()
                ):
                    if isinstance(one, int):
                        yield (section, index, name, place), one
