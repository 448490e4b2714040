"""The rows as pictures, small enough to live beside the page that shows them."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot

from tests.benchmarks.rows import Row, Rows
from tests.benchmarks.scenarios import SCENARIOS

_SIZE_INCHES = (8.0, 3.2)
_DPI = 80
_TITLES = {
    "m2e_ms": ("latency", "mouth to ear, ms (lines: range over launches)"),
    "pesq": ("speech", "speech at the ear, PESQ-WB"),
    "cpu": ("cpu", "CPU of a station, s per s"),
}


def draw(rows: Rows, folder: Path) -> list[Path]:
    """Write one picture for each figure; returns their files."""
    return [
        _draw(rows, field, title, folder / f"bench-{name}.png")
        for field, (name, title) in _TITLES.items()
    ]


def _draw(rows: Rows, field: str, title: str, path: Path) -> Path:
    peers = list(dict.fromkeys(peer for peer, _ in rows))
    scenarios = [each for each in SCENARIOS if any(s == each.name for _, s in rows)]
    figure, axes = pyplot.subplots(figsize=_SIZE_INCHES, layout="constrained")
    width = 0.8 / len(peers)
    for index, peer in enumerate(peers):
        for column, scenario in enumerate(scenarios):
            row = rows.get((peer, scenario.name))
            height = getattr(row, field) if row else None
            if row is None or height is None:
                continue
            place = column + (index - (len(peers) - 1) / 2) * width
            axes.bar(
                place,
                height,
                width,
                color=f"C{index}",
                alpha=1.0 if row.valid else 0.3,
                hatch="" if row.valid else "//",
                yerr=_range(row, height) if field == "m2e_ms" else None,
            )
        axes.bar(0, 0, color=f"C{index}", label=peer)
    axes.set_xticks(
        range(len(scenarios)), [each.name for each in scenarios], fontsize=8
    )
    axes.set_title(f"{title} (pale: invalid)", fontsize=9)
    figure.legend(loc="outside lower center", fontsize=8, ncols=len(peers))
    figure.savefig(path, dpi=_DPI)
    pyplot.close(figure)
    return path


def _range(row: Row, height: float) -> list[list[float]] | None:
    if row.m2e_range_ms is None:
        return None
    least, most = row.m2e_range_ms
    return [[max(0.0, height - least)], [max(0.0, most - height)]]
