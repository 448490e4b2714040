"""Pins that nobody asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.processes import PROJECT


def test_a_station_without_pins_leaves_nothing_in_its_working_folder(
    tmp_path: Path,
) -> None:
    subprocess.run(
        [sys.executable, "-c", "import intercomd.station.panel"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(PROJECT)},
        check=True,
        timeout=60,
    )
    assert list(tmp_path.iterdir()) == []
