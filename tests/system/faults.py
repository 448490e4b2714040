"""What befalls a site in the chaos test, and within what time it is to be over.

A fault lasts a while or, as a new address, is there to stay. Its bound is the time of
the rung that mends it, from its end (or, if it stays, from its beginning) until there
is sound at every ear.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench.network import ImpairedNetwork
from tests.bench.pulse import PulseBench
from tests.system.site import Site

NAMESPACES = ("a", "b")
_HOSTS = 200
_FIRST_HOST = 20


@dataclass(slots=True)
class Scene:
    """Where faults happen: station i is in namespace i and has the bench's card i."""

    bench: PulseBench
    network: ImpairedNetwork
    site: Site
    addresses_taken: int = 0

    def take_new_address(self, station: int) -> None:
        """Never one that was used just before."""
        host = _FIRST_HOST + self.addresses_taken % _HOSTS
        self.addresses_taken += 1
        self.network.readdress(NAMESPACES[station], host)


Act = Callable[[Scene, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault; `begin` and `end` take the station that it befalls.

    lasts_s  the shortest and the longest; None for one that stays
    """

    name: str
    rung: str
    bound_s: float
    lasts_s: tuple[float, float] | None
    begin: Act
    end: Act = lambda scene, station: None


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault at a station, for so long."""

    fault: Fault
    station: int
    lasts_s: float


def blows(seed: int) -> Iterator[Blow]:
    """The same for the same seed; no kind comes twice before all have come once."""
    chance = random.Random(seed)
    while True:
        for fault in chance.sample(FAULTS, len(FAULTS)):
            lasts_s = chance.uniform(*fault.lasts_s) if fault.lasts_s else 0.0
            yield Blow(fault, chance.randrange(len(NAMESPACES)), lasts_s)


def _impair(
    loss: float = 0.0, loss_of_others: float = 0.0, delay_ms: float = 0.0
) -> Act:
    """`loss` is of UDP alone; what is not given is as it should be."""

    def act(scene: Scene, station: int) -> None:
        scene.network.impair(
            NAMESPACES[station],
            loss=loss,
            loss_of_others=loss_of_others,
            delay_ms=delay_ms,
        )

    return act


def _kill(scene: Scene, station: int) -> None:
    del station
    scene.site.server.kill()


def _stop(scene: Scene, station: int) -> None:
    del station
    scene.site.server.stop()


def _restart(scene: Scene, station: int) -> None:
    del station
    scene.site.start_server()


REOPEN = "reopen the card"
CARRY_ON = "carry on"
MIGRATE = "migrate the path"
RECONNECT = "new media connection"
RESUME = "resume the session"
REJOIN = "log in anew"

FAULTS = (
    Fault(
        "card unplugged",
        REOPEN,
        2.0,
        (0.5, 2.5),
        lambda scene, station: scene.bench.unplug(station),
        lambda scene, station: scene.bench.plug(station),
    ),
    Fault(
        "card stalled",
        REOPEN,
        2.0,
        (0.2, 2.5),
        lambda scene, station: scene.bench.suspend(station=station),
        lambda scene, station: scene.bench.resume(station=station),
    ),
    Fault(
        "30 % of all datagrams lost",
        CARRY_ON,
        1.0,
        (1.0, 3.0),
        _impair(loss=0.3),
        _impair(),
    ),
    Fault(
        "150 ms more each way",
        CARRY_ON,
        1.0,
        (1.0, 3.0),
        _impair(delay_ms=150.0),
        _impair(),
    ),
    Fault(
        "network gone, for less than a second",
        CARRY_ON,
        1.0,
        (0.2, 0.5),
        _impair(loss=1.0, loss_of_others=1.0),
        _impair(),
    ),
    Fault(
        "new address",
        MIGRATE,
        2.0,
        None,
        lambda scene, station: scene.take_new_address(station),
    ),
    Fault(
        "only UDP blocked, briefly",
        MIGRATE,
        2.0,
        (0.7, 1.8),
        _impair(loss=1.0),
        _impair(),
    ),
    Fault(
        "only UDP blocked",
        RECONNECT,
        6.0,
        (2.5, 6.0),
        _impair(loss=1.0),
        _impair(),
    ),
    Fault(
        "only TCP blocked",
        RESUME,
        1.0,
        (1.0, 6.0),
        _impair(loss_of_others=1.0),
        _impair(),
    ),
    Fault(
        "network gone",
        RECONNECT,
        6.0,
        (2.0, 6.0),
        _impair(loss=1.0, loss_of_others=1.0),
        _impair(),
    ),
    Fault(
        "server stopped and continued",
        RECONNECT,
        6.0,
        (0.3, 5.0),
        lambda scene, station: scene.site.server.signal(signal.SIGSTOP),
        lambda scene, station: scene.site.server.signal(signal.SIGCONT),
    ),
    Fault(
        "server killed",
        REJOIN,
        3.0,
        (0.0, 3.0),
        _kill,
        _restart,
    ),
    Fault(
        "server restarted",
        REJOIN,
        3.0,
        (0.0, 1.0),
        _stop,
        _restart,
    ),
    Fault(
        "station stopped and continued",
        RECONNECT,
        6.0,
        (0.3, 4.0),
        lambda scene, station: scene.site.stations[station].signal(signal.SIGSTOP),
        lambda scene, station: scene.site.stations[station].signal(signal.SIGCONT),
    ),
)
"""Every kind."""
