"""Which launches a run consists of, in which order, and how long they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.peers.baresip import BARESIP
from tests.benchmarks.peers.chromium import CHROMIUM, CHROMIUM_RAW
from tests.benchmarks.peers.intercomd import INTERCOMD
from tests.benchmarks.peers.mumble import MUMBLE
from tests.benchmarks.peers.peer import Peer
from tests.benchmarks.rows import UNPROCESSED
from tests.benchmarks.scenarios import BURSTS, CLEAN, JITTER, LOSS, Scenario

PEERS = (INTERCOMD, CHROMIUM, CHROMIUM_RAW, BARESIP, MUMBLE)
QUICK_PEERS = (INTERCOMD, CHROMIUM)

# Without its processing a peer is only asked where its speech is compared.
_COMPARED = (CLEAN, LOSS, BURSTS, JITTER)
LAUNCH_S = 29.5
"""What one launch takes: 23 s of script, and beginning and ending it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One launch to be made."""

    round: int
    peer: Peer
    scenario: Scenario


def plan(
    peers: Sequence[Peer],
    scenarios: Sequence[Scenario],
    *,
    launches: int,
) -> Iterator[Cell]:
    """Round by round, scenario by scenario: the peers side by side, never in a block.

    What changes in the machine so meets all of them. From the second round on the
    peers take turns in being the first.
    """
    for turn in range(launches):
        for scenario in scenarios:
            for place in range(len(peers)):
                peer = peers[(place + turn) % len(peers)]
                if peer.name in UNPROCESSED.values() and scenario not in _COMPARED:
                    continue
                if turn < launches - 1 or launches == 1 or peer.every_round:
                    yield Cell(turn, peer, scenario)


def minutes(cells: Sequence[Cell]) -> float:
    """How long they take."""
    return len(cells) * LAUNCH_S / 60
