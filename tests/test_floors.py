"""The floors of the house: who may import whom, checked by import-linter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-logo", "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_import_goes_down() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_floor_nobody_planned_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    house = tmp_path / "intercomd"
    house.mkdir()
    for part in (ROOT / "intercomd").iterdir():
        (house / part.name).symlink_to(part)
    (house / "utils").mkdir()
    (house / "utils" / "__init__.py").touch()
    done = lint(tmp_path)
    assert done.returncode != 0
    assert "intercomd.utils" in done.stdout
