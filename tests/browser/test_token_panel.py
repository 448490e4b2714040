"""The token's time and its renewal, on the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.house import House
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(240)]


def enter(visitor: Visitor, token: str) -> None:
    visitor.fill("web", token=token)
    visitor.page.get_by_role("button", name="Join").click()
    expect(visitor.state).to_have_text("In room lobby")


def renew(visitor: Visitor, token: str) -> None:
    visitor.page.get_by_label("New token").fill(token)
    visitor.page.get_by_role("button", name="Renew").click()


@pytest.fixture
def told(visitor: Visitor) -> Locator:
    return visitor.page.locator("#token-told")


def test_the_token_s_last_seconds_are_counted_and_a_new_one_renews_it(
    house: House, visitor: Visitor, told: Locator
) -> None:
    enter(visitor, house.token("--ttl", "25"))
    expect(told).to_have_text(re.compile(r"^Token expires in 2\d s\.$"))
    expect(told).to_have_text(re.compile(r"^Token expires in 1\d s\.$"), timeout=15_000)
    expect(visitor.alert).to_contain_text("The token expires soon")
    expect(visitor.events("room_token_will_expire")).to_have_count(1)

    renew(visitor, house.token("--ttl", "600"))
    expect(visitor.page.locator("#token-result")).to_contain_text("0 SUCCESS")
    expect(told).to_have_text(re.compile(r"^Token expires in (600|59\d) s\.$"))
    expect(visitor.events("token_renewed")).to_contain_text("0 SUCCESS")
    expect(visitor.alert).to_be_hidden()
    expect(visitor.page.get_by_label("New token")).to_have_value("")


def test_a_refused_token_is_told_with_its_code_and_the_old_one_counts(
    house: House, visitor: Visitor, told: Locator
) -> None:
    enter(visitor, house.token("--ttl", "500"))
    renew(visitor, "03AAAA")
    expect(visitor.page.locator("#token-result")).to_contain_text("1002079")
    expect(told).to_have_text(re.compile(r"^Token expires in (500|4\d\d) s\.$"))
    expect(visitor.state).to_have_text("In room lobby")


def test_without_a_token_there_is_nothing_to_renew(
    house: House, visitor: Visitor
) -> None:
    visitor.join("web", house.app_sign)
    expect(visitor.page.locator("#token-panel")).to_be_hidden()
