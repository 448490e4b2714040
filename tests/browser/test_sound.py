"""Sound between the web page in a real Chromium and stations, both ways.

Everything is said once: the call is waited for until the browser's own figures call
it steady (`Visitor.hears_steadily`), and what is said then must arrive.
"""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.bench.signals import (
    Samples,
    chirp_latencies,
    chirp_train,
    envelope_correlation,
)
from tests.bench.speech import speech
from tests.browser.house import STATION_STREAMS, House
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(240)]

SENTENCE = "The visitor is waiting at the north gate. Please open the door for him."
LEAST_LIKENESS = 0.7
"""Above 0.9 on a quiet machine. Chromium's threads have to share a busy one."""


def likeness(house: House, talker: int, listener: int) -> float:
    """How alike a sentence is at one card's mouth and another's ear, -1 to 1."""
    bench = house.bench
    with bench.record() as recording:
        bench.play(talker, speech(SENTENCE))
    mouth = recording.channel(bench.mouth(talker))
    ear = recording.channel(bench.ear(listener))
    return envelope_correlation(mouth, ear).correlation


def test_browser_and_station_talk_both_ways(house: House, visitor: Visitor) -> None:
    visitor.join("web", house.app_sign)
    visitor.hears(*STATION_STREAMS)
    visitor.is_heard_by(2)
    visitor.hears_steadily()
    assert likeness(house, 0, 2) >= LEAST_LIKENESS

    visitor.page.keyboard.down("Space")
    expect(visitor.light).to_have_attribute("data-light", "solid")
    assert likeness(house, 2, 0) >= LEAST_LIKENESS
    visitor.page.keyboard.up("Space")


def test_two_pages_and_two_stations_hear_each_other(
    house: House, visitor: Visitor
) -> None:
    other = house.visitor(1)
    visitor.join("web", house.app_sign)
    other.join("web-2", house.app_sign)
    visitor.hears(*STATION_STREAMS, "lobby-web-2")
    other.hears(*STATION_STREAMS, "lobby-web")
    for page in (visitor, other):
        page.is_heard_by(3)
        page.hears_steadily()
        page.page.keyboard.down("Space")
        expect(page.light).to_have_attribute("data-light", "solid")
    # One after another: an echo canceller takes the same chirp twice for an echo.
    with house.bench.record() as recording:
        house.bench.play_together({card: said_in_turn(card) for card in range(4)})
    for talker in range(4):
        mouth = recording.channel(house.bench.mouth(talker))
        for listener in {0, 1, 2, 3} - {talker}:
            ear = recording.channel(house.bench.ear(listener))
            heard = chirp_latencies(mouth, ear, early_s=0.0)
            assert heard.missed <= 1, (talker, listener, heard)


def said_in_turn(card: int) -> Samples:
    """Three chirps, after those of all cards before."""
    train = chirp_train(3)
    silence = np.zeros(card * len(train.samples))
    said: Samples = np.concatenate((silence, train.samples))
    return said
