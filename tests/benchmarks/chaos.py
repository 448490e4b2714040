"""Chaos: faults of cards, network, server and station, and the time each took to mend.

`python -m tests.benchmarks.chaos --faults 200 --seed 1`. The cards are real ALSA, the
network and the processes are real; 200 faults take about 20 minutes. Exits with 0 only
if there was sound after every fault within its bound, no station ended, and none grew.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import groupby, islice
from pathlib import Path
from statistics import median

from tests.bench.network import ImpairedNetwork
from tests.bench.pulse import PulseBench
from tests.system.chaos import Ordeal, Survived, ends, growth, ordeal
from tests.system.faults import blows


def main() -> int:
    """Run, and print a table of rungs and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="of the seed's faults")
    parser.add_argument("--json", type=Path, help="add every fault's time to this file")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    wanted = islice(
        blows(arguments.seed), arguments.first, arguments.first + arguments.faults
    )
    with ExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        bench = exits.enter_context(PulseBench(folder / "p", stations=2))
        network = exits.enter_context(ImpairedNetwork(folder, ("a", "b", "s")))
        suffered = ordeal(folder, bench, network, wanted, _tell)
    if arguments.json is not None:
        with arguments.json.open("a") as rows:
            rows.writelines(_row(each) + "\n" for each in suffered.survived)
    print(table(suffered.survived))
    print("\n".join(_remarks(suffered)))
    return 0 if _has_held(suffered) else 1


def table(survived: Iterable[Survived]) -> str:
    """One line a kind of fault: how often, and how long until there was sound."""
    lines = [
        "| rung | fault | count | p50 s | max s | bound s |",
        "|---|---|---|---|---|---|",
    ]
    by_kind = sorted(survived, key=_kind)
    for (rung, name), each in groupby(by_kind, _kind):
        alike = list(each)
        times = [one.silent_s for one in alike]
        bound_s = alike[0].blow.fault.bound_s
        lines.append(
            f"| {rung} | {name} | {len(times)} | {median(times):.2f} "
            f"| {max(times):.2f} | {bound_s:.1f} |"
        )
    return "\n".join(lines)


def _kind(survived: Survived) -> tuple[str, str]:
    return survived.blow.fault.rung, survived.blow.fault.name


def _remarks(suffered: Ordeal) -> Iterable[str]:
    for trace in filter(None, suffered.traces):
        first, last = ends(trace)
        yield f"held in the first third of the faults: {first}"
        yield f"held in the last third of the faults:  {last}"
    yield f"stations that ended: {suffered.exits}"
    yield from suffered.said if not _has_held(suffered) else ()


def _has_held(suffered: Ordeal) -> bool:
    return (
        all(each.is_within_bound for each in suffered.survived)
        and not (suffered.exits or suffered.has_failed_inside)
        and not growth(suffered)
    )


def _tell(survived: Survived) -> None:
    blow = survived.blow
    verdict = "" if survived.is_within_bound else f"  LATE, bound {blow.fault.bound_s}"
    print(
        f"{blow.fault.name} (station {blow.station}, {blow.lasts_s:.1f} s): "
        f"{survived.silent_s:.2f} s{verdict}",
        file=sys.stderr,
        flush=True,
    )


def _row(survived: Survived) -> str:
    rung, name = _kind(survived)
    return json.dumps(
        {
            "rung": rung,
            "fault": name,
            "lasts_s": survived.blow.lasts_s,
            "silent_s": survived.silent_s,
            "bound_s": survived.blow.fault.bound_s,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
