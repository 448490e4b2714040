"""The web page in a real Chromium, with a real microphone and loudspeaker."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import CDPSession, expect

from tests.bench.processes import Child, intercomd
from tests.bench.speech import speech
from tests.browser.house import STATION_STREAMS, House
from tests.browser.visitor import Visitor
from tests.system.site import free_port

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(240)]

SENTENCE = "The visitor is waiting at the north gate. Please open the door for him."

SMALL_OR_NAMELESS = """() => {
  const seen = [...document.querySelectorAll("button, input, select, summary")];
  for (const each of document.querySelectorAll("details")) each.open = true;
  const touched = (each) => (each.type === "checkbox" ? each.closest("label") : each);
  return seen.filter((each) => each.checkVisibility()).flatMap((each) => {
    const { width, height } = touched(each).getBoundingClientRect();
    const name = each.ariaLabel || each.labels?.[0]?.textContent || each.textContent;
    const isFine = Math.min(width, height) >= 44 && name.trim();
    return isFine ? [] : [`${each.outerHTML} ${width}x${height}`];
  });
}"""
"""What cannot be hit by a finger (44 px) or read out."""


def test_space_bar_talks_while_it_is_held(house: House, visitor: Visitor) -> None:
    visitor.join("web", house.app_sign)
    visitor.is_heard_by(2)
    pressed = visitor.talk_button
    expect(pressed).to_have_attribute("aria-pressed", "false")
    visitor.page.keyboard.down("Space")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    expect(visitor.light).to_have_attribute("data-light", "solid")
    visitor.page.keyboard.up("Space")
    expect(pressed).to_have_attribute("aria-pressed", "false")
    expect(visitor.light).to_have_attribute("data-light", "off")

    visitor.page.keyboard.down("Space")
    visitor.page.evaluate("window.dispatchEvent(new Event('blur'))")
    expect(pressed).to_have_attribute("aria-pressed", "false")
    visitor.page.keyboard.up("Space")


def test_a_space_bar_in_a_field_or_on_another_button_is_not_talking(
    house: House, visitor: Visitor
) -> None:
    visitor.join("web", house.app_sign)
    expect(visitor.events("room_state_changed")).not_to_have_count(0)
    visitor.page.locator("#clear-log").focus()
    visitor.page.keyboard.down("Space")
    expect(visitor.talk_button).to_have_attribute("aria-pressed", "false")
    visitor.page.keyboard.up("Space")
    expect(visitor.events("room_state_changed")).to_have_count(0)


def test_after_a_click_elsewhere_the_space_bar_talks_again(
    house: House, visitor: Visitor
) -> None:
    visitor.join("web", house.app_sign)
    visitor.hears(*STATION_STREAMS)
    row = visitor.stream("lobby-station-0")
    for clicked in (row.get_by_role("button", name="Stop"), row.get_by_label("Volume")):
        clicked.click()
        visitor.page.keyboard.down("Space")
        expect(visitor.talk_button).to_have_attribute("aria-pressed", "true")
        visitor.page.keyboard.up("Space")
        expect(visitor.talk_button).to_have_attribute("aria-pressed", "false")
    expect(row).to_have_attribute("data-state", "NO_PLAY")  # and was not pressed


def test_a_page_that_is_hidden_stops_talking(house: House, visitor: Visitor) -> None:
    visitor.join("web", house.app_sign)
    visitor.page.get_by_label("Latch").check()
    visitor.talk_button.click()
    expect(visitor.talk_button).to_have_attribute("aria-pressed", "true")
    visitor.page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'));"
        "delete document.hidden"
    )
    expect(visitor.talk_button).to_have_attribute("aria-pressed", "false")


def test_everything_is_large_enough_to_touch_and_has_a_name(
    house: House, visitor: Visitor
) -> None:
    too_small = visitor.page.evaluate(SMALL_OR_NAMELESS)
    visitor.fill("web", token=house.token("--ttl", "600"))
    visitor.page.get_by_role("button", name="Join").click()
    visitor.hears(*STATION_STREAMS)
    assert too_small + visitor.page.evaluate(SMALL_OR_NAMELESS) == []


def test_a_finger_talks_until_it_is_lifted_wherever_it_has_slid(house: House) -> None:
    visitor = house.visitor(touch=True)
    visitor.join("web", house.app_sign)
    visitor.is_heard_by(2)
    button = visitor.talk_button
    finger = visitor.page.context.new_cdp_session(visitor.page)
    box = button.bounding_box()
    assert box is not None
    touch(finger, "touchStart", box["x"] + 40, box["y"] + 40)
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(visitor.light).to_have_attribute("data-light", "solid")
    touch(finger, "touchMove", 20, 20)  # far off the button, and still held
    expect(button).to_have_attribute("aria-pressed", "true")
    touch(finger, "touchEnd")
    expect(button).to_have_attribute("aria-pressed", "false")

    visitor.page.get_by_label("Latch").check()
    for pressed in ("true", "false"):
        touch(finger, "touchStart", box["x"] + 40, box["y"] + 40)
        touch(finger, "touchEnd")
        expect(button).to_have_attribute("aria-pressed", pressed)


def touch(finger: CDPSession, kind: str, x: float = 0, y: float = 0) -> None:
    points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
    finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_mouse_released_outside_the_button_stops(
    house: House, visitor: Visitor
) -> None:
    visitor.join("web", house.app_sign)
    visitor.talk_button.hover()
    visitor.page.mouse.down()
    expect(visitor.talk_button).to_have_attribute("aria-pressed", "true")
    visitor.page.mouse.move(5, 5)
    visitor.page.mouse.up()
    expect(visitor.talk_button).to_have_attribute("aria-pressed", "false")


def test_enter_is_a_latch_for_who_cannot_hold_a_key(
    house: House, visitor: Visitor
) -> None:
    visitor.join("web", house.app_sign)
    visitor.talk_button.focus()
    for pressed in ("true", "false"):
        visitor.page.keyboard.press("Enter")
        expect(visitor.talk_button).to_have_attribute("aria-pressed", pressed)


def test_the_light_is_not_solid_while_nobody_can_hear(
    house: House, visitor: Visitor
) -> None:
    visitor.fill("web", app_sign=house.app_sign)
    visitor.page.get_by_label("RoomID").fill("attic")  # where nobody else is
    visitor.page.get_by_role("button", name="Join").click()
    expect(visitor.talk_button).to_be_enabled()
    visitor.page.keyboard.down("Space")
    expect(visitor.light).to_have_attribute("data-light", "waiting")
    visitor.page.keyboard.up("Space")


def test_a_stream_is_stopped_and_played_and_turned_down(
    house: House, visitor: Visitor
) -> None:
    visitor.join("web", house.app_sign)
    visitor.hears(*STATION_STREAMS)
    row = visitor.stream("lobby-station-0")
    row.get_by_role("button", name="Stop").click()
    expect(row).to_have_attribute("data-state", "NO_PLAY")
    row.get_by_role("button", name="Play").click()
    expect(row).to_have_attribute("data-state", "PLAYING")
    row.get_by_label("Volume").fill("0")
    visitor.stream("lobby-station-1").get_by_label("Volume").fill("0")
    with house.bench.record() as recording:
        house.bench.play(0, speech("Can you hear this?"))
    assert np.abs(recording.channel(house.bench.ear(2))).max() < 0.01
    assert np.abs(recording.channel(house.bench.ear(1))).max() > 0.05


def test_publishing_stops_and_begins_again(house: House, visitor: Visitor) -> None:
    visitor.join("web", house.app_sign)
    visitor.page.get_by_role("button", name="Stop publishing").click()
    expect(visitor.talk_button).to_be_disabled()
    visitor.page.get_by_role("button", name="Publish", exact=True).click()
    expect(visitor.talk_button).to_be_enabled()
    visitor.is_heard_by(2)


def test_a_joined_page_is_photographed(
    house: House, visitor: Visitor, pictures: Path
) -> None:
    visitor.fill("web", token=house.token("--ttl", "600"))
    visitor.page.get_by_role("button", name="Join").click()
    visitor.hears(*STATION_STREAMS)
    visitor.is_heard_by(2)
    visitor.page.keyboard.down("Space")
    expect(visitor.light).to_have_attribute("data-light", "solid")
    voices = threading.Thread(
        target=house.bench.play_together,
        args=({0: speech(SENTENCE), 2: speech(SENTENCE)},),
    )
    voices.start()
    visitor.photograph(pictures, "joined")
    voices.join()
    visitor.page.set_viewport_size({"width": 320, "height": 640})
    wide = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320


def test_a_wrong_app_sign_is_told_with_its_code(
    visitor: Visitor, pictures: Path
) -> None:
    visitor.photograph(pictures, "form")
    visitor.fill("web", app_sign="0" * 64)
    visitor.page.get_by_role("button", name="Join").click()
    expect(visitor.alert).to_contain_text("1001005")
    expect(visitor.state).to_have_text("Not in a room")
    expect(visitor.events("LOGIN_FAILED")).to_have_count(1)
    visitor.photograph(pictures, "refused")


def test_a_token_opens_the_room_without_the_app_sign(
    house: House, visitor: Visitor
) -> None:
    visitor.fill("web", token=house.token("--ttl", "600"))
    visitor.page.get_by_role("button", name="Join").click()
    expect(visitor.talk_button).to_be_enabled()
    visitor.is_heard_by(2)


def test_a_wrong_token_is_told_with_its_code(visitor: Visitor, pictures: Path) -> None:
    visitor.fill("web", token="03AAAA")
    visitor.page.get_by_role("button", name="Join").click()
    expect(visitor.alert).to_contain_text("1002079")
    expect(visitor.state).to_have_text("Not in a room")
    visitor.photograph(pictures, "wrong-token")


def test_neither_token_nor_app_sign_is_told_before_anything_is_sent(
    visitor: Visitor,
) -> None:
    visitor.fill("web")
    visitor.page.get_by_role("button", name="Join").click()
    expect(visitor.alert).to_contain_text("Give a token")
    expect(visitor.page.locator("#log li")).to_have_count(0)


def test_the_same_user_elsewhere_puts_this_page_out_for_good(
    house: House, visitor: Visitor
) -> None:
    second = house.visitor(1)
    visitor.join("web", house.app_sign)
    second.join("web", house.app_sign)
    expect(visitor.alert).to_contain_text("logged in elsewhere")
    expect(visitor.alert).to_contain_text("1002050 KICKED_OUT")
    expect(visitor.state).to_have_text("Not in a room")
    visitor.page.wait_for_timeout(2000)  # longer than any wait before a retry
    expect(visitor.state).to_have_text("Not in a room")
    expect(second.state).to_have_text("In room lobby")


def test_a_microphone_that_is_denied_is_told_and_one_still_listens(
    house: House, pictures: Path
) -> None:
    visitor = house.visitor(
        script="if (navigator.mediaDevices)"
        " navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('no', 'NotAllowedError'); }"
    )
    visitor.fill("web", app_sign=house.app_sign)
    visitor.page.get_by_role("button", name="Join").click()
    visitor.hears(*STATION_STREAMS)
    expect(visitor.talk_button).to_be_disabled()
    expect(visitor.page.locator("#talk-told")).to_contain_text("listen only")
    expect(visitor.alert).to_be_visible()
    expect(visitor.alert).to_contain_text("Allow it in the browser")
    visitor.photograph(pictures, "microphone-refused")


def test_without_https_the_page_says_what_is_withheld_and_how_to_mend_it(
    house: House, pictures: Path
) -> None:
    # As the same server under another name than "localhost".
    visitor = house.visitor(
        script="Object.defineProperty(globalThis, 'isSecureContext', {value: false});"
        "Object.defineProperty(navigator, 'mediaDevices', {value: undefined});"
    )
    expect(visitor.alert).to_contain_text("without https")
    visitor.fill("web", token=house.token("--ttl", "600"))
    visitor.page.get_by_role("button", name="Join").click()
    visitor.hears(*STATION_STREAMS)
    expect(visitor.alert).to_be_visible()
    expect(visitor.events("without https")).to_have_count(1)
    expect(visitor.alert).to_contain_text("Open it with https://")
    visitor.photograph(pictures, "no-https")


def test_the_page_of_a_self_signed_server_works_over_https(
    house: House, tmp_path: Path
) -> None:
    port = free_port()
    settings = {
        "listen": {"host": "127.0.0.1", "port": port},
        "apps": [{"id": 1, "sign_file": str(house.folder / "app_sign")}],
    }
    config = tmp_path / "server.yaml"
    config.write_text(json.dumps(settings))
    command = intercomd("serve", "--self-signed", "--config", str(config))
    with Child(command) as server:
        server.wait_for_line(lambda line: "listening" in line)
        url = f"https://127.0.0.1:{port}/"
        visitor = house.visitor(1, url=url, is_self_signed=True)
        visitor.join("web", house.app_sign)
        house.see_off()  # before the server is gone


def test_a_stopped_server_is_told_and_found_again(
    house: House, visitor: Visitor, pictures: Path
) -> None:
    """Last, as the house has another server after it."""
    visitor.join("web", house.app_sign)
    house.site.server.stop()
    expect(visitor.alert).to_contain_text("connection broke")
    expect(visitor.state).to_have_text(re.compile("trying again|Connecting"))
    expect(visitor.talk_button).to_be_disabled()
    visitor.photograph(pictures, "lost")
    house.site.start_server()
    expect(visitor.state).to_have_text("In room lobby")
    visitor.is_heard_by(2)
    visitor.hears(*STATION_STREAMS)
    expect(visitor.alert).to_be_hidden()
    # The browser itself complains of each connection it cannot open.
    visitor.errors[:] = [e for e in visitor.errors if "WebSocket" not in e]
