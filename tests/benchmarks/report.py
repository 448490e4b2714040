"""Rows and verdicts as Markdown, for docs/performance.md and for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.benchmarks.machine import Machine
from tests.benchmarks.rows import Row, Rows
from tests.benchmarks.scenarios import SCENARIOS
from tests.benchmarks.targets import Verdict

BEGIN = "<!-- made by make bench: begin -->"
END = "<!-- made by make bench: end -->"
_HEAD = (
    "peer",
    "mouth to ear, ms",
    "range",
    "PESQ",
    "STOI",
    "CPU of a station; server",
    "PSS of a station; server, MB",
    "load; PSI",
    "launches",
)
_PICTURES = (
    "![mouth to ear](bench-latency.png)\n"
    "![speech](bench-speech.png)\n"
    "![CPU](bench-cpu.png)"
)


def report(machine: Machine, rows: Rows, verdicts: Iterable[Verdict]) -> str:
    """The whole generated part, without its marks."""
    parts = [str(machine), targets_table(verdicts), _PICTURES]
    for scenario in SCENARIOS:
        of_it = [row for row in rows.values() if row.scenario == scenario.name]
        if of_it:
            parts.append(f"### {_sentence(scenario.title)}")
            parts.append(rows_table(of_it))
            parts += _remarks(of_it)
    return "\n\n".join(parts)


def rows_table(rows: Sequence[Row]) -> str:
    """One line a peer. What is invalid is struck out, and still there."""
    return _table(_HEAD, [_cells(row) for row in rows])


def targets_table(verdicts: Iterable[Verdict]) -> str:
    """Wanted, found, missed by."""
    lines = []
    for verdict in verdicts:
        target, missed = verdict.target, verdict.missed_by
        found = "not measured"
        if verdict.found is not None:
            found = f"{verdict.found:g}{target.unit}"
        told = "" if missed is None else f"{missed:g}{target.unit}" if missed else "-"
        lines.append((target.name, target.wanted, found, told))
    return _table(("", "wanted", "found", "missed by"), lines)


def inserted(page: str, generated: str) -> str:
    """The page with what is between the marks replaced; a new one for ""."""
    page = page or f"{BEGIN}{END}\n"
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks the lines '{BEGIN}' and '{END}'")
    return f"{before}{BEGIN}\n\n{generated}\n\n{END}{after}"


def _cells(row: Row) -> tuple[str, ...]:
    first, *figures = (
        row.peer,
        _told(row.m2e_ms, ".1f"),
        f"{row.m2e_range_ms[0]:.1f} to {row.m2e_range_ms[1]:.1f}"
        if row.m2e_range_ms
        else "-",
        _told(row.pesq, ".2f") + (" *" if row.speech_of != row.peer else ""),
        _told(row.stoi, ".3f"),
        _with_server(row.cpu, row.server_cpu, ".3f"),
        _with_server(row.pss_mb, row.server_pss_mb, ".0f"),
        f"{_told(row.load, '.1f')}; {_told(row.psi, '.2f')}",
    )
    if not row.valid:
        figures = [f"~~{figure}~~" for figure in figures]
    invalid = f", {row.invalid_launches} invalid" if row.invalid_launches else ""
    return (first, *figures, f"{row.launches}{invalid}")


def _remarks(rows: Sequence[Row]) -> list[str]:
    remarks = [
        f"{row.peer}: {'; '.join(sorted(set(row.faults)))}."
        for row in rows
        if row.faults
    ]
    return ["Invalid launches: " + " ".join(remarks)] if remarks else []


def _with_server(station: float | None, server: float | None, form: str) -> str:
    told = _told(station, form)
    return told if server is None else f"{told}; {_told(server, form)}"


def _told(figure: float | None, form: str) -> str:
    return "-" if figure is None else format(figure, form)


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *lines))


def _sentence(title: str) -> str:
    return title[:1].upper() + title[1:]
