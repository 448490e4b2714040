"""Wrong files, and word for word what `intercomd check` says of them.

Each file of wrong_configs/ begins with that, one line for each sentence, from the
line number on. A new one needs no code.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from intercomd.cli.main import main

FOLDER = Path(__file__).parent / "wrong_configs"
FILES = sorted(FOLDER.glob("*/*.yaml"))
MARK = "# told: "


def told_in(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]


@pytest.mark.parametrize(
    "file", [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in FILES]
)
def test_each_wrong_file_is_told_what_is_wrong_with_it(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    for kind in (["--kind", file.parent.name], []):  # given, and told by its keys
        assert main(["check", *kind, file.name]) == os.EX_CONFIG
        out, err = capsys.readouterr()
        assert out == ""
        assert err.splitlines() == [f"{file.name}:{told}" for told in told_in(file)]


def test_there_are_wrong_files_of_every_kind() -> None:
    kinds = [path.parent.name for path in FILES]
    assert set(kinds) == {"station", "server", "fleet"}
    assert len(kinds) >= 60
    assert all(told_in(path) for path in FILES)
