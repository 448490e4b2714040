"""docs/errors.md is what its generator makes, and holds every code once."""

from __future__ import annotations

import re
from pathlib import Path

from intercomd.domain.errors import ErrorCode
from tests.domain.errors_page import page

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: python -m tests.domain.errors_page > docs/errors.md"
    )


def test_every_code_but_success_is_on_the_page_once() -> None:
    told = [int(code) for code in re.findall(r"(?m)^\| (\d+) \|", page())]
    assert told == [code for code in ErrorCode if code is not ErrorCode.SUCCESS]
