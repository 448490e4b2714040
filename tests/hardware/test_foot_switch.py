"""A foot-switch that comes and goes. Only the kernel's device is a fake."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
from collections.abc import AsyncIterator, Iterator

import evdev
import pytest
from evdev import InputEvent, ecodes

from intercomd.hardware import foot_switch
from intercomd.hardware.foot_switch import FootSwitch
from tests.engine.events import until

NAME = "PCsensor FootSwitch Keyboard"
PORT = "usb-0000:01:00.0-1.3/input0"
UP, DOWN, REPEATED = 0, 1, 2


class Device:
    """What evdev says of a device that is plugged in."""

    def __init__(
        self,
        name: str = NAME,
        phys: str = PORT,
        keys: tuple[int, ...] = (ecodes.KEY_A, ecodes.KEY_B),
    ) -> None:
        self.name, self.phys = name, phys
        self.grabs = 0
        self.looks = 0
        self.is_taken = False
        self._keys = keys
        self.is_closed = False
        self._events: asyncio.Queue[InputEvent | None] = asyncio.Queue()

    def send(self, code: int, value: int, kind: int = ecodes.EV_KEY) -> None:
        self._events.put_nowait(InputEvent(0, 0, kind, code, value))

    def unplug(self) -> None:
        self._events.put_nowait(None)

    def capabilities(self) -> dict[int, list[int]]:
        self.looks += 1
        return {ecodes.EV_KEY: list(self._keys)}

    @contextlib.contextmanager
    def grab_context(self) -> Iterator[None]:
        if self.is_taken:
            raise OSError(errno.EBUSY, "Device or resource busy")
        self.grabs += 1
        try:
            yield
        finally:
            self.grabs -= 1

    async def async_read_loop(self) -> AsyncIterator[InputEvent]:
        while True:
            event = await self._events.get()
            if event is None:
                raise OSError(19, "No such device")
            yield event

    def close(self) -> None:
        self.is_closed = True


class Usb:
    """What is plugged in, by its path."""

    def __init__(self) -> None:
        self.devices: dict[str, Device] = {}

    def opened(self, path: str) -> Device:
        device = self.devices[path]
        device.is_closed = False
        return device


@pytest.fixture
def usb(monkeypatch: pytest.MonkeyPatch) -> Usb:
    usb = Usb()
    monkeypatch.setattr(evdev, "list_devices", lambda: list(usb.devices))
    monkeypatch.setattr(evdev, "InputDevice", usb.opened)
    monkeypatch.setattr(foot_switch, "LOOK_S", 0.01)
    return usb


class Foot:
    """What was told of a key."""

    def __init__(self) -> None:
        self.told: list[bool] = []

    def __call__(self, is_down: bool, at: float) -> None:
        assert at > 0.0
        self.told.append(is_down)


def test_going_down_and_up_are_told_and_nothing_else(usb: Usb) -> None:
    async def scene() -> None:
        pedal = usb.devices["/dev/input/event3"] = Device()
        foot = Foot()
        async with FootSwitch("FootSwitch", {"KEY_B": foot}):
            await until(
                lambda: pedal.grabs == 1, "grabbed"
            )  # nobody else types with it
            pedal.send(ecodes.KEY_B, DOWN)
            pedal.send(ecodes.KEY_B, REPEATED)
            pedal.send(ecodes.KEY_A, DOWN)
            pedal.send(4, 1, kind=ecodes.EV_MSC)
            pedal.send(ecodes.KEY_B, UP)
            await until(lambda: foot.told == [True, False], "told")
        assert pedal.grabs == 0
        assert pedal.is_closed

    asyncio.run(scene())


def test_pulled_out_its_keys_are_released_and_it_is_found_again(
    usb: Usb, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        caplog.set_level(logging.INFO)
        pedal = usb.devices["/dev/input/event3"] = Device()
        foot = Foot()
        async with FootSwitch("FootSwitch", {"KEY_B": foot}):
            await until(lambda: pedal.grabs == 1, "grabbed")
            pedal.send(ecodes.KEY_B, DOWN)
            await until(lambda: foot.told == [True], "told")
            del usb.devices["/dev/input/event3"]
            pedal.unplug()
            await until(lambda: foot.told == [True, False], "released")
            await until(lambda: "not found" in caplog.text, "missed")
            again = usb.devices["/dev/input/event7"] = Device()
            await until(lambda: again.grabs == 1, "found again")
            again.send(ecodes.KEY_B, DOWN)
            await until(lambda: foot.told == [True, False, True], "told again")
        assert [message.split(": ")[0] for message in caplog.messages] == [
            "foot-switch FootSwitch found",
            "foot-switch FootSwitch lost",
            "foot-switch FootSwitch not found",
            "foot-switch FootSwitch found",
        ]

    asyncio.run(scene())


def test_of_two_alike_the_usb_port_tells_which(usb: Usb) -> None:
    async def scene() -> None:
        left = usb.devices["/dev/input/event1"] = Device(phys="usb-1.2/input0")
        right = usb.devices["/dev/input/event2"] = Device(phys="usb-1.3/input0")
        foot = Foot()
        async with FootSwitch("usb-1.3", {"KEY_B": foot}):
            await until(lambda: right.grabs == 1, "grabbed")
            right.send(ecodes.KEY_B, DOWN)
            await until(lambda: foot.told == [True], "told")
            assert left.grabs == 0
            assert left.is_closed

    asyncio.run(scene())


def test_of_a_pedal_s_several_devices_it_is_the_one_with_the_key(usb: Usb) -> None:
    async def scene() -> None:
        mouse = usb.devices["/dev/input/event1"] = Device(keys=(ecodes.BTN_LEFT,))
        pedal = usb.devices["/dev/input/event2"] = Device()
        async with FootSwitch("FootSwitch", {"KEY_B": Foot()}):
            await until(lambda: pedal.grabs == 1, "grabbed")
            assert mouse.grabs == 0

    asyncio.run(scene())


def test_taken_by_another_program_it_is_told_once_and_had_when_that_ends(
    usb: Usb, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        pedal = usb.devices["/dev/input/event3"] = Device()
        pedal.is_taken = True
        async with FootSwitch("FootSwitch", {"KEY_B": Foot()}):
            await until(lambda: pedal.looks > 2, "looked at again and again")
            pedal.is_taken = False
            await until(lambda: pedal.grabs == 1, "grabbed")
        assert caplog.text.count("another program has it") == 1

    asyncio.run(scene())


def test_a_key_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="'KEY_FOOT' is no key of the kernel's"):
        FootSwitch("FootSwitch", {"KEY_FOOT": Foot()})
