from __future__ import annotations

import pytest

from intercomd.audio.card import Card, Wanted
from intercomd.audio.direction import Direction
from intercomd.audio.layout import Layout, SampleFormat
from intercomd.domain.errors import DeviceUnavailable
from tests.bench.fake_cards import FakeCards

_WANTED = Wanted(period_samples=480, periods=4)


@pytest.mark.parametrize("direction", list(Direction))
def test_a_name_that_does_not_exist_is_unavailable(
    direction: Direction, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DeviceUnavailable, match=r"No such file.*nosuchcard"):
        Card("nosuchcard", direction, _WANTED)
    assert capfd.readouterr().err == "", "libasound was not hushed"


@pytest.mark.parametrize("direction", list(Direction))
def test_a_card_is_opened_as_it_is_if_it_cannot_do_what_we_do(
    direction: Direction, fake_cards: FakeCards
) -> None:
    fake_cards.plug("Old", rate_hz=44_100, channels=2, sample_format="S32_LE")
    card = Card("hw:CARD=Old", direction, _WANTED)
    assert card.layout == Layout(44_100, 2, SampleFormat.S32_LE)
    assert card.period_samples == 441, "a period takes 10 ms at any rate"
    assert card.told == "hw:CARD=Old, made of 44100 Hz, 2 ch, S32_LE"


@pytest.mark.parametrize("direction", list(Direction))
def test_a_card_whose_samples_we_do_not_know_is_refused_with_the_remedy(
    direction: Direction, fake_cards: FakeCards
) -> None:
    fake_cards.plug("Odd", sample_format="U8")
    with pytest.raises(DeviceUnavailable, match=r"samples of U8: write plughw:"):
        Card("hw:CARD=Odd", direction, _WANTED)


def test_an_overrun_is_told_and_the_card_goes_on_after_it(
    fake_cards: FakeCards,
) -> None:
    fake_cards.plug("Device")
    card = Card("hw:CARD=Device", Direction.CAPTURE, _WANTED)
    card.read()
    fake_cards.fail("Device", "xrun")
    assert card.available() is None
    card.restart()
    card.read()
    card.wait(0.1)
    assert card.available()
