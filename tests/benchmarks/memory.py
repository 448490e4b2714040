"""What a station needs of memory: `python -m tests.benchmarks.memory`.

PSS divides a page by its users, and here two stations and a server are on one machine,
while on its own a station pays for all of them. So it is also read right after the
others have been killed. The stations process their microphones as by default: echo
control is on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from tests.bench.pulse import PulseBench
from tests.bench.signals import SAMPLE_RATE_HZ
from tests.bench.speech import speech
from tests.benchmarks.machine import machine
from tests.benchmarks.peers.intercomd import INTERCOMD
from tests.system.site import Site

_SENTENCE = "The visitor is waiting at the north gate. Please open the door."


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of duplex speech")
    seconds = parser.parse_args().seconds
    here = machine([INTERCOMD])
    voice = np.resize(speech(_SENTENCE), seconds * SAMPLE_RATE_HZ)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        PulseBench(Path(folder) / "pulse", stations=2) as bench,
        Site(Path(folder), bench, processing={}) as site,
    ):
        bench.play_together({0: voice, 1: voice})
        station, other = site.stations
        together_mb, rss_mb = station.pss_mb(), station.rss_mb()
        server_mb = site.server.pss_mb()
        for child in (other, site.server):
            child.kill()
        alone_mb = station.pss_mb()
    told = {
        "seconds_of_speech": seconds,
        "station_pss_mb": round(together_mb, 1),
        "station_pss_alone_mb": round(alone_mb, 1),
        "station_rss_mb": round(rss_mb, 1),
        "server_pss_mb": round(server_mb, 1),
        "wanted": "PSS of a station at most 90 MB",
        "machine": asdict(here),
    }
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
