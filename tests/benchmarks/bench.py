"""intercomd beside Chromium, baresip and Mumble: `make bench ARGS="--help"`.

Interleaved launches on the same virtual cards and the same bad network, so that
ratios within one run mean something; absolute figures are of this machine.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.processes import PROJECT
from tests.bench.unavailable import BenchUnavailable
from tests.benchmarks import results
from tests.benchmarks.launch import Launch, faults
from tests.benchmarks.machine import Machine, machine
from tests.benchmarks.measure import check_machine, measured
from tests.benchmarks.peers.peer import Peer
from tests.benchmarks.plan import LAUNCH_S, PEERS, QUICK_PEERS, Cell, minutes, plan
from tests.benchmarks.plots import draw
from tests.benchmarks.report import inserted, report, rows_table
from tests.benchmarks.rows import rows
from tests.benchmarks.scenarios import CLEAN, LOSS, SCENARIOS
from tests.benchmarks.targets import verdicts

_QUICK_WITHIN_S = 160.0
_LAUNCHES = 3
_ATTEMPTS = 2
_EX_UNAVAILABLE = 69


def main() -> int:
    """Measure, print, and for a full run write docs/."""
    # So that networks, cards and browsers end, too, when it is ended.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    chosen = _arguments()
    try:
        return _run(chosen)
    except BenchUnavailable as error:
        print(f"intercomd bench: {error}", file=sys.stderr)
        return _EX_UNAVAILABLE


def _run(chosen: argparse.Namespace) -> int:
    check_machine()
    peers = _present(_peers(chosen))
    cells = _cells(chosen, peers)
    here = machine(peers)
    print(
        f"{here}\n{len(cells)} launches, "
        f"about {minutes(cells):.0f} minutes if none is invalid."
    )
    launches = _launched(chosen, cells, here)
    found = rows(launches)
    told = verdicts(found)
    for scenario in SCENARIOS:
        if of_it := [row for row in found.values() if row.scenario == scenario.name]:
            print(f"\n{scenario.title}\n{rows_table(of_it)}")
    print("\n" + "\n".join(map(str, told)))
    if chosen.docs:
        page = chosen.docs / "performance.md"
        old = page.read_text() if page.exists() else ""
        page.write_text(inserted(old, report(here, found, told)))
        draw(found, chosen.docs)
        results.write(chosen.docs / "bench.json", here, launches)
        print(f"\nwritten: {page}, bench.json and bench-*.png beside it")
    return 0


def _launched(
    chosen: argparse.Namespace, cells: Sequence[Cell], here: Machine
) -> list[Launch]:
    """Every launch, those of an earlier run first; an invalid one is tried again."""
    path: Path | None = chosen.json
    launches = results.read(path) if chosen.resume and path and path.exists() else []
    until = time.monotonic() + (_QUICK_WITHIN_S if chosen.quick else math.inf)
    for place, cell in enumerate(cells):
        others_s = LAUNCH_S * (len(cells) - place - 1)
        for attempt in range(_ATTEMPTS):
            late = time.monotonic() + LAUNCH_S + others_s > until
            if _is_done(cell, launches) or (attempt and late):
                break
            launches.append(measured(cell.peer, cell.scenario))
            print(_line(launches[-1]), flush=True)
            if path:
                results.write(path, here, launches)
    return launches


def _is_done(cell: Cell, launches: Sequence[Launch]) -> bool:
    """Whether it has as many valid launches as it should have after its round."""
    valid = [
        launch
        for launch in launches
        if (launch.peer, launch.scenario) == (cell.peer.name, cell.scenario.name)
        and not faults(launch)
    ]
    return len(valid) > cell.round


def _line(launch: Launch) -> str:
    told = "; ".join(faults(launch))
    return (
        f"{launch.peer:13} {launch.scenario:7} m2e {launch.m2e_ms} ms, "
        f"PESQ {launch.pesq}, STOI {launch.stoi}, CPU {launch.cpu}"
        f"{f'  INVALID: {told}' if told else ''}"
    )


def _cells(chosen: argparse.Namespace, peers: Sequence[Peer]) -> list[Cell]:
    if chosen.quick:
        return list(plan(peers, (CLEAN, LOSS), launches=1))
    scenarios = [each for each in SCENARIOS if each.name in chosen.scenarios]
    return list(plan(peers, scenarios, launches=chosen.launches))


def _peers(chosen: argparse.Namespace) -> list[Peer]:
    if chosen.quick:
        return list(QUICK_PEERS)
    return [peer for peer in PEERS if peer.name in chosen.peers]


def _present(peers: Sequence[Peer]) -> list[Peer]:
    """Those that can be measured here; of the others it says why not, once."""
    for sentence in dict.fromkeys(filter(None, (peer.missing() for peer in peers))):
        print(f"intercomd bench: {sentence}", file=sys.stderr)
    return [peer for peer in peers if peer.missing() is None]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    all_peers = [peer.name for peer in PEERS]
    all_scenarios = [scenario.name for scenario in SCENARIOS]
    parser.add_argument(
        "--quick",
        action="store_true",
        help="intercomd and Chromium only, clean and 10 %% loss, within 3 minutes",
    )
    parser.add_argument(
        "--launches",
        type=int,
        default=_LAUNCHES,
        help=f"fresh launches of each call; default {_LAUNCHES}; where there are more "
        "than one, baresip, Mumble and unprocessed Chromium have one less",
    )
    parser.add_argument("--peers", nargs="+", choices=all_peers, default=all_peers)
    parser.add_argument(
        "--scenarios", nargs="+", choices=all_scenarios, default=all_scenarios
    )
    parser.add_argument("--json", type=Path, help="where all figures go")
    parser.add_argument(
        "--resume", action="store_true", help="go on with what --json names"
    )
    parser.add_argument(
        "--docs", type=Path, help="the folder that gets page, pictures and bench.json"
    )
    chosen = parser.parse_args()
    whole = chosen.peers == all_peers and chosen.scenarios == all_scenarios
    if whole and not chosen.quick and chosen.docs is None:
        chosen.docs = PROJECT / "docs"
    return chosen


if __name__ == "__main__":
    sys.exit(main())
