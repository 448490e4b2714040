"""`intercomd fleet`: look into a file of many stations."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable

import yaml

from intercomd.domain.document import KeyPath, dotted
from intercomd.fleet.check import load_checked
from intercomd.fleet.fleet import Explained, Fleet


def main(arguments: argparse.Namespace) -> int:
    """Returns 0; what is wrong with the file is raised."""
    if arguments.action == "check":
        fleet = load_checked(arguments.fleet)
        print(f"{arguments.fleet}: {len(fleet.entries)} stations, without mistakes")
    elif arguments.action == "list":
        _list(Fleet.load(arguments.fleet))
    else:
        _show(
            Fleet.load(arguments.fleet), arguments.name, is_explained=arguments.explain
        )
    return os.EX_OK


def _list(fleet: Fleet) -> None:
    for name, entry in fleet.entries.items():
        marks = ", ".join(f"{mark.value} {text}" for mark, text in entry.marks.items())
        groups = f" in {', '.join(entry.groups)}" if entry.groups else ""
        print(f"{name}{groups}: {marks or f'hostname {name.lower()}'}")


def _show(fleet: Fleet, name: str, *, is_explained: bool) -> None:
    if is_explained:
        _explain(list(fleet.explained(name)), fleet.document.name)
    else:
        print(_yaml(fleet.layered(name).value), end="")
    fleet.config(name)  # what is wrong with it is told below


def _explain(settings: Iterable[Explained], file: str) -> None:
    told = [(_setting(item.path, item.value), item) for item in settings]
    width = max(len(text) for text, _ in told)
    for text, item in told:
        print(f"{text:<{width}}  # {item.layer}, {file}:{item.line}")


def _setting(path: KeyPath, value: object) -> str:
    return (
        f"{dotted(path)}: {_yaml(value, flow=True).strip().removesuffix('...').strip()}"
    )


def _yaml(value: object, *, flow: bool = False) -> str:
    text: str = yaml.safe_dump(
        value, default_flow_style=flow, sort_keys=False, allow_unicode=True, width=1000
    )
    return text
