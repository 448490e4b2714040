"""The bench as pytest fixtures; tests/conftest.py imports them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.bench.fake_cards import FakeCards, build_plugin
from tests.bench.network import ImpairedNetwork
from tests.bench.pulse import PulseBench


@pytest.fixture(scope="session")
def pulse_bench() -> Iterator[PulseBench]:
    """Four stations' sound cards, one daemon for the whole run."""
    # Not tmp_path: a Unix socket's path must be shorter than 108 bytes.
    with (
        TemporaryDirectory(prefix="bench-pulse-") as directory,
        PulseBench(Path(directory), stations=4) as bench,
    ):
        yield bench


@pytest.fixture
def alsa_bench(pulse_bench: PulseBench, monkeypatch: pytest.MonkeyPatch) -> PulseBench:
    """The bench, with its ALSA names known to this process, not only to children."""
    for name, value in pulse_bench.environment().items():
        monkeypatch.setenv(name, value)
    return pulse_bench


@pytest.fixture(scope="session")
def fake_card_plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What makes ALSA believe in cards; compiled once for the whole run."""
    return build_plugin(tmp_path_factory.mktemp("alsa"))


@pytest.fixture
def fake_cards(
    fake_card_plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FakeCards:
    """Cards without hardware, which this process opens as `hw:CARD=<id>`."""
    cards = FakeCards(tmp_path, fake_card_plugin)
    for name, value in cards.environment().items():
        monkeypatch.setenv(name, value)
    return cards


@pytest.fixture
def impaired_network() -> Iterator[ImpairedNetwork]:
    """Namespaces a, b and s (for the server)."""
    with (
        TemporaryDirectory(prefix="bench-net-") as directory,
        ImpairedNetwork(Path(directory), ("a", "b", "s")) as network,
    ):
        yield network
