"""The house and its visitors as fixtures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.bench.pulse import PulseBench
from tests.browser.house import House
from tests.browser.visitor import Visitor, launch
from tests.system.site import Site


@pytest.fixture(scope="package")
def house(
    pulse_bench: PulseBench, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with Site(folder, pulse_bench) as site, sync_playwright() as playwright:
        browsers = (
            launch(playwright, pulse_bench, 2),
            launch(playwright, pulse_bench, 3),
        )
        app_sign = (folder / "app_sign").read_text().strip()
        yield House(pulse_bench, site, folder, site.page_url, app_sign, browsers)
        for browser in browsers:
            browser.close()


@pytest.fixture(autouse=True)
def farewell(house: House) -> Iterator[None]:
    yield
    house.see_off()


@pytest.fixture
def visitor(house: House) -> Visitor:
    return house.visitor()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go: what INTERCOMD_SCREENSHOTS names, to be looked at."""
    return Path(os.environ.get("INTERCOMD_SCREENSHOTS", tmp_path))
