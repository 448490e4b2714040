"""What the page does when signalling or media break under it: nobody else notices."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.bench.signals import chirp_latencies, chirp_train
from tests.browser.house import STATION_STREAMS, House
from tests.browser.relay import THROUGH_RELAY, MediaRelays, SignallingRelay
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(240)]


@pytest.fixture
def relay(house: House) -> Iterator[SignallingRelay]:
    with SignallingRelay(house.port) as relay:
        yield relay


@pytest.fixture
def visitor(house: House, relay: SignallingRelay) -> Visitor:
    """At the page through the relay; its sound goes past it."""
    visitor = house.visitor(url=f"http://127.0.0.1:{relay.port}/")
    visitor.join("web", house.app_sign)
    visitor.hears(*STATION_STREAMS)
    visitor.is_heard_by(2)
    return visitor


def forget_refused_connections(visitor: Visitor) -> None:
    """The browser itself complains of each connection it cannot open."""
    visitor.errors[:] = [e for e in visitor.errors if "WebSocket" not in e]


def sound_goes_on(house: House, talker: int, listeners: tuple[int, ...]) -> None:
    with house.bench.record() as recording:
        house.bench.play(talker, chirp_train(4).samples)
    mouth = recording.channel(house.bench.mouth(talker))
    for listener in listeners:
        ear = recording.channel(house.bench.ear(listener))
        heard = chirp_latencies(mouth, ear, early_s=0.0)
        # A browser that catches up after a standstill distorts a chirp now and then.
        assert heard.missed <= 1, (talker, listener, heard)


def test_a_lost_websocket_is_resumed_and_nobody_else_notices(
    house: House, relay: SignallingRelay, visitor: Visitor
) -> None:
    other = house.visitor(1)
    other.join("web-2", house.app_sign)
    other.hears(*STATION_STREAMS, "lobby-web")
    other.is_heard_by(3)
    visitor.hears("lobby-web-2")
    visitor.hears_steadily()
    visitor.page.keyboard.down("Space")
    expect(visitor.light).to_have_attribute("data-light", "solid")
    for page in (visitor, other):
        page.page.locator("#clear-log").click()

    relay.cut()
    expect(visitor.events("RECONNECTING")).to_have_count(1)
    expect(visitor.alert).to_contain_text("1002051")
    expect(visitor.talk_button).to_have_attribute("aria-pressed", "true")
    for talker, listeners in ((0, (2,)), (2, (0, 3))):
        sound_goes_on(house, talker, listeners)
    relay.mend()
    expect(visitor.events("RECONNECTED")).to_have_count(1)
    expect(visitor.state).to_have_text("In room lobby")

    expect(visitor.events("resumed=true")).to_have_count(1)
    expect(visitor.events("media_state")).to_have_count(0)
    expect(visitor.events("_state_update")).to_have_count(0)
    for event in ("room_stream_update", "room_user_update", "player_state_update"):
        expect(other.events(event)).to_have_count(0)
    forget_refused_connections(visitor)


def test_what_is_wished_without_a_connection_is_asked_for_on_return(
    house: House, relay: SignallingRelay, visitor: Visitor
) -> None:
    relay.cut()
    expect(visitor.state).to_have_text(re.compile("trying again|Connecting"))
    row = visitor.stream("lobby-station-0")
    row.get_by_role("button", name="Stop").click()
    visitor.page.get_by_role("button", name="Stop publishing").click()
    relay.mend()
    expect(visitor.events("resumed=true")).to_have_count(1)
    expect(row).to_have_attribute("data-state", "NO_PLAY")
    other = house.visitor(1)
    other.join("web-2", house.app_sign)
    other.hears(*STATION_STREAMS)
    expect(other.stream("lobby-web")).to_have_count(0)
    forget_refused_connections(visitor)


def test_each_attempt_waits_longer_up_to_a_second(
    relay: SignallingRelay, visitor: Visitor
) -> None:
    relay.cut()
    waits_ms = []
    for attempt in range(1, 6):
        line = visitor.events(f"attempt={attempt} ")
        text = line.inner_text()
        found = re.search(r"closed=(\d+) .*next=(\d+) ms", text)
        assert found is not None, text
        assert found[1] == "1006"
        waits_ms.append(int(found[2]))
    for wait_ms, full_ms in zip(waits_ms, (250, 500, 1000, 1000, 1000), strict=True):
        assert full_ms / 2 <= wait_ms <= full_ms
    relay.mend()
    expect(visitor.events("resumed=true")).to_have_count(1)
    forget_refused_connections(visitor)


def test_a_kicked_page_opens_no_connection_again(
    house: House, relay: SignallingRelay, visitor: Visitor
) -> None:
    before = relay.accepted
    second = house.visitor(1)
    second.join("web", house.app_sign)
    expect(visitor.alert).to_contain_text("1002050 KICKED_OUT")
    visitor.page.evaluate("window.dispatchEvent(new Event('online'))")
    visitor.page.wait_for_timeout(2500)  # longer than any wait before a retry
    assert relay.accepted == before
    expect(visitor.state).to_have_text("Not in a room")


def test_who_took_the_place_meanwhile_keeps_it(
    house: House, relay: SignallingRelay, visitor: Visitor
) -> None:
    relay.cut()
    expect(visitor.events("RECONNECTING")).to_have_count(1)
    second = house.visitor(1)
    second.join("web", house.app_sign)
    relay.mend()
    expect(visitor.alert).to_contain_text("1002086")
    expect(visitor.state).to_have_text("Not in a room")
    expect(visitor.events("RECONNECT_FAILED")).to_have_count(1)
    expect(second.state).to_have_text("In room lobby")
    forget_refused_connections(visitor)


def test_a_dead_media_path_is_replaced_on_the_live_websocket(house: House) -> None:
    with SignallingRelay(house.port) as relay, MediaRelays() as media:
        visitor = house.visitor(
            url=f"http://127.0.0.1:{relay.port}/",
            script=THROUGH_RELAY,
            throughRelay=media.lead,
        )
        visitor.join("web", house.app_sign)
        visitor.hears(*STATION_STREAMS)
        connections = relay.accepted
        visitor.page.locator("#clear-log").click()
        media.cut()
        expect(visitor.events("LOST")).to_have_count(1, timeout=5_000)
        expect(visitor.events("media_state state=UP")).to_have_count(1)
        visitor.hears(*STATION_STREAMS)
        visitor.is_heard_by(2)
        expect(visitor.events("room_state_changed")).to_have_count(0)
        expect(visitor.events("1004020")).to_have_count(2)
        expect(visitor.events("1003020")).to_have_count(1)
        assert relay.accepted == connections
        house.see_off()
