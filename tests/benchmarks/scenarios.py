"""What the network and the clocks do to a call: the columns of the bench."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.hub import Impairment
from tests.benchmarks.wifi import TRACE, Moment


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way in which a call is made hard.

    The impairment is that of what arrives at either station, so that a packet
    meets it once: over a server, too. `skew_ppm` is how much the listener's card
    runs faster than the talker's. `trace` replaces the impairment moment by moment.
    """

    name: str
    title: str
    impairment: Impairment = field(default_factory=Impairment)
    skew_ppm: float = 0.0
    trace: tuple[Moment, ...] = ()
    delay_ms: float = 0.0

    @property
    def seed(self) -> int:
        """Of the losses: the same in every launch of every peer."""
        return 5


CLEAN = Scenario("clean", "clean")
LOSS = Scenario("loss10", "10 % loss", Impairment(loss=0.1))
BURSTS = Scenario("bursts", "10 % loss in bursts of 3", Impairment(loss=0.1, burst=3))
JITTER = Scenario(
    "jitter",
    "30 ms delay, jitter sd 20 ms",
    Impairment(delay_ms=30, jitter_ms=20),
    delay_ms=30,
)
SCENARIOS = (
    CLEAN,
    LOSS,
    BURSTS,
    JITTER,
    Scenario("fast", "listener's card +500 ppm", skew_ppm=500),
    Scenario("slow", "listener's card -500 ppm", skew_ppm=-500),
    Scenario("wifi", "Wi-Fi trace", trace=TRACE),
)
