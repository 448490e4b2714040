"""Cards as hardware has them: other rates, faults, plugs and ports."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import numpy as np
import pytest

from intercomd.audio.capture import AlsaCapture
from intercomd.audio.lookout import Wish
from intercomd.audio.playback import AlsaPlayback
from intercomd.domain.audio import FRAME_S
from tests.audio.frames import Ear, Mouth, States, tone
from tests.bench.fake_cards import FakeCards

DEVICE = "CARD=Device"
OTHER_LAYOUTS = [
    pytest.param(44_100, 2, "S16_LE", id="44.1 kHz stereo"),
    pytest.param(16_000, 1, "S16_LE", id="16 kHz mono"),
    pytest.param(48_000, 2, "S32_LE", id="48 kHz stereo 32 bit"),
    pytest.param(96_000, 2, "S32_LE", id="96 kHz stereo 32 bit"),
]


def capture(
    cards: FakeCards, ear: Ear, states: States, wish: Wish = DEVICE
) -> AlsaCapture:
    return AlsaCapture(wish, ear, on_state=states, sysfs=cards.sysfs.sound)


def playback(
    cards: FakeCards, mouth: Mouth, states: States, wish: Wish = DEVICE
) -> AlsaPlayback:
    return AlsaPlayback(wish, mouth, on_state=states, sysfs=cards.sysfs.sound)


@pytest.mark.parametrize(("rate_hz", "channels", "sample_format"), OTHER_LAYOUTS)
def test_a_microphone_of_another_layout_is_heard_right_and_its_times_are_true(
    fake_cards: FakeCards, rate_hz: int, channels: int, sample_format: str
) -> None:
    fake_cards.plug(
        "Device", rate_hz=rate_hz, channels=channels, sample_format=sample_format
    )
    ear = Ear()

    async def listen() -> None:
        async with capture(fake_cards, ear, States()):
            await ear.hears(100)

    asyncio.run(listen())
    heard = np.frombuffer(b"".join(ear.frames[20:]), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    frequency_hz = np.argmax(spectrum) * 48_000 / len(heard)
    assert frequency_hz == pytest.approx(500, abs=2)
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(0.5 * 32767 / 2**0.5, rel=0.03)
    frame_s = np.median(np.diff(ear.captured_at[20:]))
    assert frame_s == pytest.approx(FRAME_S, rel=0.02)
    ages = np.subtract(ear.delivered_at, ear.captured_at)
    assert FRAME_S * 0.99 < np.median(ages) < 0.035


@pytest.mark.parametrize(("rate_hz", "channels", "sample_format"), OTHER_LAYOUTS)
def test_a_loudspeaker_of_another_layout_plays_the_same_tone(
    fake_cards: FakeCards, rate_hz: int, channels: int, sample_format: str
) -> None:
    fake_cards.plug(
        "Device", rate_hz=rate_hz, channels=channels, sample_format=sample_format
    )
    mouth = Mouth([tone()] * 100)

    async def speak() -> None:
        async with playback(fake_cards, mouth, States()):
            await mouth.said(100)

    asyncio.run(speak())
    played = fake_cards.played("Device", "<i4" if "32" in sample_format else "<i2")
    left = played[::channels]
    said = left[np.flatnonzero(np.abs(left) > 0.01)[0] :][: rate_hz // 2]
    spectrum = np.abs(np.fft.rfft(said * np.hanning(len(said))))
    assert np.argmax(spectrum) * rate_hz / len(said) == pytest.approx(500, abs=3)
    assert np.sqrt(np.mean(said**2)) == pytest.approx(0.3 / 2**0.5, rel=0.03)
    ahead = np.subtract(mouth.plays_at, mouth.pulled_at)
    assert np.median(ahead) < 0.03


FAULTS = ["xrun", "broken", "stall", "suspend", "pull"]


def befall(cards: FakeCards, fault: str) -> None:
    if fault == "pull":
        cards.pull("Device")
    else:
        cards.fail("Device", fault)


def relieve(cards: FakeCards, fault: str) -> None:
    if fault == "pull":
        cards.plug("Device", port="1-1.2")  # another port, another number
    elif fault != "xrun":
        cards.heal("Device")


async def fault_and_return(
    cards: FakeCards,
    fault: str,
    states: States,
    sound: Callable[[int], Awaitable[None]],
) -> float:
    """Let it happen; the seconds from its end until there is sound again."""
    await sound(20)
    befall(cards, fault)
    if fault != "xrun":
        await states.are(True, False)
    relieve(cards, fault)
    ended = monotonic()
    await sound(1 if fault == "xrun" else 5)
    return monotonic() - ended


@pytest.mark.parametrize("fault", FAULTS)
def test_a_microphone_is_back_within_a_second_of(
    fake_cards: FakeCards, fault: str
) -> None:
    fake_cards.plug("Device")
    ear, states = Ear(), States()

    async def more(frames: int) -> None:
        await ear.hears(len(ear.frames) + frames)

    async def listen() -> AlsaCapture:
        async with capture(fake_cards, ear, states) as part:
            assert await fault_and_return(fake_cards, fault, states, more) < 1.0
            return part

    counters = asyncio.run(listen()).counters
    assert counters.xruns >= (1 if fault == "xrun" else 0)
    assert counters.reopens >= (0 if fault == "xrun" else 1)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_loudspeaker_is_back_within_a_second_of(
    fake_cards: FakeCards, fault: str
) -> None:
    fake_cards.plug("Device")
    mouth, states = Mouth(), States()

    async def more(frames: int) -> None:
        await mouth.said(len(mouth.plays_at) + frames)

    async def speak() -> AlsaPlayback:
        async with playback(fake_cards, mouth, states) as part:
            assert await fault_and_return(fake_cards, fault, states, more) < 1.0
            await states.are(*([True] if fault == "xrun" else [True, False, True]))
            return part

    counters = asyncio.run(speak()).counters
    assert counters.xruns >= (1 if fault == "xrun" else 0)
    assert counters.reopens >= (0 if fault == "xrun" else 1)


def test_the_first_choice_takes_over_from_the_fallback_once_plugged_in(
    fake_cards: FakeCards,
) -> None:
    fake_cards.plug("Builtin", port="")
    ear, states = Ear(), States()

    async def listen() -> None:
        wish = ("usb:1-1.4", "CARD=Builtin")
        async with capture(fake_cards, ear, states, wish):
            await states.are(True)
            fake_cards.plug("Device", port="1-1.4")
            plugged_at = monotonic()
            await states.are(True, True)
            assert monotonic() - plugged_at < 1.0
            fake_cards.pull("Device")
            await states.are(True, True, False, True)

    asyncio.run(listen())
    used = [text.rpartition("CARD=")[2] for text in states.texts if "open" in text]
    assert used == ["Builtin,DEV=0", "Device,DEV=0", "Builtin,DEV=0"]


def test_a_card_that_is_missing_is_told_with_those_there_are(
    fake_cards: FakeCards,
) -> None:
    fake_cards.plug("Other", port="1-1.3", product="0b0e:0412")
    states = States()

    async def listen() -> None:
        async with capture(fake_cards, Ear(), states):
            await states.are(False)

    asyncio.run(listen())
    assert "not among CARD=Other = usb:1-1.3 = 0b0e:0412" in states.texts[0]
