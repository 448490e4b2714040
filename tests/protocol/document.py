"""docs/protocol.md, read by heading, table and block."""

from __future__ import annotations

import re
from pathlib import Path

TEXT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")

Row = list[str]


def section(heading: str) -> str:
    """What is under a heading, up to the next of any level."""
    parts = re.split(r"(?m)^#+ (.+)$", TEXT)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert heading in sections, f"there is no heading '{heading}'"
    return sections[heading]


def tables(text: str) -> list[list[Row]]:
    """The tables of a text, each without its head."""
    blocks = re.findall(r"(?m)(?:^\|.*\|\n)+", text)
    return [[_cells(line) for line in block.splitlines()[2:]] for block in blocks]


def _cells(line: str) -> Row:
    # A backtick-quoted cell may hold anything but a pipe.
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def block(language: str) -> str:
    (found,) = re.findall(rf"(?s)```{language}\n(.*?)```", TEXT)
    assert isinstance(found, str)
    return found
