"""The cards, the network and the clocks of one launch, whoever is to call there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.bench.network import ImpairedNetwork
from tests.bench.pulse import PulseBench, Recording
from tests.benchmarks.scenarios import Scenario
from tests.benchmarks.wifi import Moment

Place = Literal["talker", "listener", "server"]

# The number of a place's card; the server's has none.
STATION: dict[Place, int] = {"talker": 0, "listener": 1}
_NAMESPACE: dict[Place, str] = {"talker": "a", "listener": "b", "server": "s"}


class Stage:
    """Entered, all is there: a card each for talker and listener, three networks."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.folder = folder
        self._scenario = scenario
        self._exits = ExitStack()
        self.network = ImpairedNetwork(folder, _NAMESPACE.values())
        self.cards = PulseBench(folder / "pulse", stations=2)
        self.far_cards = self.cards
        if scenario.skew_ppm:
            self.far_cards = PulseBench(
                folder / "far", stations=2, skew_ppm=scenario.skew_ppm
            )

    def __enter__(self) -> Self:
        try:
            self._exits.enter_context(self.network)
            self._exits.enter_context(self.cards)
            if self.far_cards is not self.cards:
                self._exits.enter_context(self.far_cards)
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exits.close()

    def address(self, place: Place) -> str:
        """The IPv4 address that the other places reach it by."""
        return self.network.address(_NAMESPACE[place])

    def command(self, place: Place, *command: str) -> list[str]:
        """`command`, to be run in the network and with the card of that place."""
        assignments = [f"{k}={v}" for k, v in self._environment(place).items()]
        return self.network.command(_NAMESPACE[place], "env", *assignments, *command)

    @contextmanager
    def impaired(self) -> Iterator[None]:
        """Let the scenario happen to what arrives at both stations."""
        scenario, stopping = self._scenario, threading.Event()
        links = _NAMESPACE["talker"], _NAMESPACE["listener"]
        self.network.impair(
            *links,
            direction="down",
            seed=scenario.seed,
            **asdict(scenario.impairment),
        )
        tracing = threading.Thread(target=self._follow, args=(scenario.trace, stopping))
        tracing.start()
        try:
            yield
        finally:
            stopping.set()
            tracing.join()

    def _follow(self, trace: tuple[Moment, ...], stopping: threading.Event) -> None:
        began_at = time.monotonic()
        for moment in trace:
            if stopping.wait(max(0.0, began_at + moment.at_s - time.monotonic())):
                return
            self.network.impair(
                _NAMESPACE["talker"],
                _NAMESPACE["listener"],
                direction="down",
                **asdict(moment.impairment),
            )

    @contextmanager
    def recorded(self) -> Iterator[tuple[Recording, Recording]]:
        """What mouth and ear hear; the same recording twice without skew."""
        with self.cards.record() as near:
            if self.far_cards is self.cards:
                yield near, near
                return
            with self.far_cards.record() as far:
                yield near, far

    def _environment(self, place: Place) -> dict[str, str]:
        if place == "server":
            return {}
        cards = self.far_cards if place == "listener" else self.cards
        station = STATION[place]
        return cards.environment() | {
            "PULSE_SOURCE": f"mic{station}",
            "PULSE_SINK": f"spk{station}",
        }
