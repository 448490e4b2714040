"""The JSON Schemas say what the readers of the YAML files say."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from intercomd.cli.main import main

CONFIG = Path(__file__).parents[2] / "config"


def validator(kind: str, capsys: pytest.CaptureFixture[str]) -> Draft202012Validator:
    assert main(["schema", kind]) == os.EX_OK
    told = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(told)
    return Draft202012Validator(told)


def sample(name: str) -> Any:
    return yaml.safe_load((CONFIG / name).read_text())


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("station", "station.yaml"),
        ("station", "button.yaml"),
        ("server", "server.yaml"),
        ("fleet", "fleet.yaml"),
    ],
)
def test_the_samples_are_valid(
    kind: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not list(validator(kind, capsys).iter_errors(sample(name)))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"romo": {}}, []),
        ({"room": {}}, ["room"]),
        ({"talk": {"mode": "loud"}}, ["talk", "mode"]),
        ({"talk": {"tail_ms": -1}}, ["talk", "tail_ms"]),
        ({"keys": [{"pin": 17}]}, ["keys", 0]),
        ({"lights": 3}, ["lights"]),
    ],
)
def test_what_check_refuses_an_editor_underlines(
    change: dict[str, object], place: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = sample("station.yaml") | change
    errors = list(validator("station", capsys).iter_errors(wrong))
    assert [list(error.absolute_path) for error in errors] == [place]
