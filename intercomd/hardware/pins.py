"""Contacts, encoders and lamps on GPIO pins, by gpiozero.

It knows levels and turns, not what a key does or a light says.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import gpiozero
from gpiozero.exc import GPIOZeroError

from intercomd.domain.errors import PinUnavailable

_FACTORY = "GPIOZERO_PIN_FACTORY"
"""gpiozero's own variable; unless it is set, pins are lgpio's and nobody else's."""

OnContact = Callable[[bool, float], None]
"""Is told whether the contact is closed, and the `time.monotonic()` of the edge; from
a thread of gpiozero's."""

OnTurn = Callable[[int], None]
"""Is told +1 for a notch clockwise, -1 for one back; from a thread of gpiozero's."""


@dataclass(frozen=True, slots=True)
class ContactPin:
    """`pull_up` None is no resistor; `is_active_high` is the level when closed."""

    pin: int
    pull_up: bool | None
    is_active_high: bool


class Pins:
    """The pins of one station, taken while it is entered."""

    def __init__(self) -> None:
        self._devices = ExitStack()

    def __enter__(self) -> Self:
        """Raises `PinUnavailable` where there are no pins at all."""
        if gpiozero.Device.pin_factory is None and _FACTORY not in os.environ:
            try:
                # Only now: it writes into the working directory as it is imported.
                from gpiozero.pins.lgpio import LGPIOFactory

                gpiozero.Device.pin_factory = LGPIOFactory()
            except Exception as error:
                raise PinUnavailable(f"no GPIO: {error}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._devices.close()

    def watch(self, contact: ContactPin, on_contact: OnContact) -> bool:
        """Call `on_contact` at every edge, bounces too; return whether it is closed.

        Raises `PinUnavailable`.
        """
        try:
            device = gpiozero.DigitalInputDevice(
                contact.pin,
                pull_up=contact.pull_up,
                active_state=contact.is_active_high
                if contact.pull_up is None
                else None,
            )
        except Exception as error:
            raise _unavailable(contact.pin, error) from error
        self._devices.enter_context(device)
        device.when_activated = lambda: on_contact(True, time.monotonic())
        device.when_deactivated = lambda: on_contact(False, time.monotonic())
        return bool(device.is_active)

    def watch_turns(self, first: int, second: int, on_turn: OnTurn) -> None:
        """Call `on_turn` at every notch of an encoder. Raises `PinUnavailable`."""
        try:
            encoder = gpiozero.RotaryEncoder(first, second, max_steps=0)
        except Exception as error:
            raise _unavailable(first, error) from error
        self._devices.enter_context(encoder)
        encoder.when_rotated_clockwise = lambda: on_turn(1)
        encoder.when_rotated_counter_clockwise = lambda: on_turn(-1)

    def lamp(self, pins: tuple[int, ...], *, is_active_high: bool) -> Lamp:
        """A lamp of one pin, or of three for red, green and blue; it is dark.

        Raises `PinUnavailable`.
        """
        try:
            leds = [
                self._devices.enter_context(
                    gpiozero.PWMLED(pin, active_high=is_active_high)
                )
                for pin in pins
            ]
        except Exception as error:
            raise _unavailable(pins[0], error) from error
        return Lamp(leds)


class Lamp:
    """A lamp of one LED, or of three."""

    def __init__(self, leds: list[gpiozero.PWMLED]) -> None:
        self._leds = leds
        self._shown: tuple[float, ...] = ()

    def show(self, brightness: float, color: tuple[float, float, float]) -> None:
        """Light it so; each 0.0 to 1.0. A single LED has no colour."""
        if len(self._leds) == 1:
            values: tuple[float, ...] = (brightness,)
        else:
            values = tuple(brightness * part for part in color)
        if values != self._shown:
            self._shown = values
            for led, value in zip(self._leds, values, strict=True):
                led.value = value


def _unavailable(pin: int, error: Exception) -> PinUnavailable:
    if isinstance(error, (GPIOZeroError, OSError, ImportError)):
        return PinUnavailable(f"GPIO{pin}: {error}")
    return PinUnavailable(f"GPIO{pin}: {type(error).__name__}: {error}")
